"""Engine.IO 4 as its protocol document and its own test suite have it, where python-engineio differs from them, and around it."""

import socket
import time
from collections.abc import Callable
from typing import Any

import orjson
import pytest
import requests
import websocket

from tests.sockets.wire.conftest import PATIENCE, Echo, Poller


def test_intervals_are_announced_in_milliseconds_and_kept(echo: Echo, connect: Callable[..., Any]) -> None:
    opening = Poller(echo).opening
    assert opening["upgrades"] == ["websocket"]
    assert opening["sid"].startswith("w0-")
    assert (opening["pingInterval"], opening["pingTimeout"], opening["maxPayload"]) == (300, 200, 100_000)
    wire = connect()
    assert orjson.loads(wire.recv()[1:])["upgrades"] == []
    for _ in range(3):
        began = time.monotonic()
        assert wire.recv() == "2"
        assert 0.25 < time.monotonic() - began < 1
        wire.send("3")


@pytest.mark.parametrize(
    ("method", "query"),
    [
        ("GET", {"EIO": "abc"}),
        ("GET", {"EIO": ""}),
        ("GET", {"transport": "abc"}),
        ("GET", {"transport": ""}),
        ("GET", {"transport": "websocket"}),
        ("GET", {"sid": "unknown"}),
        ("POST", {"sid": "unknown"}),
        ("POST", {}),
        ("PUT", {}),
        ("DELETE", {}),
        ("PATCH", {"sid": "unknown"}),
    ],
)
def test_what_the_protocol_does_not_know_is_a_bad_request(method: str, query: dict[str, str], echo: Echo) -> None:
    assert requests.request(method, echo.url(**query), timeout=PATIENCE).status_code == 400


@pytest.mark.parametrize(
    ("method", "query"), [("PUT", {}), ("POST", {"transport": "websocket"}), ("GET", {"transport": "websocket"})]
)
def test_a_session_is_asked_by_its_own_transport(method: str, query: dict[str, str], echo: Echo) -> None:
    poller = Poller(echo)
    assert requests.request(method, echo.url(sid=poller.sid, **query), timeout=PATIENCE).status_code == 400
    assert poller.post("4hello") == 200
    assert poller.get().text == "4hello"


def test_texts_and_bytes_come_back_over_polling_in_their_order(echo: Echo) -> None:
    poller = Poller(echo)
    said = "\x1e".join(["4a", "bAQIDBA==", *(f"4{number}" for number in range(40))])
    assert poller.post(said) == 200
    heard = ""
    while not heard.endswith("439"):
        heard += ("\x1e" if heard else "") + poller.get().text
    assert heard == said


@pytest.mark.parametrize("body", ["abc", "", "4ok\x1e9", "4ok\x1e\x1e", b"4\xff", "b!", "2", "4" + "x" * 100_000])
def test_a_post_that_is_no_payload_ends_the_session(body: str | bytes, echo: Echo) -> None:
    poller = Poller(echo)
    assert poller.post(body) == 400
    assert poller.get().status_code == 400


def test_a_second_poll_ends_the_session(echo: Echo) -> None:
    poller = Poller(echo)
    first = poller.get_meanwhile()
    assert poller.get().status_code == 400
    assert (first().status_code, first().text) == (200, "1")
    assert poller.get().status_code == 400
    echo.says(f"closed {poller.sid} transport error")


