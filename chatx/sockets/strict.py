"""Overrides of private parts of python-socketio and python-engineio: what breaks the protocol is closed, not logged.

The libraries ignore an event of an unconnected client, let a client send `connect` as an event, and write a traceback
for a malformed packet. The protocol's own server (JavaScript) closes such a connection, and so do we. It also needs a
moment right after a client was accepted, which the libraries do not offer. `tests/sockets/test_strict.py` pins each of
these parts, and fails when the libraries change under them.
"""

import time
from collections import deque
from collections.abc import Callable
from functools import cache
from types import SimpleNamespace
from typing import Any

import engineio.server
from engineio.exceptions import EngineIOError
from engineio.packet import Packet
from socketio import Server

from chatx.sockets.fanout import NAMESPACE
from chatx.sockets.outbox import BoundedSocket

JOIN_SECONDS = 45  # as long as the JavaScript server waits for a client to join
RESERVED = ("connect", "connect_error", "disconnect")
FRAME_TYPES = "123456"
BINARY_TYPES = ("5", "6")


class StrictSocket(BoundedSocket):
    """An Engine.IO socket that takes a malformed packet for the end of the connection, and can be let go between two events."""

    handling = 0
    deaf = False

    def receive(self, pkt: Packet) -> None:
        self.handling += 1
        try:
            super().receive(pkt)
        finally:
            self.handling -= 1

    def handle_post_request(self, environ: dict[str, Any]) -> None:
        if self.deaf:
            raise EngineIOError
        try:
            super().handle_post_request(environ)
        except Exception as error:
            # Without waiting: the library would wait for a poll that may never come, in a green thread of ours.
            self.close(wait=False, abort=True, reason=self.server.reason.TRANSPORT_ERROR)
            raise EngineIOError from error

    def close(self, *args: Any, **kwargs: Any) -> None:
        super().close(*args, **kwargs)
        # The library forgets a closed session when it is polled again; a POST before that would be answered with 500.
        self.server.sockets.pop(self.sid, None)

    def _websocket_handler(self, ws: Any) -> Any:
        wait = ws.wait

        def wait_for_a_packet() -> Any:
            try:
                packet = None if self.deaf else wait()
            except Exception:
                return None
            well_formed = isinstance(packet, bytes) or (packet and packet[0] in FRAME_TYPES)
            return packet if well_formed and not self.deaf else None

        ws.wait = wait_for_a_packet
        if hasattr(ws, "Message"):
            ws.Message = _bounded(ws.Message)
        return super()._websocket_handler(ws)


@cache
def _bounded(message: type[Any]) -> type[Any]:
    """eventlet bounds a frame, but not the message that many fragments make together."""
    from eventlet.websocket import FailedConnectionError  # noqa: PLC0415 - only where eventlet serves

    class Bounded(message):
        size = 0

        def push(self, data: bytes, final: bool = False) -> None:
            self.size += len(data)
            if self.size > self.max_frame_length:
                raise FailedConnectionError(1009, f"Longer than {self.max_frame_length} bytes.")
            super().push(data, final=final)

    return Bounded


class StrictProtocol:
    """The overridden parts of one server; whatever they raise ends the connection that sent it."""

    def __init__(self, server: Server, after_connect: Callable[[str, str], None]) -> None:
        self._server = server
        self._after_connect = after_connect
        self._handle_event, self._handle_connect = server._handle_event, server._handle_connect
        server._handle_event, server._handle_connect = self.event, self.connect
        server.eio.on("message", self.message)
        server.eio.on("connect", self.arrive)
        self._arrivals: deque[tuple[float, str]] = deque()

    def arrive(self, eio_sid: str, environ: dict[str, Any]) -> None:
        """A transport is open; close those that have joined no namespace for too long, the oldest first."""
        while self._arrivals and self._arrivals[0][0] < time.monotonic() - JOIN_SECONDS:
            _, oldest = self._arrivals.popleft()
            if self._sid(oldest, NAMESPACE) is None:
                self._close(oldest)
        self._arrivals.append((time.monotonic(), eio_sid))
        self._server._handle_eio_connect(eio_sid, environ)

    def event(self, eio_sid: str, namespace: str | None, id: int | None, data: Any) -> None:
        if not isinstance(data, list) or not data or not isinstance(data[0], str) or data[0] in RESERVED:
            raise ValueError("not an event")
        if self._sid(eio_sid, namespace) is None:
            raise ValueError("an event before the connection")
        self._handle_event(eio_sid, namespace, id, data)

    def connect(self, eio_sid: str, namespace: str | None, data: Any) -> None:
        if self._sid(eio_sid, namespace) is not None:
            raise ValueError("a second connect")
        self._handle_connect(eio_sid, namespace, data)
        sid = self._sid(eio_sid, namespace)
        if sid is not None and self._server.manager.is_connected(sid, namespace or "/"):
            self._after_connect(sid, eio_sid)

    def message(self, eio_sid: str, data: Any) -> None:
        try:
            if not isinstance(data, str) or data[:1] in BINARY_TYPES:
                raise TypeError("not a Socket.IO packet of JSON")
            self._server._handle_eio_message(eio_sid, data)
        except (ValueError, TypeError, LookupError, RecursionError, AttributeError):
            self._close(eio_sid)

    def _close(self, eio_sid: str) -> None:
        socket = self._server.eio.sockets.get(eio_sid)
        if socket is not None:
            socket.close(wait=False, abort=True, reason=self._server.reason.TRANSPORT_ERROR)

    def _sid(self, eio_sid: str, namespace: str | None) -> str | None:
        sid: str | None = self._server.manager.sid_from_eio_sid(eio_sid, namespace or "/")
        return sid


def make_strict(server: Server, after_connect: Callable[[str, str], None], outbox_bytes: int) -> None:
    """Override the private parts of this server; after_connect(sid, engine sid) runs once a client was accepted."""
    configured = type("ConfiguredSocket", (StrictSocket,), {"outbox_bytes": outbox_bytes})
    engineio.server.socket = SimpleNamespace(Socket=configured)
    StrictProtocol(server, after_connect)
