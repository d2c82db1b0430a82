"""Going away without losing anybody: no new sockets, a word to those here, and each is let go between two events of its own."""

import secrets
import time
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from flask import Flask
from flask_socketio import SocketIO

from chatx.sockets.fanout import Fanout

if TYPE_CHECKING:
    from chatx.sockets.wire.session import Session

TICK_SECONDS = 0.02
FLUSH_SECONDS = 2.0  # for a client to fetch what waits for it; it comes back and syncs in any case


class Drain:
    """The farewell of this process's sockets; stands in front of the application to turn new ones away."""

    def __init__(self, app: Flask, socketio: SocketIO, fanout: Fanout) -> None:
        self._socketio, self._fanout = socketio, fanout
        self._going = False
        self._next = app.wsgi_app
        app.wsgi_app = self  # type: ignore[method-assign]

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if self._going and environ["PATH_INFO"].startswith("/socket.io/") and "sid=" not in environ["QUERY_STRING"]:
            # Official clients take it for a server that is not there yet, and try again.
            start_response("503 Service Unavailable", [("Content-Length", "0"), ("Retry-After", "1"), ("Connection", "close")])
            return []
        return self._next(environ, start_response)

    def run(self, seconds: float) -> None:
        """Tell everybody, and let all go over so many seconds; returns when nobody is left."""
        self._going = True
        began = time.monotonic()
        self._fanout.announce_drain()
        leaving = list(self._socketio.server.eio.sockets.values())
        secrets.SystemRandom().shuffle(leaving)
        for number, socket in enumerate(leaving, start=1):
            self._socketio.start_background_task(self._let_go, socket, seconds * number / len(leaving))
        while time.monotonic() < began + seconds or any(not socket.closed for socket in leaving):
            self._socketio.sleep(TICK_SECONDS)

    def _let_go(self, socket: Any, after: float) -> None:
        self._socketio.sleep(after)
        if self._socketio.async_mode == "eventlet":
            self._let_finish(socket)
        # Without an Engine.IO CLOSE, which official clients take for final, they come back by themselves.
        socket.close(wait=False, abort=True)

    def _let_finish(self, session: "Session") -> None:
        """From here it begins no event; the one that runs is finished, and its ack leaves."""
        session.hush()
        patience = time.monotonic() + FLUSH_SECONDS
        while session.inbox.busy or (session.unsent and not session.closed and time.monotonic() < patience):
            self._socketio.sleep(TICK_SECONDS)
        if session.unsent:
            session.cut()
