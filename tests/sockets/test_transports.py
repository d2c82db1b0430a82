"""The official clients, Python and JavaScript, over long polling, over WebSocket, and over one upgraded to the other."""

import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
import requests
import websocket

from tests.support.people import NAMESPACE, PATIENCE, Person
from tests.support.server import Server

JS = Path(__file__).resolve().parents[1] / "js"
NODE = shutil.which("node") or str(Path(sys.executable).with_name("node"))

# What a client is told to use, and what it must end up with.
WAYS = {
    "long polling": (["polling"], "polling"),
    "websocket": (["websocket"], "websocket"),
    "upgraded": (["polling", "websocket"], "websocket"),
}
ways = pytest.mark.parametrize("way", WAYS)


class JsClient:
    """`tests/js/client.mjs` in a process of its own; everything it says, in order."""

    def __init__(self, url: str, token: str, transports: list[str]) -> None:
        command = [NODE, str(JS / "client.mjs"), url, token, ",".join(transports)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.said: list[dict[str, Any]] = []
        self._taken: list[dict[str, Any]] = []
        self._news = threading.Condition()
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def says(self, what: str, **expected: Any) -> dict[str, Any]:
        """Wait for such a line that was not waited for before."""

        def new() -> list[dict[str, Any]]:
            matches = (line for line in self.said if {**line, "what": what, **expected} == line)
            return [line for line in matches if not any(line is taken for taken in self._taken)]

        with self._news:
            assert self._news.wait_for(new, PATIENCE), f"the client did not say {what} {expected}; it said {self.said}"
            self._taken.append(new()[0])
            return self._taken[-1]

    def ask(self, event: str, payload: dict[str, Any]) -> dict[str, Any]:
        """Send an event; the line of its ack."""
        assert self._process.stdin is not None
        self._process.stdin.write(orjson.dumps([event, payload]) + b"\n")
        self._process.stdin.flush()
        return self.says("ack", event=event)

    def end(self) -> int:
        """Let it go; its exit status."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        status = self._process.wait(PATIENCE)
        self._reader.join(PATIENCE)
        return status

    def _read(self) -> None:
        assert self._process.stdout is not None
        with self._process.stdout as lines:
            for line in lines:
                with self._news:
                    self.said.append(orjson.loads(line))
                    self._news.notify_all()


@pytest.fixture
def js_client(server: Server) -> Iterator[Callable[..., JsClient]]:
    """Connects a JavaScript client with a token over a way."""
    clients: list[JsClient] = []

    def connect(token: str, way: str) -> JsClient:
        clients.append(JsClient(server.url, token, WAYS[way][0]))
        return clients[-1]

    yield connect
    assert [client.end() for client in clients] == [0] * len(clients)


def connected_js(js_client: Callable[..., JsClient], person: Person, way: str) -> JsClient:
    """A JavaScript client that is ready, and upgraded if it is to be."""
    client = js_client(person.token, way)
    client.says("connected")
    ready = client.says("heard", event="ready")
    person.contract.check_event("ready", ready["data"])
    if way == "upgraded":
        client.says("opened", transport="polling")
        client.says("upgraded")
    return client


@ways
def test_the_python_client_sends_and_hears(way: str, alice: Person, bob: Person) -> None:
    transports, expected = WAYS[way]
    room = alice.direct(bob)
    alice.live(*transports)
    bob.live(*transports)
    said = alice.ask("message:send", {"room_id": room, "client_id": "1", "text": f"over {way}"})
    assert bob.hears("message:created", feed=room)["message"] == said
    answer = bob.ask("message:send", {"room_id": room, "client_id": "1", "text": "and back"})
    assert alice.hears("message:created", actor_id=bob.id)["message"] == answer
    assert [person.socket.eio.current_transport for person in (alice, bob)] == [expected] * 2


@ways
def test_the_javascript_client_sends_and_hears(way: str, js_client: Callable[..., JsClient], alice: Person, bob: Person) -> None:
    _, expected = WAYS[way]
    room = alice.direct(bob)
    bob.live()
    client = connected_js(js_client, alice, way)
    line = client.ask("message:send", {"room_id": room, "client_id": "1", "text": f"over {way}"})
    alice.contract.check_ack("message:send", line["ack"])
    assert line["ack"]["ok"]
    assert bob.hears("message:created", feed=room)["message"] == line["ack"]["data"]
    answer = bob.ask("message:send", {"room_id": room, "client_id": "1", "text": "and back"})
    heard = client.says("heard", event="message:created")
    while heard["data"]["actor_id"] != bob.id:
        heard = client.says("heard", event="message:created")
    alice.contract.check_event("message:created", heard["data"])
    assert heard["data"]["message"] == answer
    assert [line["transport"], heard["transport"]] == [expected] * 2


@ways
def test_an_event_sent_during_the_upgrade_arrives_once(
    way: str, js_client: Callable[..., JsClient], alice: Person, bob: Person
) -> None:
    room = alice.direct(bob)
    client = js_client(alice.token, way)
    for number in range(20):
        assert client.ask("message:send", {"room_id": room, "client_id": str(number), "text": str(number)})["ack"]["ok"]
    assert [message["text"] for message in bob.history(room)] == [str(number) for number in range(20)]
    heard = [line["data"]["message"]["text"] for line in client.said if line.get("event") == "message:created"]
    assert heard == [str(number) for number in range(20)][-len(heard) :]


def test_a_device_signed_out_elsewhere_is_disconnected_over_every_transport(
    js_client: Callable[..., JsClient], alice: Person
) -> None:
    for way, (transports, _) in WAYS.items():
        device = alice.another_device()
        js = connected_js(js_client, device, way)
        device.live(*transports)
        gone = threading.Event()
        device.socket.on("disconnect", lambda *reason, gone=gone: gone.set(), namespace=NAMESPACE)
        began = time.monotonic()
        assert alice.delete(f"/auth/devices/{device.device_id}").status == 204
        left = js.says("disconnected")
        assert gone.wait(PATIENCE), way
        assert time.monotonic() - began < 1, way
        # Not active: the client does not come back, as it does after a lost connection.
        assert (left["reason"], left["active"]) == ("io server disconnect", False)
        device.leave()
        assert js.end() == 0
        assert "reconnecting" not in [line["what"] for line in js.said]


def test_a_signed_out_client_that_does_not_leave_is_hung_up_on(server: Server, alice: Person) -> None:
    device = alice.another_device()
    address = f"{server.url}/socket.io/?EIO=4&transport"
    wire = websocket.create_connection(f"{address}=websocket".replace("http", "ws", 1), timeout=PATIENCE)
    hello = orjson.dumps({"token": device.token}).decode()
    wire.send(f"40{NAMESPACE},{hello}")
    poll = requests.Session()
    sid = orjson.loads(poll.get(f"{address}=polling", timeout=PATIENCE).text[1:])["sid"]
    poll.post(f"{address}=polling&sid={sid}", data=f"40{NAMESPACE},{hello}", timeout=PATIENCE)
    while "ready" not in wire.recv():
        continue
    while "ready" not in poll.get(f"{address}=polling&sid={sid}", timeout=PATIENCE).text:
        continue
    began = time.monotonic()
    assert alice.delete(f"/auth/devices/{device.device_id}").status == 204
    while wire.recv():
        continue
    while poll.get(f"{address}=polling&sid={sid}", timeout=PATIENCE).status_code == 200:
        continue
    assert time.monotonic() - began < 1
    wire.shutdown()  # close() leaves the socket open once the server has closed it
    poll.close()


@ways
def test_a_refused_javascript_client_gets_the_error_object(
    way: str, js_client: Callable[..., JsClient], server: Server, alice: Person
) -> None:
    refused = js_client("not a token", way).says("refused")
    alice.contract.check_ack("message:send", {"ok": False, "error": refused["data"]})
    assert (refused["data"]["code"], refused["data"]["status"]) == ("unauthenticated", 401)
    assert refused["message"] == refused["data"]["detail"]
    assert not refused["active"]
