"""In order: of two processes that publish to one feed, the second may be heard first; here its frame waits for its turn."""

import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, Protocol, TypeVar

from chatx.extensions import background

HOLD_SECONDS = 0.05
FEEDS_KEPT = 50_000


class Numbered(Protocol):
    """A frame with its place in the feed of its channel; seq is 0 for what is volatile."""

    @property
    def channel(self) -> str: ...
    @property
    def seq(self) -> int: ...


T = TypeVar("T", bound=Numbered)


class InOrder(Generic[T]):
    """Hands frames on, those of one feed in the order of their seq.

    An early one is held until the missing ones are heard, at most HOLD_SECONDS. One that comes later still is dropped:
    clients have seen the hole by then, and sync.
    """

    def __init__(self, hand_on: Callable[[T], None]) -> None:
        self._hand_on = hand_on
        self._last: OrderedDict[str, int] = OrderedDict()
        self._early: dict[str, dict[int, T]] = {}

    def hear(self, frame: T) -> None:
        """Hand this frame on, now or in its turn."""
        if not frame.seq:
            self._hand_on(frame)
            return
        last = self._last.get(frame.channel)
        if last is None or frame.seq == last + 1:
            self._pass(frame.channel, frame)
            self._release(frame.channel)
        elif frame.seq > last:
            self._hold(frame.channel, frame)

    def forget(self, feed: str) -> None:
        """Nothing is missing before the next frame of this feed, whatever was heard before."""
        self._last.pop(feed, None)

    def _pass(self, feed: str, frame: T) -> None:
        self._last[feed] = frame.seq
        self._last.move_to_end(feed)
        if len(self._last) > FEEDS_KEPT:
            self._last.popitem(last=False)
        self._hand_on(frame)

    def _hold(self, feed: str, frame: T) -> None:
        held = self._early.setdefault(feed, {})
        held[frame.seq] = frame
        if len(held) == 1:
            background.spawn(self._give_up, feed)

    def _release(self, feed: str) -> None:
        """Those held whose turn has come."""
        held = self._early.get(feed, {})
        while (frame := held.pop(self._last[feed] + 1, None)) is not None:
            self._pass(feed, frame)
        if not held:
            self._early.pop(feed, None)

    def _give_up(self, feed: str) -> None:
        """Wait no longer: hand on what is held, in order, over the hole."""
        time.sleep(HOLD_SECONDS)
        for seq, frame in sorted(self._early.pop(feed, {}).items()):
            if seq > self._last.get(feed, 0):
                self._pass(feed, frame)
