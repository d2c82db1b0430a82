"""A client that goes on whatever dies: it sends until it is acked, comes back elsewhere, and records all it saw."""

import contextlib
import random
import threading
import time
from typing import Any

import requests
import socketio

from tests.support.ordered import OrderedClient
from tests.support.people import NAMESPACE, PATIENCE, Person, Refused
from tests.support.server import Server

GIVE_UP_AFTER = 120
LOST = (
    socketio.exceptions.SocketIOError,
    requests.RequestException,
    OSError,
    ValueError,
)


class Chatter(threading.Thread):
    """Sends `sends` (room, client_id) one after the other, some twice, over whichever server is there.

    acked: {client_id: message} of the first ack; tried: every client_id that was sent; connections: what was heard on each.
    """

    def __init__(self, person: Person, servers: list[Server], sends: list[tuple[str, str]], seed: int) -> None:
        super().__init__(daemon=True)
        self.person, self.servers, self.sends = person, servers, sends
        self.chance = random.Random(seed)
        self.tried: set[str] = set()
        self.acked: dict[str, dict[str, Any]] = {}
        self.connections: list[list[tuple[str, Any]]] = []
        self.retries = 0
        self.failed: BaseException | None = None
        self._socket: socketio.Client | None = None

    def run(self) -> None:
        try:
            for room, client_id in self.sends:
                repeats = 1 + (self.chance.random() < 0.1)
                for _ in range(repeats):
                    self._send(room, client_id)
        except BaseException as error:
            self.failed = error
        finally:
            self.hang_up()

    def hang_up(self) -> None:
        if self._socket is not None:
            with contextlib.suppress(*LOST):
                self._socket.disconnect()
            self._socket = None

    def connect(self) -> None:
        """To one of the servers, until one accepts."""
        deadline = time.monotonic() + GIVE_UP_AFTER
        while self._socket is None or not self._socket.connected:
            assert time.monotonic() < deadline, "no server came back"
            self.hang_up()
            heard: list[tuple[str, Any]] = []
            client = OrderedClient(reconnection=False)
            client.on("*", lambda event, data, heard=heard: heard.append((event, data)), namespace=NAMESPACE)
            self.person.server = self.chance.choice(self.servers)
            try:
                client.connect(
                    self.person.server.url,
                    namespaces=[NAMESPACE],
                    auth={"token": self.person.token},
                    transports=["websocket"],
                    wait_timeout=PATIENCE,
                )
                self._socket = client
                self.connections.append(heard)
            except LOST:
                time.sleep(self.chance.uniform(0.05, 0.2))

    def _send(self, room: str, client_id: str) -> None:
        payload = {"room_id": room, "client_id": client_id, "text": f"text of {client_id}"}
        deadline = time.monotonic() + GIVE_UP_AFTER
        while True:
            assert time.monotonic() < deadline, f"{client_id} was never acked"
            self.tried.add(client_id)
            try:
                message = self._ask(payload)
            except LOST:
                self.retries += 1
                self.hang_up()
                continue
            message.pop("duplicate", None)
            assert self.acked.setdefault(client_id, message) == message, "a repeat answered with something else"
            return

    def _ask(self, payload: dict[str, Any]) -> dict[str, Any]:
        self.connect()
        assert self._socket is not None
        ack = self._socket.call("message:send", payload, namespace=NAMESPACE, timeout=3)
        if ack["ok"]:
            return ack["data"]
        if ack["error"]["retryable"]:
            time.sleep(0.1)
            raise OSError(ack["error"]["code"])
        raise Refused(ack["error"])