def test_a_poll_that_is_cancelled_ends_the_session(echo: Echo) -> None:
    poller = Poller(echo)
    with socket.create_connection(echo.address, timeout=PATIENCE) as sock:
        sock.sendall(f"GET /engine.io/?EIO=4&transport=polling&sid={poller.sid} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        time.sleep(0.05)
    echo.says(f"closed {poller.sid} transport close")
    assert poller.get().status_code == 400


def test_a_request_that_comes_early_waits_for_the_poll_before_it(echo: Echo) -> None:
    poller = Poller(echo)
    with socket.create_connection(echo.address, timeout=PATIENCE) as sock:
        request = f"GET /engine.io/?EIO=4&transport=polling&sid={poller.sid} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()
        sock.sendall(request)
        time.sleep(0.05)
        sock.sendall(request)
        time.sleep(0.05)
        assert poller.post("4one") == 200
        heard = sock.recv(4_096)
        assert poller.post("4two") == 200
        while b"4two" not in heard:
            heard += sock.recv(4_096)
    assert heard.count(b"HTTP/1.1 200 OK") == 2
    assert b"4one" in heard


def test_a_waiting_poll_hears_noop_when_its_client_closes(echo: Echo) -> None:
    poller = Poller(echo)
    waiting = poller.get_meanwhile()
    assert poller.post("1") == 200
    assert (waiting().status_code, waiting().text) == (200, "6")
    assert poller.get().status_code == 400
    echo.says(f"closed {poller.sid} client disconnect")


def test_a_polling_client_is_pinged_and_lives_while_it_answers(echo: Echo) -> None:
    poller = Poller(echo)
    for _ in range(3):
        assert poller.get().text == "2"
        assert poller.post("3") == 200
    waiting = poller.get_meanwhile()
    assert waiting().text == "2"
    echo.says(f"closed {poller.sid} ping timeout")
    assert poller.get().status_code == 400


def test_a_silent_client_is_closed_over_both_transports(echo: Echo, connect: Callable[..., Any]) -> None:
    poller, wire = Poller(echo), connect()
    sid = orjson.loads(wire.recv()[1:])["sid"]
    began = time.monotonic()
    heard = [wire.recv() for _ in range(3)]
    assert 0.4 < time.monotonic() - began < 1.5
    assert heard == ["2", "1", ""]
    echo.says(f"closed {sid} ping timeout")
    echo.says(f"closed {poller.sid} ping timeout")
    assert poller.get().status_code == 400


def upgraded(poller: Poller, connect: Callable[..., Any]) -> websocket.WebSocket:
    wire = connect(sid=poller.sid)
    wire.send("2probe")
    assert wire.recv() == "3probe"
    wire.send("5")
    wire.send("4hello")
    assert wire.recv() == "4hello"
    return wire


def test_an_upgrade_releases_the_poll_and_takes_what_waited(echo: Echo, connect: Callable[..., Any]) -> None:
    poller = Poller(echo)
    waiting = poller.get_meanwhile()
    wire = connect(sid=poller.sid)
    wire.send("2probe")
    assert wire.recv() == "3probe"
    assert waiting().text == "6"
    # Until the client says so, it may still poll, in vain, and still post.
    assert poller.get().text == "6"
    assert poller.post("4posted\x1ebAQ==") == 200
    wire.send("5")
    assert [wire.recv(), wire.recv()] == ["4posted", b"\x01"]


def test_nothing_but_its_websocket_serves_a_session_after_the_upgrade(echo: Echo, connect: Callable[..., Any]) -> None:
    poller = Poller(echo)
    wire = upgraded(poller, connect)
    assert poller.get().status_code == 400
    assert poller.post("4x") == 400
    with pytest.raises(websocket.WebSocketBadStatusException):
        connect(sid=poller.sid)
    wire.send("4still here")
    assert wire.recv() == "4still here"


@pytest.mark.parametrize("instead", ["5", "4hello", "2", None])
def test_an_upgrade_that_comes_to_nothing_leaves_polling_as_it_was(
    instead: str | None, echo: Echo, connect: Callable[..., Any]
) -> None:
    poller = Poller(echo)
    wire = connect(sid=poller.sid)
    with pytest.raises(websocket.WebSocketBadStatusException):
        connect(sid=poller.sid)
    if instead is None:
        wire.shutdown()
    else:
        wire.send(instead)
        assert wire.recv_data()[0] == websocket.ABNF.OPCODE_CLOSE
    assert poller.post("4hello") == 200
    heard = poller.get().text
    while heard == "6":
        heard = poller.get().text
    assert heard == "4hello"


@pytest.mark.parametrize("packet", ["abc", "", "2", "7", "9x"])
def test_what_is_no_packet_ends_a_websocket(packet: str, connect: Callable[..., Any]) -> None:
    wire = connect()
    wire.recv()
    wire.send("4before")
    assert wire.recv() == "4before"
    wire.send(packet)
    while (frame := wire.recv_data())[0] != websocket.ABNF.OPCODE_CLOSE:
        continue
    assert int.from_bytes(frame[1][:2], "big") == 1008


def test_a_client_that_says_so_is_closed(echo: Echo, connect: Callable[..., Any]) -> None:
    wire = connect()
    sid = orjson.loads(wire.recv()[1:])["sid"]
    wire.send("1")
    assert wire.recv_data()[0] == websocket.ABNF.OPCODE_CLOSE
    echo.says(f"closed {sid} client disconnect")
