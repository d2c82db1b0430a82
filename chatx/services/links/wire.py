"""A connection to an address on which nothing takes longer, or brings more, than what is left of both.

Each wait is as long as the rest of the time at most, so that no server is slow by sending a byte now and then; TLS runs over
memory instead of the socket for the same reason, since a handshake has waits too.
"""

import socket
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Protocol, TypeVar

from chatx.services.links.target import Refused

CHUNK = 16_384
LONGEST_CONNECT = 3.0  # so that there is time for a second address

T = TypeVar("T")


@dataclass(slots=True)
class Allowance:
    """How long a page may take, as a time of the monotonic clock, and how many bytes it may bring, over all its redirects."""

    ends_at: float
    bytes_left: int

    def seconds(self) -> float:
        left = self.ends_at - time.monotonic()
        if left <= 0:
            raise Refused("it takes too long")
        return left

    def take(self, count: int) -> None:
        self.bytes_left -= count
        if self.bytes_left < 0:
            raise Refused("it is too large")


class Line(Protocol):
    """What an exchange needs: to send all of it, and to receive what there is, which at the end is nothing."""

    def send(self, data: bytes) -> None: ...
    def receive(self) -> bytes: ...


class Wire:
    """A connection to exactly this address."""

    def __init__(self, address: str, port: int, allowance: Allowance) -> None:
        self._allowance = allowance
        self._socket = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_STREAM)
        try:
            self._socket.settimeout(min(allowance.seconds(), LONGEST_CONNECT))
            self._socket.connect((address, port))
        except BaseException:
            self._socket.close()
            raise

    def __enter__(self) -> "Wire":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._socket.close()

    def send(self, data: bytes) -> None:
        self._socket.settimeout(self._allowance.seconds())
        self._socket.sendall(data)

    def receive(self) -> bytes:
        self._socket.settimeout(self._allowance.seconds())
        data = self._socket.recv(CHUNK)
        self._allowance.take(len(data))
        return data


class Secured:
    """TLS over a wire, with a server that proves to be this host."""

    def __init__(self, wire: Line, context: ssl.SSLContext, host: str) -> None:
        self._wire, self._incoming, self._outgoing = wire, ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_hostname=host)
        self._until_done(self._tls.do_handshake)

    def send(self, data: bytes) -> None:
        self._until_done(lambda: self._tls.write(data))

    def receive(self) -> bytes:
        try:
            return self._until_done(lambda: self._tls.read(CHUNK))
        except (ssl.SSLZeroReturnError, ssl.SSLEOFError):
            return b""

    def _until_done(self, step: Callable[[], T]) -> T:
        while True:
            try:
                done = step()
            except ssl.SSLWantReadError:
                self._send_what_waits()
                data = self._wire.receive()
                if data:
                    self._incoming.write(data)
                else:
                    self._incoming.write_eof()
            else:
                self._send_what_waits()
                return done

    def _send_what_waits(self) -> None:
        if data := self._outgoing.read():
            self._wire.send(data)
