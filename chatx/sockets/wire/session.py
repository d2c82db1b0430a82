"""One client: a session of Engine.IO 4 over long polling, a WebSocket, or first the one and then the other."""

from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from engineio.exceptions import EngineIOError
from engineio.packet import CLOSE, NOOP, Packet
from eventlet import spawn_n
from eventlet.event import Event

from chatx.sockets.wire import OUTBOX_FULL, handshake
from chatx.sockets.wire.connection import Connection
from chatx.sockets.wire.frames import GOING_AWAY, NORMAL, POLICY, Violation
from chatx.sockets.wire.inbox import Inbox
from chatx.sockets.wire.packets import messages_of
from chatx.sockets.wire.polling import Polling
from chatx.sockets.wire.probe import Probe

if TYPE_CHECKING:
    from chatx.sockets.wire.engine import Engine


class Session:
    """Stands where python-engineio has its own Socket. What it is sent is handled in order, in a green thread that ends.

    joined: the Socket.IO id of its place in the chat's namespace, once it has one.
    """

    __slots__ = ("_engine", "_probe", "_room", "_transport", "closed", "connected", "deaf", "inbox", "joined", "session", "sid")

    def __init__(self, engine: "Engine", sid: str) -> None:
        self.sid, self._engine = sid, engine
        self._transport: Polling | Connection
        self._probe: Probe | None = None
        self._room: Event | None = None
        self.inbox = Inbox(self._has_room)
        self.session: dict[str, Any] = {}
        self.joined: str | None = None
        self.connected = True
        self.closed = self.deaf = False

    @property
    def upgraded(self) -> bool:
        """Whether it has a WebSocket, and polls no more."""
        return isinstance(self._transport, Connection)

    @property
    def unsent(self) -> bool:
        """Whether something waits to leave."""
        return self._transport.waiting > 0

    @property
    def full(self) -> bool:
        """Whether it is read no further for now."""
        return self.inbox.full

    def begin(self, environ: handshake.Environ, transport: str) -> None:
        """Answer the request that opened it, if that was for a WebSocket."""
        self._transport = (
            handshake.connect(environ, self._engine.longest_message, self) if transport == "websocket" else Polling()
        )

    def send(self, pkt: Any) -> None:
        """Send one packet. Who does not take what waits already is closed; one packet is let in however big it is."""
        if not self.closed and not self._transport.offer(pkt, self._engine.outbox_bytes):
            self.cut()
            self.end(OUTBOX_FULL)

    def hear(self, message: str | bytes) -> None:
        """One packet as it came; Violation where there is no such."""
        if self.closed or self.deaf:
            return
        kind = message[:1]
        if isinstance(message, bytes):
            self.inbox.put(partial(self._engine.handle, self, message))
        elif kind == "4":
            if not self._engine.take_at_once(self, message):
                self.inbox.put(partial(self._engine.handle, self, message[1:]))
        elif kind == "3":
            self._engine.heard_pong(self)
        elif kind == "1":
            self.inbox.put(partial(self.close, abort=True, reason=self._engine.reason.CLIENT_DISCONNECT))
        elif kind not in ("5", "6"):
            raise Violation(POLICY, "not a packet")

    def gone(self, *, error: bool) -> None:
        """Its WebSocket has ended; what came before that is still handled."""
        reason = self._engine.reason.TRANSPORT_ERROR if error else self._engine.reason.TRANSPORT_CLOSE
        if self.deaf:
            self.end(reason)
        else:
            self.inbox.put(partial(self.close, abort=True, reason=reason))

    def hush(self) -> None:
        """Begin nothing any more; what runs is finished, and what waits may leave."""
        self.deaf = True
        self.inbox.clear()
        self._transport.pause()

    def handle_get_request(self, environ: handshake.Environ, start_response: Any) -> Any:
        """A poll, or a WebSocket that is to take over; the library sends neither once there is one."""
        if parse_qs(environ["QUERY_STRING"])["transport"] == ["websocket"]:
            return self._upgrade(environ)
        if self._probe is not None:
            return [Packet(NOOP)]
        if not isinstance(self._transport, Polling) or self._transport.polled:
            self.close(reason=self._engine.reason.TRANSPORT_ERROR)
            raise EngineIOError
        return self._transport.poll(environ, partial(self.end, self._engine.reason.TRANSPORT_CLOSE))

    def handle_post_request(self, environ: handshake.Environ) -> None:
        """What a client that polls has to say; answered when there is room for more."""
        body = environ["wsgi.input"].read(self._engine.longest_message + 1)
        try:
            if self.deaf or len(body) > self._engine.longest_message:
                raise Violation(POLICY, "too much")
            for message in messages_of(body):
                self.hear(message)
        except Violation as violation:
            self.close(abort=True, reason=self._engine.reason.TRANSPORT_ERROR)
            raise EngineIOError from violation
        while self.inbox.full and not self.closed:
            self._room = self._room or Event()
            self._room.wait()

    def release_poll(self) -> None:
        """A WebSocket works: a poll that waits is answered, so that the client can turn to it."""
        self._transport.release()

    def upgrade_to(self, connection: Connection) -> None:
        """What waited for a poll goes to the WebSocket."""
        polling, self._probe = self._transport, None
        self._transport = connection
        connection.ear = self
        if isinstance(polling, Polling):
            for packet in polling.take():
                connection.add(packet)
            polling.release()

    def stay(self) -> None:
        """The WebSocket came to nothing."""
        self._probe = None

    def close(self, wait: bool = True, abort: bool = False, reason: str | None = None) -> None:
        """End it and tell the application; `abort` spares the packet that makes official clients stay away."""
        if self._leave(abort, reason):
            self._engine.tell_gone(self, reason)

    def end(self, reason: str, *, abort: bool = True) -> None:
        """The same from within the loop, where nothing may wait."""
        if self._leave(abort, reason):
            spawn_n(self._engine.tell_gone, self, reason)

    def cut(self) -> None:
        """End the TCP connection, whatever waits."""
        self._transport.cut()

    def _leave(self, abort: bool, reason: str | None) -> bool:
        if self.closed:
            return False
        if not abort:
            self._transport.add(Packet(CLOSE))
        self.closed = True
        self._engine.forget(self)
        self.inbox.clear()
        self._has_room()
        code = POLICY if reason == self._engine.reason.TRANSPORT_ERROR else GOING_AWAY if abort else NORMAL
        self._transport.close(code)
        if self._probe is not None:
            self._probe.connection.close(code)
        return True

    def _upgrade(self, environ: handshake.Environ) -> Any:
        if self._probe is not None or self.deaf:
            return self._engine.bad_request("It is being upgraded already.")
        if (refusal := handshake.refusal(environ)) is not None:
            return refusal
        self._probe = Probe(self, environ, self._engine.longest_message)
        return handshake.HANDLED

    def _has_room(self) -> None:
        room, self._room = self._room, None
        if room is not None:
            room.send()
        if not self.deaf:
            self._transport.resume()
