"""SIGTERM: not ready at once, everybody told, each let go in their own time, nothing answered by half, and back by themselves."""

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
import socketio

from tests.sockets.test_outbox import Slow
from tests.sockets.test_transports import JsClient
from tests.support.contract import Contract
from tests.support.people import NAMESPACE, Cast, Person
from tests.support.server import Server

LONGEST_END = 10
LONGEST_RETURN = 10
CLIENTS = 30
SPREAD = 2


@pytest.fixture
def spreading(fresh_sqlite: str) -> Iterator[Server]:
    """A server that lets its clients go over two seconds, and closes none for reading slowly; a test ends it."""
    running = Server(fresh_sqlite, CHATX_DRAIN_SECONDS=str(SPREAD), CHATX_OUTBOX_BYTES="100000000")
    running.anew = True
    yield running.start()
    if running.process.poll() is None:
        running.kill()


@pytest.fixture
def cast(spreading: Server) -> Iterator[Cast]:
    people = Cast(spreading, Contract(spreading.url))
    yield people
    people.goodbye()


def ends_well(server: Server, began: float) -> float:
    """Wait for its end, which must be a good one; how long it took."""
    assert server.process.wait(LONGEST_END) == 0
    assert "Traceback" not in server.log()
    return time.monotonic() - began


def eventually(true: Callable[[], Any], patience: float, what: str) -> None:
    deadline = time.monotonic() + patience
    while not true():
        assert time.monotonic() < deadline, what
        time.sleep(0.01)


def terminate(server: Server, number: signal.Signals = signal.SIGTERM) -> float:
    server.process.send_signal(number)
    return time.monotonic()


def test_it_is_not_ready_while_it_drains_and_still_answers(spreading: Server, cast: Cast) -> None:
    alice = cast.person("alice")
    began = terminate(spreading)
    eventually(lambda: requests.get(f"{spreading.url}/readyz", timeout=5).status_code == 503, 1, "it is still ready")
    assert requests.get(f"{spreading.url}/readyz", timeout=5).json()["status"] == "draining"
    assert alice.get("/users/me").status == 200
    assert requests.get(f"{spreading.url}/healthz", timeout=5).status_code == 200
    for transport in ("polling", "websocket"):
        new = requests.get(f"{spreading.url}/socket.io/?EIO=4&transport={transport}", timeout=5)
        assert (new.status_code, new.headers["Retry-After"]) == (503, "1")
    assert SPREAD <= ends_well(spreading, began) < LONGEST_END


def test_everybody_is_told_another_time_and_let_go_at_another_time(spreading: Server, cast: Cast) -> None:
    person = cast.person("crowd")
    crowd = [person.live()] + [person.another_device().live() for _ in range(CLIENTS - 1)]
    gone: list[float] = []
    for each in crowd:
        each.socket.on("disconnect", lambda *_: gone.append(time.monotonic()), namespace=NAMESPACE)
    began = terminate(spreading)
    waits = [each.hears("server:drain")["reconnect_after_ms"] for each in crowd]
    assert len(set(waits)) == CLIENTS
    assert all(0 <= wait < 3_000 for wait in waits)
    ends_well(spreading, began)
    eventually(lambda: len(gone) == CLIENTS, 2, "a client still believes that it is connected")
    # Never a tenth of all within a fiftieth of the time, and the last one not before its time.
    assert max(gone) - min(gone) > SPREAD / 2
    assert max(sum(1 for other in gone if 0 <= other - one < SPREAD / 50) for one in gone) < CLIENTS / 5


def test_what_is_sent_meanwhile_is_acked_or_not_done(spreading: Server, cast: Cast) -> None:
    """An ack means that it was done. Without one, at most what was under way when the client itself was lost is done."""
    people = [cast.person(f"person{number}") for number in range(4)]
    acked: dict[Person, list[str]] = {person: [] for person in people}
    rooms = {person: person.direct(person) for person in people}

    def chatter(person: Person, transport: str) -> None:
        person.live(transport)
        talking.release()
        for number in range(100_000):
            payload = {"room_id": rooms[person], "client_id": str(number), "text": str(number)}
            try:
                assert person.socket.call("message:send", payload, namespace=NAMESPACE, timeout=3)["ok"]
            except socketio.exceptions.SocketIOError:
                return
            acked[person].append(str(number))

    talking = threading.Semaphore(0)
    ways = ["websocket", "polling"] * 2
    threads = [threading.Thread(target=chatter, args=pair) for pair in zip(people, ways, strict=True)]
    for thread in threads:
        thread.start()
    for _ in threads:
        talking.acquire()
    eventually(lambda: all(acked.values()), 5, "nobody is heard")
    began = terminate(spreading)
    ends_well(spreading, began)
    for thread in threads:
        thread.join()
    spreading.start()
    for person in people:
        done = [message["text"] for message in reversed(person.history(rooms[person], limit=50))]
        told = set(acked[person])
        assert [text for text in done if text not in told] == [], "something was done and not acked"
        assert acked[person][-1] in done
    assert spreading.stop() == 0


