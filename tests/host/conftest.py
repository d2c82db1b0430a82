"""The stage of the host tests: one host, and people who stay for all of them."""

from collections.abc import Iterator

import pytest

from tests.chaos.crowd import many_people
from tests.host.host import Host
from tests.support.backends import Postgres, Redis
from tests.support.people import Cast, Person


@pytest.fixture(scope="module")
def database(postgres: Postgres) -> Iterator[str]:
    url = postgres.new_database()
    yield url
    postgres.drop_database(url)


@pytest.fixture(scope="module")
def host(database: str, redis_server: Redis, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    running = Host(database, redis_server.url, tmp_path_factory.mktemp("host"), CHATX_DRAIN_SECONDS="2")
    running.migrate()
    running.begin()
    yield running
    running.end()


@pytest.fixture(scope="module")
def cast(host: Host) -> Iterator[Cast]:
    people = host.cast()
    yield people
    people.goodbye()


@pytest.fixture(scope="module")
def people(cast: Cast) -> list[Person]:
    return many_people(cast, 24)
