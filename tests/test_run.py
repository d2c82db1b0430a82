"""Starting and ending the server as an operator does: what it prints, what stops it, and what it refuses to start with."""

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest
import requests

from tests.support.contract import Contract
from tests.support.people import Cast
from tests.support.server import LONGEST_START, ROOT, Server

LONGEST_END = 5


@pytest.fixture
def own_server(fresh_sqlite: str) -> Iterator[Server]:
    """A server that a test may end."""
    running = Server(fresh_sqlite)
    running.anew = True
    yield running.start()
    if running.process.poll() is None:
        running.process.kill()
        running.process.wait(LONGEST_END)


def run(**settings: str) -> subprocess.CompletedProcess[str]:
    """`python wsgi.py` with these settings, until it gives up."""
    environ = {"PATH": "/usr/bin:/bin", **settings}
    command = [sys.executable, "wsgi.py"]
    return subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, check=False, timeout=LONGEST_START)


def told_in_one_line(ended: subprocess.CompletedProcess[str]) -> str:
    """The one line it ended with, on stderr, with a status that says so."""
    assert ended.returncode == 1
    assert ended.stdout == ""
    assert len(ended.stderr.splitlines()) == 1, ended.stderr
    return ended.stderr


def ends_well(server: Server, number: signal.Signals) -> None:
    server.process.send_signal(number)
    assert server.process.wait(LONGEST_END) == 0, server.log()
    assert "Traceback" not in server.log()


def test_it_prints_where_it_serves(own_server: Server) -> None:
    assert own_server.log().splitlines()[0] == (
        f"Chat-X serves on http://localhost:{own_server.port} (docs at /docs). Ctrl-C ends it."
    )
    assert requests.get(f"http://localhost:{own_server.port}/docs/", timeout=10).status_code == 200


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_an_idle_server(own_server: Server, number: signal.Signals) -> None:
    ends_well(own_server, number)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_a_server_with_clients(own_server: Server, number: signal.Signals) -> None:
    cast = Cast(own_server, Contract(own_server.url))
    over_websocket, over_polling = cast.person("alice").live("websocket"), cast.person("bob").live("polling")
    wire = over_websocket.socket.eio.ws
    over_websocket.say(over_websocket.direct(over_polling))
    over_polling.hears("message:created")
    ends_well(own_server, number)
    deadline = time.monotonic() + LONGEST_END
    while over_websocket.socket.connected or over_polling.socket.connected:
        assert time.monotonic() < deadline, "a client still believes that it is connected"
        time.sleep(0.02)
    cast.goodbye()
    wire.shutdown()  # the Python client leaves it open when it is the server that ends


def test_what_was_answered_is_there_after_a_restart(own_server: Server) -> None:
    contract = Contract(own_server.url)
    alice = Cast(own_server, contract).person("alice")
    notes = alice.direct(alice)
    said = alice.say(notes, "before")
    ends_well(own_server, signal.SIGTERM)
    own_server.start()
    assert alice.history(notes) == [said]


def test_a_port_in_use_is_told_in_one_line(fresh_sqlite: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        told = told_in_one_line(run(PORT=str(port), CHATX_DATABASE_URL=fresh_sqlite))
    assert told.startswith(f"Chat-X cannot listen on 127.0.0.1:{port}: Address already in use.")


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"CHATX_ENV": "staging"}, "CHATX_ENV"),
        ({"PORT": "http"}, "PORT"),
        ({"PORT": "65536"}, "PORT"),
        ({"PORT": "-1"}, "PORT"),
        ({"CHATX_RATE_LIMITS": "maybe"}, "CHATX_RATE_LIMITS"),
        ({"CHATX_DATABASE_URL": "mysql://localhost/chatx"}, "CHATX_DATABASE_URL"),
        ({"CHATX_DATABASE_URL": "chatx.db"}, "CHATX_DATABASE_URL"),
        ({"CHATX_DATABASE_URL": "postgresql"}, "CHATX_DATABASE_URL"),
        ({"CHATX_DATABASE_URL": "postgresql://localhost:port/chatx"}, "CHATX_DATABASE_URL"),
        ({"CHATX_DATABASE_POOL": "many"}, "CHATX_DATABASE_POOL"),
        ({"CHATX_REDIS_URL": "localhost:6379"}, "CHATX_REDIS_URL"),
        ({"CHATX_LOG_LEVEL": "loud"}, "CHATX_LOG_LEVEL"),
        ({"CHATX_REGISTRATION": "maybe"}, "CHATX_REGISTRATION"),
        ({"CHATX_TRUSTED_PROXIES": "yes"}, "CHATX_TRUSTED_PROXIES"),
    ],
)
def test_a_wrong_value_is_named_in_one_line(settings: dict[str, str], named: str) -> None:
    told = told_in_one_line(run(**settings))
    assert told.startswith(f"Chat-X cannot start. {named} ")


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"CHATX_SECRET_KEY": "x" * 32}, "CHATX_DATABASE_URL is missing"),
        ({"CHATX_DATABASE_URL": "postgresql://localhost/chatx"}, "CHATX_SECRET_KEY is missing"),
        ({"CHATX_DATABASE_URL": "postgresql://localhost/chatx", "CHATX_SECRET_KEY": "short"}, "CHATX_SECRET_KEY is too short"),
    ],
)
def test_production_refuses_to_start_without_its_secrets(settings: dict[str, str], told: str) -> None:
    assert told_in_one_line(run(CHATX_ENV="production", **settings)).startswith(f"Chat-X cannot start. {told}")