def test_the_official_clients_come_back_by_themselves(spreading: Server, cast: Cast) -> None:
    alice, bob = cast.person("alice"), cast.person("bob")
    room = alice.direct(bob)
    ready: list[Any] = []
    client = socketio.Client()
    client.on("ready", ready.append, namespace=NAMESPACE)
    client.connect(spreading.url, namespaces=[NAMESPACE], auth={"token": alice.token}, transports=["websocket"])
    js = JsClient(spreading.url, bob.token, ["polling", "websocket"])
    js.says("heard", event="ready")
    eventually(lambda: len(ready) == 1, 5, "the Python client is not ready")
    began = terminate(spreading)
    js.says("heard", event="server:drain")
    assert js.says("disconnected")["active"] is True
    took = ends_well(spreading, began)
    ended = time.monotonic()
    spreading.start()
    eventually(lambda: len(ready) == 2, LONGEST_RETURN, "the Python client did not come back")
    python_back = time.monotonic() - ended
    js.says("heard", event="ready")
    print(f"ended after {took:.2f} s, Python back {python_back:.2f} s, both {time.monotonic() - ended:.2f} s after that")
    assert time.monotonic() - ended < LONGEST_RETURN
    payload = {"room_id": room, "client_id": "1", "text": "here again"}
    assert client.call("message:send", payload, namespace=NAMESPACE)["ok"]
    assert js.says("heard", event="message:created")["data"]["message"]["text"] == "here again"
    client.disconnect()
    assert js.end() == 0
    assert spreading.stop() == 0


@pytest.mark.parametrize("transport", ["websocket", "polling"])
def test_a_client_that_stopped_reading_holds_nobody_up(transport: str, spreading: Server, cast: Cast) -> None:
    alice, bob = cast.person("alice"), cast.person("bob")
    room = alice.direct(bob)
    slow = Slow(bob, transport)
    for _ in range(100 if transport == "websocket" else 10):
        alice.say(room, "x" * 60_000)
    began = terminate(spreading)
    took = ends_well(spreading, began)
    print(f"ended after {took:.2f} s")
    assert SPREAD < took < LONGEST_END
    slow.leave()


def test_a_second_signal_ends_it_at_once(spreading: Server) -> None:
    began = terminate(spreading)
    eventually(lambda: requests.get(f"{spreading.url}/readyz", timeout=5).status_code == 503, 1, "it is still ready")
    terminate(spreading)
    assert ends_well(spreading, began) < SPREAD / 2


def test_ctrl_c_does_not_take_long(spreading: Server, cast: Cast) -> None:
    alice = cast.person("alice").live()
    began = terminate(spreading, signal.SIGINT)
    assert 0 <= alice.hears("server:drain")["reconnect_after_ms"] < 3_000
    assert ends_well(spreading, began) < 1.5


def test_it_ends_even_when_something_never_ends(tmp_path: Path, fresh_sqlite: str) -> None:
    """An application that blocks every green thread for ever; the watchdog is a thread of the system."""
    server = Server(fresh_sqlite)
    script = tmp_path / "stuck.py"
    script.write_text(
        "import wsgi, eventlet\n"
        "wsgi.LONGEST_END = 1\n"
        "wsgi.drain = lambda: eventlet.patcher.original('time').sleep(3600)\n"
        "wsgi.serve()\n"
    )
    environ = {**server.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[1])}
    with server.log_path.open("ab") as log:
        server.process = subprocess.Popen([sys.executable, str(script)], env=environ, stdout=log, stderr=log)
    eventually(lambda: "serves on" in server.log(), 30, "it did not start")
    assert 1 <= ends_well(server, terminate(server)) < 3
