"""`smoke`: two people talk on a real server, or it is said where they could not."""

import socket
import threading
from collections.abc import Iterator
from contextlib import suppress

import pytest

from scripts.deployment import talk
from tests.scripts.conftest import Deployer
from tests.scripts.script import NEW, OLD, Script
from tests.support.backends import Redis, free_port
from tests.support.contract import Contract
from tests.support.people import PASSWORD, Caller
from tests.support.server import Server

STEPS = ["ready", "config", "sign in", "websocket", "polling", "alice to bob", "bob to alice"]


@pytest.fixture
def fresh(fresh_sqlite: str) -> Iterator[Server]:
    """A server whose settings a test chooses before it starts it."""
    server = Server(fresh_sqlite)
    yield server
    if hasattr(server, "process") and server.process.poll() is None:
        assert server.stop() == 0


def passed(output: str) -> list[str]:
    """The steps that went well."""
    return [line[4:17].strip() for line in output.splitlines() if line.startswith("ok  ")]


def test_two_who_sign_up_talk(deployer: Deployer, server: Server) -> None:
    ended = deployer.type("smoke", server.url)
    assert ended.exit_code == 0, ended.output
    assert passed(ended.output) == STEPS
    assert ended.output.endswith(f"{server.url} is well\n")
    assert deployer.calls == []


def test_two_who_are_known_talk_where_registration_is_closed(deployer: Deployer, fresh: Server) -> None:
    fresh.environ["CHATX_REGISTRATION"] = "closed"
    fresh.start()
    for name in ("smoke_alice", "smoke_bob"):
        assert fresh.flask("chatx", "create-user", name, "--password", PASSWORD).returncode == 0
    known = {"SMOKE_ALICE": f"smoke_alice:{PASSWORD}", "SMOKE_BOB": f"smoke_bob:{PASSWORD}"}
    for _ in range(2):
        ended = deployer.type("smoke", fresh.url, env=known)
        assert ended.exit_code == 0, ended.output
        assert passed(ended.output) == STEPS
        assert PASSWORD not in ended.output
    door = Caller(fresh, Contract(fresh.url))
    token = door.post("/auth/login", {"username": "smoke_alice", "password": PASSWORD}).body["access_token"]
    assert [device["name"] for device in door.call("GET", "/auth/devices", token=token).body["items"]] == ["unnamed device"]
    door.leave()

    for known in ({}, {"SMOKE_ALICE": "smoke_alice:a wrong password"}):
        ended = deployer.type("smoke", fresh.url, env=known)
        assert ended.exit_code == 8
        assert "cannot sign in (401). Make them with `flask chatx create-user`" in ended.output


def test_two_who_are_named_are_signed_up_the_first_time(deployer: Deployer, fresh: Server) -> None:
    fresh.start()
    known = ("--alice", f"smoke_alice:{PASSWORD}", "--bob", f"smoke_bob:{PASSWORD}")
    for _ in range(2):
        assert deployer.type("smoke", fresh.url, *known).exit_code == 0


def test_an_environment_is_noted_to_have_passed(deployer: Deployer, script: Script, server: Server) -> None:
    deployer.url = server.url
    script.environment(NEW).environment(NEW)
    ended = deployer.type("smoke", "staging")
    assert ended.exit_code == 0, ended.output
    assert ended.output.endswith(f"{NEW} has passed on staging\n")
    assert deployer.noted("staging") == [("passed", NEW)]


def test_an_environment_that_is_changed_meanwhile_has_not_passed(deployer: Deployer, script: Script, server: Server) -> None:
    deployer.url = server.url
    script.environment(OLD).environment(NEW, "Updating")
    ended = deployer.type("smoke", "staging")
    assert ended.exit_code == 5
    assert f"staging was changed from {OLD} to {NEW} meanwhile" in ended.output
    assert deployer.noted("staging") == []


def test_an_environment_where_they_cannot_talk_has_not_passed(deployer: Deployer, script: Script) -> None:
    script.environment(NEW)
    deployer.url = f"http://127.0.0.1:{free_port()}"
    ended = deployer.type("smoke", "staging", "--patience", "4")
    assert ended.exit_code == 8
    assert f"Error: ready: GET {deployer.url}/readyz is not answered" in ended.output
    assert deployer.clock.time == 4
    assert deployer.noted("staging") == []


def test_a_server_that_lost_its_redis_is_not_ready(deployer: Deployer, fresh: Server) -> None:
    redis = Redis()
    fresh.environ["CHATX_REDIS_URL"] = redis.url
    fresh.start()
    redis.stop()
    ended = deployer.type("smoke", fresh.url, "--patience", "2")
    assert ended.exit_code == 8
    assert "Error: ready: /readyz answers 503: {'status': 'unavailable', 'database': 'ok', 'redis': 'lost'}" in ended.output


def test_two_processes_that_do_not_hear_each_other_are_found_out(
    deployer: Deployer, fresh: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without Redis, behind a balancer that keeps nobody on their process."""
    monkeypatch.setattr(talk, "ANSWER_SECONDS", 3)
    other = Server(fresh.environ["CHATX_DATABASE_URL"])
    balancer = Balancer([fresh.start().port, other.start().port])
    ended = deployer.type("smoke", f"http://127.0.0.1:{balancer.port}")
    assert ended.exit_code == 8
    assert passed(ended.output)[:3] == STEPS[:3]
    assert "by polling" in ended.output.splitlines()[-1]
    balancer.close()
    assert other.stop() == 0


def test_what_is_no_chat_x_is_told(deployer: Deployer, aws) -> None:
    ended = deployer.type("smoke", aws.url, "--patience", "0")
    assert ended.exit_code == 8
    assert ended.output.startswith("Error: ready: /readyz answers ")


@pytest.mark.parametrize("arguments", [("production",), ("localhost:8000",), ("staging", "--alice", "alice")])
def test_wrong_usage_is_told(deployer: Deployer, arguments: tuple[str, ...]) -> None:
    assert deployer.type("smoke", *arguments).exit_code == 2


class Balancer:
    """Hands each connection to the next port, as a load balancer without stickiness does."""

    def __init__(self, ports: list[int]) -> None:
        self._ports, self._sockets = ports, list[socket.socket]()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._accepting = threading.Thread(target=self._accept)
        self._accepting.start()

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._accepting.join()
        for each in (self._listener, *self._sockets):
            each.close()

    def _accept(self) -> None:
        number = 0
        with suppress(OSError):
            while True:
                client = self._listener.accept()[0]
                server = socket.create_connection(("127.0.0.1", self._ports[number % len(self._ports)]))
                number += 1
                self._sockets += [client, server]
                for one, other in ((client, server), (server, client)):
                    threading.Thread(target=_copy, args=(one, other), daemon=True).start()


def _copy(one: socket.socket, other: socket.socket) -> None:
    with suppress(OSError):
        while data := one.recv(65_536):
            other.sendall(data)
        other.shutdown(socket.SHUT_WR)
