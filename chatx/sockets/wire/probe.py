"""A WebSocket that is to take over from long polling: it asks whether it works, is told so, and says when."""

from typing import TYPE_CHECKING

from engineio.packet import PONG, Packet
from eventlet.hubs import get_hub

from chatx.sockets.wire import handshake
from chatx.sockets.wire.frames import POLICY, Violation

if TYPE_CHECKING:
    from chatx.sockets.wire.session import Session

UPGRADE_SECONDS = 10.0


class Probe:
    """Hears a connection until it belongs to the session."""

    full = False

    def __init__(self, session: "Session", environ: handshake.Environ, longest_message: int) -> None:
        self._session = session
        self._works = False
        self.connection = handshake.connect(environ, longest_message, self)
        get_hub().schedule_call_global(UPGRADE_SECONDS, self._too_late)

    def hear(self, message: str | bytes) -> None:
        """`2probe` is answered; then `5` takes over."""
        if message == "2probe":
            self._works = True
            self.connection.add(Packet(PONG, "probe"))
            self._session.release_poll()
        elif message == "5" and self._works:
            self._session.upgrade_to(self.connection)
        else:
            raise Violation(POLICY, "not an upgrade")

    def gone(self, *, error: bool) -> None:
        """The session goes on polling."""
        self._session.stay()

    def _too_late(self) -> None:
        if self.connection.ear is self:
            self.connection.close(POLICY)
            self._session.stay()
