"""RFC 6455 over a real socket: the handshake, how each side closes, and peers that are slow, half open or gone."""

import socket
import struct
import time

import pytest

from tests.sockets.wire.conftest import Echo, Wire
from tests.sockets.wire.test_frames import masked

TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10


def test_the_handshake_is_accepted_by_the_sample_of_the_rfc(echo: Echo) -> None:
    wire = Wire(echo)
    assert (wire.status, wire.headers["Sec-WebSocket-Accept"]) == (101, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
    assert {name.lower() for name in wire.headers} == {"upgrade", "connection", "sec-websocket-accept"}
    wire.opened().leave()


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec_WebSocket_Version": "8"}, 426),
        ({"Sec_WebSocket_Key": "c2hvcnQ="}, 400),
        ({"Sec_WebSocket_Key": "no key at all!!!!!!!"}, 400),
        ({"Connection": "keep-alive"}, 400),
        ({"Upgrade": "h2c"}, 400),
    ],
)
def test_what_asks_for_something_else_is_refused(headers: dict[str, str], status: int, echo: Echo) -> None:
    wire = Wire(echo, **headers)
    assert wire.status == status
    assert status != 426 or wire.headers["Sec-Websocket-Version"] == "13"
    wire.leave()


def test_frames_that_came_with_the_handshake_are_heard(echo: Echo) -> None:
    wire = Wire(echo, beyond=masked(TEXT, b"4early") + masked(TEXT, b"4bird")[:3]).opened()
    assert wire.hears(TEXT) == b"4early"
    wire.sock.sendall(masked(TEXT, b"4bird")[3:])
    assert wire.hears(TEXT) == b"4bird"
    wire.leave()


def test_a_ping_is_answered_between_fragments_byte_by_byte(echo: Echo) -> None:
    wire = Wire(echo).opened()
    stream = masked(TEXT, b"4gr\xc3", final=False) + masked(PING, b"there?") + masked(0, b"\xbc") + masked(0, b"n", first=0)
    stream = stream.replace(masked(0, b"\xbc"), masked(0, b"\xbc", final=False))
    for byte in stream:
        wire.sock.sendall(bytes((byte,)))
    assert wire.hears(PONG) == b"there?"
    assert wire.hears(TEXT) == "4grün".encode()
    wire.leave()


@pytest.mark.parametrize("size", [1, 124, 125, 126, 65_534, 65_535, 99_000])
def test_bytes_of_every_size_come_back(size: int, echo: Echo) -> None:
    wire = Wire(echo).opened()
    wire.sock.sendall(masked(BINARY, b"x" * size) + masked(PONG, b"unasked"))
    assert wire.hears(BINARY) == b"x" * size
    wire.leave()


@pytest.mark.parametrize(
    ("stream", "code"),
    [
        (b"\x81\x05hello", 1002),
        (masked(TEXT, b"4x", first=0x40), 1002),
        (masked(3, b""), 1002),
        (masked(TEXT, b"4\xff"), 1007),
        (masked(TEXT, b"4" + b"x" * 100_000), 1009),
        (masked(TEXT, b"4" + b"x" * 60_000, final=False) + masked(0, b"x" * 60_000), 1009),
        (masked(TEXT, b"abc"), 1008),
    ],
)
def test_what_breaks_the_protocol_is_closed_with_its_code_after_what_came_before(stream: bytes, code: int, echo: Echo) -> None:
    wire = Wire(echo).opened()
    wire.sock.sendall(masked(TEXT, b"4before"))
    assert wire.hears(TEXT) == b"4before"
    wire.sock.sendall(stream)
    wire.is_closed_with(code)


@pytest.mark.parametrize("said", [b"", struct.pack("!H", 1000), struct.pack("!H", 3999) + b"because"])
def test_a_close_is_answered_with_its_own_code(said: bytes, echo: Echo) -> None:
    wire = Wire(echo).opened()
    wire.sock.sendall(masked(TEXT, b"4last words") + masked(CLOSE, said) + masked(TEXT, b"4not heard"))
    frames = [wire.frame()]
    while frames[-1][0] != CLOSE:
        frames.append(wire.frame())
    assert frames[-1] == (CLOSE, said[:2])
    assert (TEXT, b"4not heard") not in frames
    wire.leave()


@pytest.mark.parametrize("how", ["half open", "gone", "reset"])
def test_a_peer_that_leaves_without_a_word_is_let_go(how: str, echo: Echo) -> None:
    wire = Wire(echo)
    sid = wire.frame()[1].split(b'"')[3].decode()
    if how == "half open":
        wire.sock.shutdown(socket.SHUT_WR)
        assert wire.reader.read() == b""
    elif how == "reset":
        wire.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    wire.leave()
    echo.says(f"closed {sid} transport close")


def test_who_asks_more_than_it_reads_is_read_no_further(echo: Echo) -> None:
    """Its frames wait in the kernels; when it reads again, all is there and in order."""
    wire = Wire(echo).opened()
    wire.sock.sendall(b"".join(masked(TEXT, b"4%d" % number) for number in range(2_000)))
    heard = [int(wire.hears(TEXT)[1:]) for _ in range(2_000)]
    assert heard == list(range(2_000))
    wire.leave()


def test_who_waits_keeps_no_green_thread_and_no_environment(echo: Echo) -> None:
    asking = Wire(echo).opened()
    asking.sock.sendall(masked(TEXT, b"4what is kept?"))
    before = asking.hears(TEXT)
    waiting = [Wire(echo).opened() for _ in range(20)]
    asking.sock.sendall(masked(TEXT, b"4what is kept?"))
    assert asking.hears(TEXT) == before
    assert before.endswith(b" 0")
    for wire in (asking, *waiting):
        wire.leave()


def test_pings_of_who_does_not_read_take_no_memory(echo: Echo) -> None:
    wire = Wire(echo).opened()
    wire.sock.settimeout(0.3)
    began, sent = time.monotonic(), 0
    flood = masked(PING, b"x" * 125) * 500
    while time.monotonic() - began < 0.3 and sent < 20_000_000:
        sent += wire.sock.send(flood)
    wire.leave()
    other = Wire(echo).opened()
    other.sock.sendall(masked(TEXT, b"4still here"))
    assert other.hears(TEXT) == b"4still here"
    other.leave()
