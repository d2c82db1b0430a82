"""Configuration: every default is safe, every wrong value is named, production insists on its secrets."""

import pytest
from sqlalchemy import make_url

from config import Config, ConfigError, load
from settings import database_url

PRODUCTION = {
    "CHATX_ENV": "production",
    "CHATX_DATABASE_URL": "postgres://chatx:secret@db/chatx",
    "CHATX_SECRET_KEY": "x" * 32,
}

SHARED = {"CHATX_WORKERS": "2", "CHATX_DATABASE_URL": "postgresql://h/d", "CHATX_REDIS_URL": "redis://h"}


def test_development_needs_nothing() -> None:
    config = load({})
    assert (config.ENV, config.HOST, config.PORT, config.REDIS_URL) == ("development", "127.0.0.1", 8000, None)
    assert config.SQLALCHEMY_DATABASE_URI.startswith("sqlite:///")
    assert config.RATE_LIMITS


def test_the_secret_of_a_checkout_stays_the_same() -> None:
    assert load({}).SECRET_KEY == load({}).SECRET_KEY
    assert len(load({}).SECRET_KEY) >= 32


@pytest.mark.parametrize("missing", ["CHATX_DATABASE_URL", "CHATX_SECRET_KEY"])
def test_production_refuses_to_start_without(missing: str) -> None:
    with pytest.raises(ConfigError, match=missing):
        load({name: value for name, value in PRODUCTION.items() if name != missing})


def test_production_refuses_a_short_secret() -> None:
    with pytest.raises(ConfigError, match="CHATX_SECRET_KEY is too short"):
        load(PRODUCTION | {"CHATX_SECRET_KEY": "short"})


def test_production_fetches_from_no_address_of_its_own_network() -> None:
    allowed = {"CHATX_LINK_PREVIEW_ALLOWED": "127.0.0.1:8080, [::1]:81"}
    found = load(allowed).LINK_PREVIEW_ALLOWED
    assert sorted(found) == [("127.0.0.1", 8080), ("::1", 81)]
    with pytest.raises(ConfigError, match="CHATX_LINK_PREVIEW_ALLOWED is for tests"):
        load(PRODUCTION | allowed)
    assert load(PRODUCTION).LINK_PREVIEWS
    assert not load(PRODUCTION).LINK_PREVIEW_ALLOWED


def test_production_listens_to_everybody() -> None:
    assert load(PRODUCTION).HOST == "0.0.0.0"


def test_a_database_can_be_given_by_its_parts() -> None:
    parts = {name: value for name, value in PRODUCTION.items() if name != "CHATX_DATABASE_URL"}
    parts |= {"CHATX_DATABASE_HOST": "db.internal", "CHATX_DATABASE_PASSWORD": "p@ss/w%rd:&?#"}
    assert make_url(load(parts).SQLALCHEMY_DATABASE_URI) == make_url(
        "postgresql+psycopg2://chatx:p%40ss%2Fw%25rd%3A%26%3F%23@db.internal:5432/chatx"
    )
    parts |= {"CHATX_DATABASE_PORT": "6432", "CHATX_DATABASE_NAME": "talk", "CHATX_DATABASE_USER": "me"}
    url = make_url(load(parts).SQLALCHEMY_DATABASE_URI)
    assert (url.username, url.password, url.port, url.database) == ("me", "p@ss/w%rd:&?#", 6432, "talk")


@pytest.mark.parametrize("part", ["CHATX_DATABASE_HOST", "CHATX_DATABASE_PASSWORD"])
def test_a_url_and_a_part_are_too_much(part: str) -> None:
    with pytest.raises(ConfigError, match="both set") as refused:
        load(PRODUCTION | {part: "hunter2"})
    assert "hunter2" not in str(refused.value)


def test_a_password_alone_is_too_little() -> None:
    with pytest.raises(ConfigError, match="CHATX_DATABASE_HOST is missing"):
        load({"CHATX_DATABASE_PASSWORD": "hunter2"})


@pytest.mark.parametrize(
    "spelling", ["postgres://h/d", "postgresql://h/d", "postgresql+psycopg://h/d", "postgresql+psycopg2://h/d"]
)
def test_every_spelling_of_postgresql_means_the_driver_that_yields(spelling: str) -> None:
    assert database_url(spelling) == "postgresql+psycopg2://h/d"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CHATX_ENV", "staging"),
        ("PORT", "eighty"),
        ("PORT", "-1"),
        ("CHATX_WORKERS", "many"),
        ("CHATX_WORKERS", "0"),
        ("CHATX_WORKER_NUMBER", "64"),
        ("CHATX_DATABASE_POOL", "ten"),
        ("CHATX_DATABASE_POOL", "0"),
        ("CHATX_DATABASE_URL", "mysql://h/d"),
        ("CHATX_RATE_LIMITS", "maybe"),
        ("CHATX_LOG_LEVEL", "loud"),
        ("CHATX_REGISTRATION", "sometimes"),
        ("CHATX_TRUSTED_PROXIES", "all"),
        ("CHATX_WORKER", "on"),
        ("CHATX_LINK_PREVIEWS", "maybe"),
        ("CHATX_LINK_PREVIEW_ALLOWED", "localhost:80"),
        ("CHATX_LINK_PREVIEW_ALLOWED", "127.0.0.1"),
        ("CHATX_WORKER_NUMBER", "first"),
        ("CHATX_ARGON2_MEMORY_KIB", "63"),
    ],
)
def test_a_wrong_value_is_named(name: str, value: str) -> None:
    with pytest.raises(ConfigError, match=name):
        load({name: value})


def test_production_hashes_no_password_cheaply() -> None:
    assert load({"CHATX_ARGON2_MEMORY_KIB": "64"}).ARGON2_MEMORY_KIB == 64
    assert load(PRODUCTION | {"CHATX_ARGON2_MEMORY_KIB": "47104"}).ARGON2_MEMORY_KIB == 47_104
    with pytest.raises(ConfigError, match="CHATX_ARGON2_MEMORY_KIB must be a whole number from 19456"):
        load(PRODUCTION | {"CHATX_ARGON2_MEMORY_KIB": "19455"})


@pytest.mark.parametrize("missing", ["CHATX_DATABASE_URL", "CHATX_REDIS_URL"])
def test_many_workers_need_what_they_share(missing: str) -> None:
    assert load(SHARED).WORKERS == 2
    with pytest.raises(ConfigError, match=f"CHATX_WORKERS must be 1 without .*{missing}"):
        load({name: value for name, value in SHARED.items() if name != missing})


def test_each_worker_has_a_port_of_its_own() -> None:
    assert [load(SHARED | {"CHATX_WORKER_NUMBER": number}).PORT for number in ("0", "1")] == [8000, 8001]
    assert load({"PORT": "65535"}).PORT == 65_535
    with pytest.raises(ConfigError, match="PORT must be a whole number from 0 to 65534"):
        load(SHARED | {"PORT": "65535"})


def test_origins_are_a_list() -> None:
    assert load({"CHATX_CORS_ORIGINS": "https://a.example, https://b.example"}).CORS_ORIGINS == [
        "https://a.example",
        "https://b.example",
    ]


def test_capitals_reach_the_application() -> None:
    assert {"PORT", "REDIS_URL", "JWT_SECRET_KEY"} <= {name for name in dir(Config({})) if name.isupper()}
