"""One WebSocket without a green thread: the loop calls when there is something to read, or room to write."""

import contextlib
import socket
import struct
from typing import Any, Protocol

from eventlet.hubs import get_hub

from chatx.sockets.wire.frames import BINARY, CLOSE, GOING_AWAY, PING, PONG, TEXT, Parser, Violation, closing, encoded
from chatx.sockets.wire.outbox import Outbox
from chatx.sockets.wire.packets import frame_of

FAREWELL_SECONDS = 2.0  # for a peer to hear why, and to hang up first: what it still sends would reset what we said
MOST_WAITING_PONGS = 65_536  # bytes; not every ping needs its own answer
RESET_ON_CLOSE = struct.pack("ii", 1, 0)
_buffer = bytearray(65_536)
_view = memoryview(_buffer)


class Ear(Protocol):
    """Who hears a connection. Called from the loop, so it must not wait."""

    @property
    def full(self) -> bool:
        """Whether it wants to hear no more until it says `resume`."""

    def hear(self, message: str | bytes) -> None:
        """A whole message; Violation ends the connection with its code."""

    def gone(self, *, error: bool) -> None:
        """Nothing more will be heard, since the peer left or broke the protocol."""


class Connection:
    """Reads whole messages to its ear, answers pings and closes by RFC 6455, writes through its outbox."""

    __slots__ = ("_answered", "_closing", "_parser", "_reads", "_sock", "ear", "outbox")

    def __init__(self, sock: socket.socket, longest_message: int, ear: Ear) -> None:
        self._sock, self.ear = sock, ear
        self._parser = Parser(longest_message)
        self._reads: Any = None
        self._closing = self._answered = False
        self.outbox = Outbox(sock, self._lost)

    def begin(self, greeting: bytes, beyond: bytes) -> None:
        """Write the greeting; hear what is beyond the handshake already, then what comes."""
        self.outbox.add(greeting)
        # In the loop's own green thread, which the listener then belongs to: ours is to end and be forgotten.
        get_hub().schedule_call_global(0, self._begin, beyond)

    @property
    def waiting(self) -> int:
        """Bytes that were not written yet."""
        return self.outbox.waiting

    def add(self, packet: Any) -> None:
        """Write one packet of Engine.IO; nothing follows a goodbye."""
        if not self._closing:
            self.outbox.add(frame_of(packet))

    def offer(self, packet: Any, most: int) -> bool:
        """Write one packet, unless more than so many bytes wait that the client does not take."""
        outbox = self.outbox
        if outbox.waiting > most:
            outbox.flush()  # in one turn, perhaps nothing was written yet
            if outbox.waiting > most:
                return False
        if not self._closing:
            outbox.add(frame_of(packet))
        return True

    def release(self) -> None:
        """There is no poll to answer."""

    def pause(self) -> None:
        """Read no more: the kernel, and then the client, keep what comes."""
        if self._reads is not None:
            get_hub().remove(self._reads)
            self._reads = None

    def resume(self) -> None:
        """Read again."""
        number = self._sock.fileno()
        if self._reads is None and number >= 0:
            hub = get_hub()
            self._reads = hub.add(hub.READ, number, self._readable, self._obsolete, None)

    def close(self, code: int = GOING_AWAY) -> None:
        """After all that waits, say goodbye with this code; what still comes is not heard."""
        if self._closing:
            return
        self._closing = True
        self.outbox.then = self._said_goodbye
        self.outbox.add(closing(code))
        self.resume()
        get_hub().schedule_call_global(FAREWELL_SECONDS, self.end)

    def cut(self) -> None:
        """End it now. The kernel would go on offering what it took for a client that does not read."""
        with contextlib.suppress(OSError):
            self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
        self.end()

    def end(self) -> None:
        """Close the socket."""
        self._closing = True
        self.pause()
        self.outbox.close()
        self._sock.close()

    def _begin(self, beyond: bytes) -> None:
        if beyond and not self._closing:
            self._hear(beyond)
        if self._closing or not self.ear.full:
            self.resume()

    def _readable(self, _: int) -> None:
        try:
            size = self._sock.recv_into(_buffer)
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            size = 0
        if not size:
            self._lost()
        elif not self._closing:
            self._hear(bytes(_view[:size]))

    def _hear(self, data: bytes) -> None:
        try:
            for opcode, message in self._parser.feed(data):
                self._take(opcode, message)
                if self._closing:
                    return
        except Violation as violation:
            self.close(violation.code)
            self.ear.gone(error=True)
        else:
            if self.ear.full:
                self.pause()

    def _take(self, opcode: int, message: Any) -> None:
        if opcode in (TEXT, BINARY):
            self.ear.hear(message)
        elif opcode == PING and self.outbox.waiting < MOST_WAITING_PONGS:
            self.outbox.add(encoded(message, PONG))
        elif opcode == CLOSE:
            self._answered = True
            self.close(message)
            self.ear.gone(error=False)

    def _said_goodbye(self) -> None:
        if self._answered:
            self.end()
            return
        with contextlib.suppress(OSError):
            self._sock.shutdown(socket.SHUT_WR)

    def _lost(self) -> None:
        said_so = self._closing
        self.end()
        if not said_so:
            self.ear.gone(error=False)

    def _obsolete(self, _: BaseException) -> None:
        self._lost()
