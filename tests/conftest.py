"""The stage: one real server over SQLite, one over PostgreSQL and Redis, and people who use them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.aws import Aws
from tests.support.backends import Postgres, Redis
from tests.support.contract import Contract
from tests.support.people import Caller, Cast, Person
from tests.support.server import Server
from tests.support.website import Website, page


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--chaos",
        choices=["short", "long"],
        default="short",
        help="how much is killed in tests/chaos, and replaced in tests/host",
    )


@pytest.fixture
def chaos(request: pytest.FixtureRequest) -> str:
    return request.config.getoption("--chaos")


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    server = Postgres()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def redis_server() -> Iterator[Redis]:
    server = Redis()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def aws() -> Iterator[Aws]:
    server = Aws()
    yield server
    server.stop()


@pytest.fixture(scope="session", params=["sqlite", "postgres"])
def backend(request: pytest.FixtureRequest) -> str:
    """Tests that use it, run once embedded and once with PostgreSQL and Redis."""
    return request.param


@pytest.fixture(scope="session")
def urls(backend: str, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str | None]:
    """(database, Redis) of this backend."""
    if backend == "sqlite":
        return f"sqlite:///{tmp_path_factory.mktemp('sqlite') / 'chatx.db'}", None
    return request.getfixturevalue("postgres").new_database(), request.getfixturevalue("redis_server").url


@pytest.fixture(scope="session")
def website() -> Iterator[Website]:
    """The only web server that the server under test may ask for pages, since the test allows it."""
    site = Website({"/": page()})
    yield site
    site.close()


@pytest.fixture(scope="session")
def server(urls: tuple[str, str | None], website: Website) -> Iterator[Server]:
    running = Server(*urls, CHATX_LINK_PREVIEW_ALLOWED=f"{website.host}:{website.port}").start()
    yield running
    assert running.stop() == 0
    assert "Traceback" not in running.log()


@pytest.fixture(scope="session")
def contract(server: Server) -> Contract:
    return Contract(server.url)


@pytest.fixture
def cast(server: Server, contract: Contract) -> Iterator[Cast]:
    people = Cast(server, contract)
    yield people
    people.goodbye()


@pytest.fixture
def alice(cast: Cast) -> Person:
    return cast.person("alice")


@pytest.fixture
def bob(cast: Cast) -> Person:
    return cast.person("bob")


@pytest.fixture
def mallory(cast: Cast) -> Person:
    return cast.person("mallory")


@pytest.fixture
def nobody(cast: Cast) -> Caller:
    """Somebody who is not signed in."""
    return cast.stranger()


@pytest.fixture
def fresh_sqlite(tmp_path: Path) -> str:
    """The URL of a SQLite file that does not exist yet."""
    return f"sqlite:///{tmp_path / 'chatx.db'}"


@pytest.fixture
def fresh_database(backend: str, request: pytest.FixtureRequest) -> Iterator[str]:
    """The URL of an empty database of this backend, for a process that a test starts itself."""
    if backend == "sqlite":
        yield request.getfixturevalue("fresh_sqlite")
        return
    postgres: Postgres = request.getfixturevalue("postgres")
    url = postgres.new_database()
    yield url
    postgres.drop_database(url)
