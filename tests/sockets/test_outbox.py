"""A client that stops reading: it is closed, may come back and sync, and costs the others nothing."""

import contextlib
import os
import socket
import time
from collections.abc import Callable, Iterator

import orjson
import pytest
import requests
import websocket

from tests.support.contract import Contract
from tests.support.people import NAMESPACE, PATIENCE, Cast, Person
from tests.support.server import Server

OUTBOX = 200_000
TEXT = "x" * 60_000
# More than the outbox, what the writer holds, and what the kernels on both sides take before they say no.
MESSAGES = 90
# Were anybody waited for who does not read, it would be for as long as PATIENCE.
PROMPT = 3


@pytest.fixture(scope="module")
def strict_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    database = f"sqlite:///{tmp_path_factory.mktemp('outbox') / 'chatx.db'}"
    running = Server(database, CHATX_OUTBOX_BYTES=str(OUTBOX)).start()
    yield running
    assert running.stop() == 0
    assert "Traceback" not in running.log()


@pytest.fixture
def cast(strict_server: Server) -> Iterator[Cast]:
    people = Cast(strict_server, Contract(strict_server.url))
    yield people
    people.goodbye()


class Slow:
    """A client that joins over one transport, hears `ready`, and from then on reads nothing."""

    def __init__(self, person: Person, transport: str) -> None:
        self._address = f"{person.server.url}/socket.io/?EIO=4&transport={transport}"
        self._hello = f"40{NAMESPACE},{orjson.dumps({'token': person.token}).decode()}"
        getattr(self, f"_join_over_{transport}")()

    def _join_over_websocket(self) -> None:
        small = [(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)]
        self._wire = websocket.create_connection(self._address.replace("http", "ws", 1), timeout=PATIENCE, sockopt=small)
        self._wire.send(self._hello)
        while "ready" not in self._wire.recv():
            continue

    def _join_over_polling(self) -> None:
        with requests.Session() as poll:
            self._address += "&sid=" + orjson.loads(poll.get(self._address, timeout=PATIENCE).text[1:])["sid"]
            poll.post(self._address, data=self._hello, timeout=PATIENCE)
            while "ready" not in poll.get(self._address, timeout=PATIENCE).text:
                continue

    def reads_on(self) -> str:
        """Read what is left, until the server is found to have gone; how that was told."""
        if "polling" in self._address:
            return str(requests.get(self._address, timeout=PATIENCE).status_code)
        try:
            with contextlib.suppress(websocket.WebSocketConnectionClosedException):
                while self._wire.recv():
                    continue
            return "end"
        except ConnectionResetError:
            return "reset"
        finally:
            self._wire.shutdown()

    def leave(self) -> None:
        if "websocket" in self._address:
            self._wire.shutdown()


def files(server: Server) -> int:
    """How many files and sockets the server has open."""
    return len(os.listdir(f"/proc/{server.process.pid}/fd"))


def wait_until(true: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < deadline, what
        time.sleep(0.01)


@pytest.mark.parametrize(("transport", "told"), [("websocket", {"reset", "end"}), ("polling", {"400"})])
def test_who_stops_reading_is_closed_and_syncs_afterwards(
    transport: str, told: set[str], strict_server: Server, cast: Cast
) -> None:
    alice, bob, carol = cast.person("alice"), cast.person("bob"), cast.person("carol")
    room = alice.group(bob, carol)
    alice.live()
    carol.live()
    cursors = bob.post("/sync").body["cursors"]
    open_before = files(strict_server)
    slow = Slow(bob, transport)
    slowest, said = 0.0, []
    for number in range(MESSAGES):
        began = time.monotonic()
        said.append(alice.ask("message:send", {"room_id": room, "client_id": str(number), "text": TEXT}))
        slowest = max(slowest, time.monotonic() - began)
    assert [carol.hears("message:created", feed=room)["message"]["id"] for _ in said] == [message["id"] for message in said]
    print(f"slowest ack {slowest:.3f} s")
    assert slowest < PROMPT, f"the slowest ack took {slowest:.3f} s"

    full = [line for line in strict_server.log_lines() if line["message"] == "outbox full" and line["actor"] == bob.id]
    assert [(line["level"], line["device"], set(line)) for line in full] == [
        ("warning", bob.device_id, {"at", "level", "message", "actor", "device", "reason"})
    ]
    wait_until(lambda: files(strict_server) <= open_before, "the socket of a client that stopped reading stays open")
    assert slow.reads_on() in told

    bob.live("websocket" if transport == "websocket" else "polling")
    missed, more = [], True
    while more:
        answer = bob.ask("sync", {"cursors": cursors, "limit": 100})
        missed += [change["message"]["id"] for change in answer["changes"] if change["type"] == "message:created"]
        cursors, more = answer["cursors"], answer["has_more"]
    assert missed == [message["id"] for message in said]


def test_one_answer_may_be_larger_than_the_outbox(cast: Cast) -> None:
    alice = cast.person("alice").live()
    notes = alice.direct(alice)
    for _ in range(10):
        alice.say(notes, TEXT)
    page = alice.ask("history", {"room_id": notes, "limit": 10})
    assert sum(len(message["text"]) for message in page["items"]) > OUTBOX
    assert alice.ask("sync")["has_more"] is False
