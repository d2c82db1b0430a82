"""Token buckets in the memory of this process, so that no call of a device waits to be counted."""

import time
from collections import OrderedDict
from collections.abc import Callable

KEPT = 100_000  # buckets; beyond it those that were not drawn from for longest are forgotten, and are full again


class Buckets:
    """One bucket for each key: `size` tokens, refilled evenly within so many seconds."""

    def __init__(self, size: int, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._size, self._rate, self._clock = size, size / seconds, clock
        self._kept: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def draw(self, key: str) -> float:
        """Take a token; 0, or the seconds until there is one."""
        now = self._clock()
        tokens, since = self._kept.get(key, (self._size, now))
        tokens = min(self._size, tokens + (now - since) * self._rate)
        left = tokens - 1 if tokens >= 1 else tokens
        self._kept[key] = (left, now)
        self._kept.move_to_end(key)
        if len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        return 0.0 if tokens >= 1 else (1 - tokens) / self._rate
