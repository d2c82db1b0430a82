"""What waits to be written to one WebSocket: all of one turn of the loop leaves in one write, the rest when there is room."""

import logging
import socket
from collections.abc import Callable
from typing import Any

from eventlet.hubs import get_hub

log = logging.getLogger("chatx.sockets")

_due: list["Outbox"] = []


class Outbox:
    """Frames in their order. then: called once all is written; lost: called when nothing can be written any more."""

    __slots__ = ("_frames", "_lost", "_queued", "_sock", "_waits_for_room", "then", "waiting")

    def __init__(self, sock: socket.socket, lost: Callable[[], None]) -> None:
        self._sock, self._lost = sock, lost
        self._frames: list[bytes] = []
        self._queued = False
        self._waits_for_room: Any = None
        self.waiting = 0  # bytes
        self.then: Callable[[], None] | None = None

    def add(self, frame: bytes) -> None:
        """Have it written at the end of this turn."""
        self._frames.append(frame)
        self.waiting += len(frame)
        if not self._queued:
            self._queued = True
            if not _due:
                get_hub().schedule_call_global(0, _flush_all)
            _due.append(self)

    def flush(self) -> None:
        """Write what there is room for, now."""
        if self._waits_for_room is None:
            self._write()

    def give_up(self) -> None:
        """Nothing can be written any more."""
        self._lost()

    def close(self) -> None:
        """Forget what waits; the socket is about to be closed."""
        self._frames.clear()
        self.waiting, self.then = 0, None
        self._no_more_room_needed()

    def _write(self, _: int = 0) -> None:
        data = self._frames[0] if len(self._frames) == 1 else b"".join(self._frames)
        try:
            sent = self._sock.send(data) if data else 0
        except (BlockingIOError, InterruptedError):
            sent = 0
        except OSError:
            self._lost()
            return
        self.waiting -= sent
        self._frames[:] = [data[sent:]] if sent < len(data) else []
        if self._frames:
            self._wait_for_room()
        else:
            self._no_more_room_needed()
            self._queued = False
            if self.then is not None:
                self.then()

    def _wait_for_room(self) -> None:
        if self._waits_for_room is None:
            hub, number = get_hub(), self._sock.fileno()
            self._waits_for_room = hub.add(hub.WRITE, number, self._write, self._obsolete, None)

    def _no_more_room_needed(self) -> None:
        if self._waits_for_room is not None:
            get_hub().remove(self._waits_for_room)
            self._waits_for_room = None

    def _obsolete(self, _: BaseException) -> None:
        self._lost()


def _flush_all() -> None:
    due, _due[:] = list(_due), []
    for outbox in due:
        try:
            outbox.flush()
        except Exception:
            log.exception("a connection could not be written to")  # the others still are
            outbox.give_up()
