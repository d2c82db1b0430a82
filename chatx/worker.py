"""Everything that happens because time passed: takes the timers that are due, hands them to what is registered for their
kind, and sleeps until the next one. Any number of workers share one table; what they do is in `handlers/`.
"""

import logging
import threading
from collections.abc import Collection
from datetime import UTC, datetime, timedelta

from flask import Flask

from chatx import registry
from chatx.dispatch.due import run_due
from chatx.dispatch.transaction import in_snapshot, in_transaction
from chatx.extensions import alarm
from chatx.models.timer import Due, Timer
from chatx.registry import TimerHandler

# Others set timers too, and only ours are heard of.
LONGEST_SLEEP = timedelta(seconds=1)
# When others are at all that is due.
SHORTEST_SLEEP = timedelta(seconds=0.05)
LONGEST_DELAY = timedelta(hours=1)

log = logging.getLogger(__name__)


class Worker:
    """`run` works until `stop`, which lets it finish the batch it is at."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._kinds = list(registry.timers)
        self._woken, self._ended = threading.Event(), threading.Event()
        self._ended.set()
        self._stops = self._ensured = False

    def run(self) -> None:
        """Work off what is due, whatever happens; returns after `stop`."""
        self._ended.clear()
        alarm.bind(self._wake)
        while not self._stops:
            self._woken.clear()
            pause = self._turn()
            if pause and not self._stops:
                self._woken.wait(pause.total_seconds())
        self._ended.set()

    def stop(self) -> None:
        """Begin nothing any more. Not for a signal handler itself, which may have interrupted what this waits for."""
        self._stops = True
        self._woken.set()

    def wait(self, seconds: float) -> None:
        """Until it has ended, at most so long; not at all where it never ran."""
        self._ended.wait(seconds)

    def _wake(self, due_at: datetime) -> None:
        if due_at < datetime.now(UTC) + LONGEST_SLEEP:
            self._woken.set()

    def _turn(self) -> timedelta | None:
        """A batch of every kind that has something due, the longest due first; how long to sleep after it."""
        try:
            with self._app.app_context():
                self._ensure_periodic()
                earliest = in_snapshot(lambda: Timer.earliest(self._kinds))
                now = datetime.now(UTC)
                ripe = sorted((due_at, kind) for kind, due_at in earliest.items() if due_at <= now)
                if not ripe:
                    return min([LONGEST_SLEEP, *(due_at - now for due_at in earliest.values())])
                taken = sum(self._work_off(registry.timers[kind]) for _, kind in ripe if not self._stops)
                return None if taken else SHORTEST_SLEEP
        except Exception as error:
            # The database is away, or not migrated yet; nothing is lost, and it is asked again.
            log.warning("worker: cannot work", extra={"error": type(error).__name__, "reason": str(error).split("\n")[0]})
            return LONGEST_SLEEP

    def _ensure_periodic(self) -> None:
        if not self._ensured:
            periodic = [kind for kind, handler in registry.timers.items() if handler.every is not None]
            in_transaction(lambda: [Timer.ensure(kind, datetime.now(UTC)) for kind in periodic])
            self._ensured = True

    def _work_off(self, handler: TimerHandler, keys: Collection[str] | None = None) -> int:
        """One batch; how many were in it. One that fails is halved until only what fails in it is left for later."""
        batch: list[Due] = []

        def take() -> list[Due]:
            now = datetime.now(UTC)
            batch[:] = Timer.take(handler.kind, now, handler.most, keys)
            if handler.every is not None:
                for each in batch:
                    # Before it runs, so that it can set itself to another time.
                    Timer.set(handler.kind, each.key, now + timedelta(seconds=handler.every))
            return batch

        try:
            run_due(handler, take)
        except Exception as error:
            if not batch:
                raise
            if len(batch) == 1:
                _put_off(handler, batch[0], error)
            else:
                middle = len(batch) // 2
                for half in (batch[:middle], batch[middle:]):
                    self._work_off(handler, [each.key for each in half])
        return len(batch)


def _put_off(handler: TimerHandler, due: Due, error: Exception) -> None:
    """It comes again after 1, 2, 4, … seconds, at most an hour, and never not at all: what was promised waits for its repair."""
    delay = min(timedelta(seconds=2 ** min(due.attempts, 20)), LONGEST_DELAY)
    in_transaction(lambda: Timer.postpone(due, datetime.now(UTC) + delay))
    facts = {"event": handler.kind, "error": type(error).__name__, "id": due.id, "reason": f"attempt {due.attempts + 1}"}
    log.error("a timer failed", exc_info=error, extra=facts)
