"""One echo server for everything that the wire must do: pings every 0.3 s, 0.2 s for the answer, messages of 100,000 bytes."""

import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import orjson
import pytest
import requests
import websocket

from tests.support.backends import free_port
from tests.support.server import ROOT

PATIENCE = 5


class Echo:
    """The server of `tests/support/echo.py` in a process of its own, and what it says of its sessions."""

    def __init__(self) -> None:
        port = free_port()
        command = [sys.executable, "-W", "ignore", "-m", "tests.support.echo", str(port)]
        self.address = ("127.0.0.1", port)
        self.process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        self.said: list[str] = []
        self._news = threading.Condition()
        self._reader = threading.Thread(target=self._read)
        self._reader.start()
        self.says("serves")

    def url(self, scheme: str = "http", **query: str) -> str:
        asked = "&".join(f"{name}={value}" for name, value in {"EIO": "4", "transport": "polling", **query}.items())
        return f"{scheme}://127.0.0.1:{self.address[1]}/engine.io/?{asked}"

    def says(self, line: str) -> None:
        """Wait until it has said so."""
        with self._news:
            assert self._news.wait_for(lambda: any(said.startswith(line) for said in self.said), PATIENCE), (line, self.said)

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(PATIENCE)
        self._reader.join(PATIENCE)

    def _read(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout as lines:
            for line in lines:
                with self._news:
                    self.said.append(line.strip())
                    self._news.notify_all()


class Poller:
    """A client that polls, and speaks only when it is told to."""

    def __init__(self, echo: Echo) -> None:
        self.echo = echo
        self.opening = orjson.loads(requests.get(echo.url(), timeout=PATIENCE).text[1:])
        self.sid: str = self.opening["sid"]

    def get(self) -> requests.Response:
        return requests.get(self.echo.url(sid=self.sid), timeout=PATIENCE)

    def post(self, body: str | bytes) -> int:
        return requests.post(self.echo.url(sid=self.sid), data=body, timeout=PATIENCE).status_code

    def get_meanwhile(self) -> Callable[[], requests.Response]:
        """Begin a poll; what is returned waits for its end."""
        answers: list[requests.Response] = []
        poll = threading.Thread(target=lambda: answers.append(self.get()))
        poll.start()
        time.sleep(0.05)

        def answer() -> requests.Response:
            poll.join(PATIENCE)
            return answers[0]

        return answer


class Wire:
    """A WebSocket of which every byte is ours."""

    def __init__(self, echo: Echo, beyond: bytes = b"", **headers: str) -> None:
        self.sock = socket.create_connection(echo.address, timeout=PATIENCE)
        usual = {"Upgrade": "websocket", "Connection": "keep-alive, Upgrade", "Sec-WebSocket-Version": "13"}
        usual |= {"Host": "localhost", "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ=="}
        lines = [f"{name.replace('_', '-')}: {value}" for name, value in {**usual, **headers}.items()]
        request = "\r\n".join(["GET /engine.io/?EIO=4&transport=websocket HTTP/1.1", *lines, "", ""])
        self.sock.sendall(request.encode() + beyond)
        self.reader = self.sock.makefile("rb")
        self.status = int(self.reader.readline().split()[1])
        self.headers: dict[str, str] = {}
        while line := self.reader.readline().strip().decode():
            name, _, value = line.partition(": ")
            self.headers[name] = value

    def opened(self) -> "Wire":
        """Let the first packet pass."""
        assert self.frame()[1].startswith(b'0{"sid":"')
        return self

    def frame(self) -> tuple[int, bytes]:
        """The next frame of the server: its opcode and payload; (0, b"") at the end."""
        head = self.reader.read(2)
        if not head:
            return 0, b""
        assert head[0] & 0xF0 == 0x80
        size = head[1] if head[1] < 126 else int.from_bytes(self.reader.read(2 if head[1] == 126 else 8), "big")
        return head[0] & 0x0F, self.reader.read(size)

    def hears(self, opcode: int) -> bytes:
        """The payload of the next such frame, letting Engine.IO's own pings pass."""
        while (frame := self.frame())[0] != opcode or frame[1] == b"2":
            assert frame != (0, b""), f"it ended without a frame {opcode}"
        return frame[1]

    def is_closed_with(self, code: int) -> None:
        """It says why, and then hangs up."""
        assert int.from_bytes(self.hears(8)[:2], "big") == code
        assert self.reader.read() == b""
        self.leave()

    def leave(self) -> None:
        self.reader.close()
        self.sock.close()


@pytest.fixture(scope="package")
def echo() -> Iterator[Echo]:
    running = Echo()
    yield running
    running.stop()
    assert not [line for line in running.said if "Traceback" in line]


@pytest.fixture
def connect(echo: Echo) -> Iterator[Callable[..., Any]]:
    """Opens a WebSocket by the client library."""
    opened: list[websocket.WebSocket] = []

    def open_one(**query: str) -> websocket.WebSocket:
        address = echo.url("ws", **{"transport": "websocket", **query})
        opened.append(websocket.create_connection(address, timeout=PATIENCE))
        return opened[-1]

    yield open_one
    for each in opened:
        each.shutdown()
