"""What waits to be worked off beside everything else, in its order, in batches."""

import logging
import threading
from collections import deque
from collections.abc import Callable
from typing import Generic, TypeVar

from chatx.extensions import background

log = logging.getLogger(__name__)

T = TypeVar("T")


class Backlog(Generic[T]):
    """One helper hands batches of what was put to `work`, and ends when nothing is left.

    forgot: called when a batch fails, which must not end the others; and when more than `longest` wait and the oldest is
    dropped, so that memory is bounded whatever hangs.
    """

    def __init__(self, work: Callable[[list[T]], None], forgot: Callable[[], None], *, batch: int, longest: int) -> None:
        self._work, self._forgot, self._batch, self._longest = work, forgot, batch, longest
        self._waiting: deque[T] = deque()
        self._works = False
        self._lock = threading.Lock()

    def put(self, item: T) -> None:
        """Have it worked off soon, after all that was put before."""
        with self._lock:
            self._waiting.append(item)
            if len(self._waiting) > self._longest:
                self._waiting.popleft()
                self._forgot()
            starts, self._works = not self._works, True
        if starts:
            background.spawn(self._work_off)

    @property
    def waiting(self) -> int:
        """How much nobody has begun with."""
        return len(self._waiting)

    @property
    def works(self) -> bool:
        """Whether something waits, or is just being worked at."""
        return self._works

    def _work_off(self) -> None:
        while batch := self._next():
            try:
                self._work(batch)
            except Exception:
                log.exception("a backlog lost a batch")
                self._forgot()

    def _next(self) -> list[T]:
        with self._lock:
            batch = [self._waiting.popleft() for _ in range(min(len(self._waiting), self._batch))]
            self._works = bool(batch)
            return batch
