"""Long polling: what waits for the next poll of one client, of which there is one at a time."""

from collections.abc import Callable
from typing import Any

from engineio.packet import NOOP, Packet
from eventlet.event import Event

from chatx.sockets.wire.hangup import heard_hanging_up
from chatx.sockets.wire.packets import size_of


class Polling:
    """Packets in their order; `waiting` are their bytes."""

    __slots__ = ("_asked", "_packets", "waiting")

    def __init__(self) -> None:
        self._packets: list[Any] = []
        self._asked: Event | None = None
        self.waiting = 0

    @property
    def polled(self) -> bool:
        """Whether a poll waits, or is about to take what there is."""
        return self._asked is not None

    def add(self, packet: Any) -> None:
        """Have the next poll take it."""
        self._packets.append(packet)
        self.waiting += size_of(packet)
        if self._asked is not None and not self._asked.ready():
            self._asked.send()

    def offer(self, packet: Any, most: int) -> bool:
        """Have the next poll take it, unless more than so many bytes wait for one."""
        if self.waiting > most and not self.polled:
            return False
        self.add(packet)
        return True

    def pause(self) -> None:
        """Nothing is read but requests, and whoever gets those may refuse them."""

    def resume(self) -> None:
        """As pause."""

    def cut(self) -> None:
        """Forget what waits."""
        self.take()

    def close(self, code: int = 0) -> None:
        """Answer a poll that waits; there is nothing else to end."""
        self.release()

    def release(self) -> None:
        """Answer a poll that waits, though there is nothing to say."""
        if self.polled and not self._packets:
            self.add(Packet(NOOP))

    def poll(self, environ: dict[str, Any], left: Callable[[], None]) -> list[Any]:
        """Everything that waits; waits for the first, and calls `left` if the client of this request does not."""
        if not self._packets:
            self._asked = Event()
            try:
                with heard_hanging_up(environ, left):
                    self._asked.wait()
            finally:
                self._asked = None
        return self.take()

    def take(self) -> list[Any]:
        """Everything that waits, at once."""
        taken, self._packets, self.waiting = self._packets, [], 0
        return taken
