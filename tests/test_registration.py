"""A server whose owner closed registration lets nobody in but whom the owner creates."""

from collections.abc import Iterator

import pytest

from tests.support.contract import Contract
from tests.support.people import PASSWORD, Cast
from tests.support.server import Server


@pytest.fixture
def closed(fresh_sqlite: str) -> Iterator[Server]:
    server = Server(fresh_sqlite, CHATX_REGISTRATION="closed").start()
    yield server
    server.stop()


def test_only_the_owner_creates_people_where_registration_is_closed(closed: Server) -> None:
    cast = Cast(closed, Contract(closed.url))
    nobody = cast.stranger()
    assert nobody.get("/config").body["registration"] == "closed"
    body = {"username": "mallory", "password": PASSWORD, "display_name": "Mallory"}
    assert nobody.post("/auth/register", body).code == "forbidden"
    assert closed.flask("chatx", "create-user", "alice", "--password", PASSWORD).returncode == 0
    assert nobody.post("/auth/login", {"username": "alice", "password": PASSWORD}).status == 200
    cast.goodbye()
