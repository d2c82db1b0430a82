"""When PostgreSQL goes away: callers are told to try again, the process lives, and all is well when it is back."""

from collections.abc import Iterator

import psycopg2
import pytest
import requests

from tests.support.backends import Postgres
from tests.support.contract import Contract
from tests.support.people import Cast
from tests.support.server import Server


@pytest.fixture
def lonely(postgres: Postgres) -> Iterator[tuple[Server, str]]:
    url = postgres.new_database()
    server = Server(url).start()
    yield server, url
    server.stop()
    postgres.drop_database(url)


def admin(postgres: Postgres, statement: str) -> None:
    connection = psycopg2.connect(postgres.url)
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(statement)
    connection.close()


def test_a_lost_database_is_said_and_survived(postgres: Postgres, lonely: tuple[Server, str]) -> None:
    server, url = lonely
    name = url.split("?")[0].rsplit("/", 1)[1]
    cast = Cast(server, Contract(server.url))
    assert cast.contract.openapi
    alice = cast.person("alice").live()
    notes = alice.direct(alice)
    admin(postgres, f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
    admin(postgres, f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")
    answer = alice.post(f"/rooms/{notes}/messages", {"client_id": "1", "text": "hello?"})
    assert (answer.status, answer.code, answer.body["retryable"]) == (503, "unavailable", True)
    assert answer.headers["Retry-After"] == "1"
    ready = requests.get(f"{server.url}/readyz", timeout=10)
    assert (ready.status_code, ready.json()["database"]) == (503, "lost")
    assert requests.get(f"{server.url}/healthz", timeout=10).status_code == 200
    admin(postgres, f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
    assert alice.ask("message:send", {"room_id": notes, "client_id": "1", "text": "hello?"})["seq"] == 2
    cast.goodbye()
    assert "Traceback" not in server.log()
