"""The parts of one python-engineio server that are overridden, so that its sessions are ours.

`_handle_connect` makes the library's own Socket and announces whole seconds only; `handle_request` takes a wrong method
for 405 and a wrong transport for polling. Everything else of a request, e.g. origins, unknown sessions and compression,
is the library's. `tests/sockets/wire/test_pins.py` pins these parts.
"""

import logging
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs

from engineio import Server
from engineio.packet import OPEN, PING, Packet

from chatx.sockets.wire import handshake
from chatx.sockets.wire.session import Session
from chatx.sockets.wire.wheel import Wheel

JOIN_SECONDS = 45.0  # as long as the JavaScript server waits for a client to join
MOST_SESSIONS = 40_000  # a WebSocket leaves eventlet's server, which then no longer counts it
REQUESTS = {("GET", "polling"), ("POST", "polling"), ("GET", "websocket")}

log = logging.getLogger("chatx.sockets")


class Engine:
    """What the sessions of one server share: its limits, its heartbeats, and who handles what they are sent.

    worker: its number among the processes of its host; begins each session's id, so that nginx finds the process again.
    hear(session, message): gets each message in a green thread; by default the server's `message` event does.
    take_at_once(session, packet): gets a message first, with its Engine.IO type, in the loop, where nothing may wait; whether
    it has taken it.
    """

    def __init__(self, server: Server, outbox_bytes: int, worker: int = 0) -> None:
        self._server, self._tag = server, f"w{worker}-"
        self.outbox_bytes = outbox_bytes
        self.longest_message: int = server.max_http_buffer_size
        self.reason = server.reason
        self.hear: Callable[[Session, str | bytes], None] = self._hear
        self.take_at_once: Callable[[Session, str], bool] = lambda session, packet: False
        self._pings = Wheel(server.ping_interval, self._ping)
        self._pongs = Wheel(server.ping_timeout, self._miss)
        self._joins = Wheel(JOIN_SECONDS, self._turn_away)
        self._request = server.handle_request
        server.handle_request, server._handle_connect = self.handle_request, self.connect

    def handle_request(self, environ: handshake.Environ, start_response: Callable[..., Any]) -> Any:
        """Refuse what the protocol does not know; the library answers the rest."""
        method, transport = environ["REQUEST_METHOD"], parse_qs(environ.get("QUERY_STRING", "")).get("transport")
        if (method, *(transport or ())) in REQUESTS or method == "OPTIONS":
            return self._request(environ, start_response)
        answer = self.bad_request("There is no such method or transport.")
        start_response(answer["status"], answer["headers"] + self._server._cors_headers(environ))
        return [answer["response"]]

    def connect(
        self, environ: handshake.Environ, start_response: Callable[..., Any], transport: str, jsonp_index: int | None = None
    ) -> Any:
        """Open a session; its first packet says how."""
        if len(self._server.sockets) >= MOST_SESSIONS:
            return {"status": "503 Service Unavailable", "headers": [("Retry-After", "1")], "response": b""}
        refusal = handshake.refusal(environ) if transport == "websocket" else None
        if refusal is not None:
            return refusal
        session = Session(self, self._tag + self._server.generate_id())
        session.begin(environ, transport)
        session.send(Packet(OPEN, self._opening(session)))
        self._server.sockets[session.sid] = session
        self._pings.set(session)
        self._joins.set(session)
        self._server._trigger_event("connect", session.sid, environ, run_async=False)
        if session.upgraded:
            return handshake.HANDLED
        return self._server._ok(session.handle_get_request(environ, start_response), jsonp_index=jsonp_index)

    def handle(self, session: Session, message: str | bytes) -> None:
        """Handle one message; what nobody expected ends the session that sent it."""
        try:
            self.hear(session, message)
        except Exception:
            log.exception("a message could not be handled")
            session.close(abort=True, reason=self.reason.TRANSPORT_ERROR)

    def heard_pong(self, session: Session) -> None:
        """It lives: the next ping is due one interval from now."""
        self._pongs.unset(session)
        self._pings.set(session)

    def joined(self, sid: str, eio_sid: str) -> None:
        """A session has its place in the chat, and stays as long as it likes."""
        session: Session = self._server.sockets[eio_sid]
        session.joined = sid
        self._joins.unset(session)

    def forget(self, session: Session) -> None:
        """It is closed."""
        for wheel in (self._pings, self._pongs, self._joins):
            wheel.unset(session)
        self._server.sockets.pop(session.sid, None)

    def tell_gone(self, session: Session, reason: str | None) -> None:
        """Tell the application, which may take its time."""
        self._server._trigger_event("disconnect", session.sid, reason or self.reason.SERVER_DISCONNECT, run_async=False)

    def bad_request(self, text: str) -> dict[str, Any]:
        """An answer of 400."""
        answer: dict[str, Any] = self._server._bad_request(text)
        return answer

    def _opening(self, session: Session) -> dict[str, Any]:
        return {
            "sid": session.sid,
            "upgrades": ["websocket"] if self._server.allow_upgrades and not session.upgraded else [],
            "pingInterval": round(self._server.ping_interval * 1000),
            "pingTimeout": round(self._server.ping_timeout * 1000),
            "maxPayload": self.longest_message,
        }

    def _hear(self, session: Session, message: str | bytes) -> None:
        self._server._trigger_event("message", session.sid, message, run_async=False)

    def _ping(self, session: Session) -> None:
        self._pongs.set(session)
        session.send(Packet(PING))

    def _miss(self, session: Session) -> None:
        if session.full:
            self._pongs.set(session)  # its pong may be there, and is not read yet
        else:
            session.end(self.reason.PING_TIMEOUT, abort=False)

    def _turn_away(self, session: Session) -> None:
        session.end(self.reason.TRANSPORT_ERROR)
