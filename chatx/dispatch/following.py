"""What follows from what was told (`@follows`): done soon, by this process, and later where calls need the time."""

import logging
import threading
import time
from collections.abc import Sequence

from flask import Flask, current_app

from chatx import registry
from chatx.dispatch.transaction import in_transaction
from chatx.extensions import background
from chatx.services.live import Frame

PATIENCE = 0.25  # seconds in which more may come, to be done in one go
MOST_ROOMS = 64
BUSY = 500  # told in a second: so much is left in peace at first, since it may soon pass
LONGEST_PAUSE = 5.0

log = logging.getLogger(__name__)


class Following:
    """The rooms of one event where something is to be done; one green thread works them off, and ends when there are none."""

    def __init__(self, follower: registry.Follower) -> None:
        self._follower = follower
        self._rooms: dict[str, None] = {}
        self._told = 0
        self._works = False
        self._lock = threading.Lock()

    def add(self, app: Flask, room_ids: Sequence[str]) -> None:
        """Something was told there."""
        with self._lock:
            self._rooms |= dict.fromkeys(room_ids)
            self._told += len(room_ids)
            starts, self._works = not self._works, True
        if starts:
            background.spawn(self._work, app)

    def _work(self, app: Flask) -> None:
        pause, calm_at = PATIENCE, time.monotonic()
        while True:
            begin = time.monotonic()
            threading.Event().wait(pause)
            rooms, told = self._next()
            if not rooms:
                return
            now = time.monotonic()
            has_more = self._follow(app, rooms)
            took = time.monotonic() - now
            if told < BUSY * (now - begin):
                calm_at = now
            pause = _pause(took, busy_for=now - calm_at) if has_more else PATIENCE

    def _next(self) -> tuple[list[str], int]:
        """Some rooms, and how often something was told since the last time."""
        with self._lock:
            rooms = list(self._rooms)[:MOST_ROOMS]
            for room_id in rooms:
                del self._rooms[room_id]
            told, self._told = self._told, 0
            self._works = bool(rooms)
            return rooms, told

    def _follow(self, app: Flask, rooms: Sequence[str]) -> bool:
        """Whether there is more to do now."""
        try:
            with app.app_context():
                left = in_transaction(lambda: self._follower.run(rooms))
        except Exception as error:
            # What is forgotten here is found in another way, so the follower promises.
            facts = {"event": self._follower.event, "error": type(error).__name__, "reason": str(error).split("\n")[0]}
            log.warning("follow: not done", extra=facts)
            return False
        with self._lock:
            self._rooms |= dict.fromkeys(left)
            return len(self._rooms) >= MOST_ROOMS or bool(left)


def _pause(took: float, busy_for: float) -> float:
    """As long as the work took; where calls have needed the time for so many seconds, a hundred times, fifty, … twice as long."""
    return took if not busy_for else min(LONGEST_PAUSE, took * max(2.0, 100 / (1 + busy_for / 5)))


_followings: dict[str, Following] = {}


def follow(frames: Sequence[Frame], app: Flask | None = None) -> None:
    """Note what follows from what was told; costs next to nothing. A command leaves it to those who look for it.

    app: where it is not at hand as the current one.
    """
    told: dict[str, list[str]] = {}
    for frame in frames if background.lasts else ():
        if frame.event in registry.followers:
            told.setdefault(frame.event, []).append(frame.feed_id)
    for event, room_ids in told.items():
        _following(event).add(app or current_app._get_current_object(), room_ids)  # type: ignore[attr-defined]


def _following(event: str) -> Following:
    if event not in _followings:
        _followings[event] = Following(registry.followers[event])
    return _followings[event]
