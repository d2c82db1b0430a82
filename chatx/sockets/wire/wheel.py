"""Deadlines that are all equally long: a queue in the order of their end, and one timer for the first of them."""

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

from eventlet.hubs import get_hub

T = TypeVar("T", bound=Hashable)

# Deadlines that are close to each other end together: thousands of connections are a few turns a second.
GRAIN = 0.002


class Wheel(Generic[T]):
    """Calls `end(member)` that many seconds after it was set, from the loop itself: `end` must not wait."""

    def __init__(self, seconds: float, end: Callable[[T], None]) -> None:
        self._seconds, self._end = seconds, end
        self._ends: OrderedDict[T, float] = OrderedDict()
        self._turning = False

    def set(self, member: T) -> None:
        """Begin its time, anew if it runs already."""
        self._ends[member] = time.monotonic() + self._seconds
        self._ends.move_to_end(member)
        if not self._turning:
            self._turning = True
            self._turn_in(self._seconds)

    def unset(self, member: T) -> None:
        """Forget it."""
        self._ends.pop(member, None)

    def _turn_in(self, seconds: float) -> None:
        get_hub().schedule_call_global(seconds, self._turn)

    def _turn(self) -> None:
        now = time.monotonic()
        try:
            while self._ends and self._first() <= now:
                member, _ = self._ends.popitem(last=False)
                self._end(member)
        finally:
            self._turning = bool(self._ends)
            if self._turning:
                self._turn_in(self._first() - now + self._seconds * GRAIN)

    def _first(self) -> float:
        return next(iter(self._ends.values()))
