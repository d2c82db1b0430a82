"""What waits for a client has a bound: who stops reading is closed, may come back and sync, and costs the others nothing.

python-engineio queues without end. `tests/sockets/test_strict.py` pins the private parts that are overridden here: a packet
enters the queue in `send` and leaves it in `poll`, which the writer of a WebSocket calls again once all before is sent.
"""

import contextlib
import socket
import struct
from typing import Any

from engineio.packet import Packet
from engineio.socket import Socket

OUTBOX_FULL = "outbox full"
RESET_ON_CLOSE = struct.pack("ii", 1, 0)


class BoundedSocket(Socket):
    """An Engine.IO socket that knows how many bytes wait in its queue, and ends when they are too many.

    Besides them it holds at most what its last poll took, which was bounded while it waited. One packet is let in however
    big it is: a page that the client has asked for would otherwise never arrive.
    """

    outbox_bytes = 1_048_576

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.waiting = 0
        self._polls = 0
        self._wire: Any = None

    @property
    def unsent(self) -> bool:
        """Whether something waits, or is being written: the writer of a WebSocket polls again when all is sent."""
        return self.waiting > 0 or (self.upgraded and not self._polls)

    def send(self, pkt: Packet) -> None:
        # Whoever is polling takes everything at its next turn: many packets within one turn make no slow reader.
        if self.waiting > self.outbox_bytes and not self._polls and not self.closed:
            self.close(wait=False, abort=True, reason=OUTBOX_FULL)
            self.cut()
            return
        self.waiting += _size(pkt)
        super().send(pkt)

    def poll(self) -> list[Packet]:
        self._polls += 1
        try:
            packets: list[Packet] = super().poll()
        finally:
            self._polls -= 1
        self.waiting -= sum(map(_size, packets))
        return packets

    def cut(self) -> None:
        """End the TCP connection: a writer that waits for its client to read would keep a green thread and a file."""
        if self._wire is None:
            return
        with contextlib.suppress(OSError):
            # The kernel would go on holding, and offering, what it has taken for a client that does not read.
            self._wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
            self._wire.shutdown(socket.SHUT_RDWR)

    def _websocket_handler(self, ws: Any) -> Any:
        self._wire = getattr(ws, "socket", None)
        return super()._websocket_handler(ws)


def _size(packet: Packet) -> int:
    """Its bytes on the wire; the packet keeps its encoding for the next who asks."""
    encoded = packet.encode()
    return len(encoded) if isinstance(encoded, bytes) or encoded.isascii() else len(encoded.encode())
