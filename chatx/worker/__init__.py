"""Everything that happens because time passed. Any number of workers share the timers; what they do is in `handlers/`."""

import threading
from datetime import UTC, datetime

from flask import Flask

from chatx import registry
from chatx.dispatch.transaction import in_snapshot
from chatx.extensions import alarm
from chatx.models.timer import Timer
from chatx.worker.lane import Lane

LONGEST_BATCH = 2  # seconds for what runs at the end; after that it is undone, and another worker's


class Worker:
    """`run` works until `stop`: all quick kinds in one lane, and each kind that prepares slowly in one of its own."""

    def __init__(self, app: Flask) -> None:
        quick = [kind for kind, handler in registry.timers.items() if handler.prepares is None]
        slow = [kind for kind, handler in registry.timers.items() if handler.prepares is not None]
        self._lanes = [Lane(app, quick), *(Lane(app, [kind]) for kind in slow)]
        self._ended = threading.Event()
        self._ended.set()

    def run(self) -> None:
        """Work off what is due, whatever happens; returns after `stop`."""
        self._ended.clear()
        alarm.bind(self._wake)
        first, *others = (threading.Thread(target=lane.run, daemon=True) for lane in self._lanes)
        for thread in (first, *others):
            thread.start()
        first.join()
        for thread in others:
            thread.join(LONGEST_BATCH)
        self._ended.set()

    def stop(self) -> None:
        """Begin nothing any more. A signal handler may call it: the lanes are in threads of their own."""
        for lane in self._lanes:
            lane.stop()

    def wait(self) -> None:
        """Until what ran at `stop` has ended, for a while; not at all where it never ran."""
        self._ended.wait(LONGEST_BATCH)

    def _wake(self, due_at: datetime) -> None:
        for lane in self._lanes:
            lane.wake(due_at)


def overdue_seconds(app: Flask) -> float:
    """For how long something has been due that nobody has done."""
    with app.app_context():
        earliest = in_snapshot(lambda: Timer.earliest(list(registry.timers)))
    return max(0.0, (datetime.now(UTC) - min(earliest.values())).total_seconds()) if earliest else 0.0
