"""Database and cache over TLS, as on AWS: their clients check who is there, and still yield to everybody else while they wait."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.support.backends import Postgres, Redis
from tests.support.contract import Contract
from tests.support.people import Cast
from tests.support.server import Server
from tests.support.tls import Authority, Relay, Streams


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@pytest.fixture
def cache(authority: Authority, redis_server: Redis) -> Iterator[Relay]:
    place = urlsplit(redis_server.url)
    relay = Relay(authority, lambda: asyncio.open_connection(place.hostname, place.port))
    yield relay
    relay.stop()


@pytest.fixture
def database(authority: Authority, postgres: Postgres) -> Iterator[Relay]:
    place = urlsplit(postgres.url)
    folder = parse_qs(place.query).get("host", [""])[0]

    async def connect() -> Streams:
        if folder:
            return await asyncio.open_unix_connection(f"{folder}/.s.PGSQL.{place.port or 5432}")
        return await asyncio.open_connection(place.hostname, place.port)

    relay = Relay(authority, connect, asks_first=True)
    yield relay
    relay.stop()


def told(postgres: Postgres, database: Relay, cache: Relay, authority: Authority) -> dict[str, str]:
    """What infra/env.yaml and .ebextensions tell: the database by its parts, both over TLS."""
    place = urlsplit(postgres.new_database())
    return {
        "CHATX_DATABASE_URL": "",
        "CHATX_DATABASE_HOST": "127.0.0.1",
        "CHATX_DATABASE_PORT": str(database.port),
        "CHATX_DATABASE_USER": place.username or "postgres",
        "CHATX_DATABASE_PASSWORD": place.password or "",
        "CHATX_DATABASE_NAME": place.path[1:],
        "CHATX_REDIS_URL": f"rediss://127.0.0.1:{cache.port}/0",
        "PGSSLMODE": "require",
        **authority.environ,
    }


def test_people_on_two_servers_talk(authority: Authority, postgres: Postgres, database: Relay, cache: Relay) -> None:
    settings = told(postgres, database, cache, authority)
    here, there = (Server("", **settings).start() for _ in range(2))
    casts = Cast(here, Contract(here.url)), Cast(there, Contract(there.url))
    alice, bob = casts[0].person("alice").live(), casts[1].person("bob").live()
    room = alice.direct(bob)
    for number in range(20):
        alice.say(room, str(number))
    assert [bob.hears("message:created")["message"]["text"] for _ in range(20)] == [str(number) for number in range(20)]
    assert database.encrypted >= 2
    assert cache.encrypted >= 2
    for cast in casts:
        cast.goodbye()
    assert [server.stop() for server in (here, there)] == [0, 0]


def test_a_cache_that_nobody_vouches_for_is_not_spoken_to(
    authority: Authority, postgres: Postgres, database: Relay, cache: Relay
) -> None:
    stranger = {name: "" for name in authority.environ}
    server = Server("", **told(postgres, database, cache, authority) | stranger, CHATX_ENV="production")
    failed = server.flask("shell", input="from chatx.extensions import redis\nredis.client.ping()\n")
    assert "CERTIFICATE_VERIFY_FAILED" in failed.stderr
