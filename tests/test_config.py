"""Configuration: every default is safe, every wrong value is named, production insists on its secrets."""

import pytest

from config import Config, ConfigError, database_url, load

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


def test_production_listens_to_everybody() -> None:
    assert load(PRODUCTION).HOST == "0.0.0.0"


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
    ],
)
def test_a_wrong_value_is_named(name: str, value: str) -> None:
    with pytest.raises(ConfigError, match=name):
        load({name: value})


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
