"""Overrides of private parts of python-socketio: what breaks the protocol is closed, not logged.

The library ignores an event of an unconnected client, lets a client send `connect` as an event, writes a traceback for a
malformed packet, and refuses an unknown namespace with a bare text. The protocol's own server (JavaScript) closes such a
connection and refuses with an object, and so do we. We also need a moment right after a client was accepted, which the
library does not offer. `tests/sockets/test_strict.py` pins each of these parts, and fails when the library changes under it.
"""

from collections.abc import Callable
from typing import Any

from socketio import Server
from socketio.packet import CONNECT_ERROR

RESERVED = ("connect", "connect_error", "disconnect")
BINARY_TYPES = ("5", "6")


class StrictProtocol:
    """The overridden parts of one server; whatever they raise ends the connection that sent it.

    after_connect: each gets (Socket.IO id, Engine.IO id) of a client that was accepted.
    """

    def __init__(self, server: Server, *after_connect: Callable[[str, str], None]) -> None:
        self._server = server
        self.after_connect = list(after_connect)
        self._handle_event, self._handle_connect = server._handle_event, server._handle_connect
        server._handle_event, server._handle_connect = self.event, self.connect
        server.eio.on("message", self.message)

    def event(self, eio_sid: str, namespace: str | None, id: int | None, data: Any) -> None:
        if not isinstance(data, list) or not data or not isinstance(data[0], str) or data[0] in RESERVED:
            raise ValueError("not an event")
        if self._sid(eio_sid, namespace) is None:
            raise ValueError("an event before the connection")
        self._handle_event(eio_sid, namespace, id, data)

    def connect(self, eio_sid: str, namespace: str | None, data: Any) -> None:
        if self._sid(eio_sid, namespace) is not None:
            raise ValueError("a second connect")
        if not self._is_served(namespace or "/"):
            why = {"message": "Invalid namespace"}
            self._server._send_packet(eio_sid, self._server.packet_class(CONNECT_ERROR, data=why, namespace=namespace))
            return
        self._handle_connect(eio_sid, namespace, data)
        sid = self._sid(eio_sid, namespace)
        if sid is None or not self._server.manager.is_connected(sid, namespace or "/"):
            return
        if eio_sid not in self._server.environ:
            # It was closed while it was let in; the library has told nobody, and would keep it for ever.
            self._server._handle_disconnect(eio_sid, namespace)
            return
        # Nobody asks for the rest of the handshake's request again, which would be kept as long as the connection.
        self._server.environ[eio_sid] = {"REMOTE_ADDR": self._server.environ[eio_sid].get("REMOTE_ADDR", "")}
        for each in self.after_connect:
            each(sid, eio_sid)

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

    def _is_served(self, namespace: str) -> bool:
        return namespace in self._server.namespace_handlers or namespace in self._server.handlers

    def _sid(self, eio_sid: str, namespace: str | None) -> str | None:
        sid: str | None = self._server.manager.sid_from_eio_sid(eio_sid, namespace or "/")
        return sid
