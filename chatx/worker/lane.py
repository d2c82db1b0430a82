"""One loop over some kinds of timers: it works off what is due, and sleeps until the next one."""

import logging
import threading
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from flask import Flask

from chatx.dispatch.transaction import in_snapshot, in_transaction
from chatx.models.timer import Timer
from chatx.registry import TimerHandler, timers
from chatx.worker.batch import work_off

# Others set timers too, and only those set in this process wake us.
LONGEST_SLEEP = timedelta(seconds=1)
LONGEST_REST = timedelta(seconds=0.5)
# When others are at all that is due.
SHORTEST_SLEEP = timedelta(seconds=0.05)

log = logging.getLogger(__name__)


class Lane:
    """`run` works until `stop`, which lets it finish the batch it is at."""

    def __init__(self, app: Flask, kinds: Sequence[str]) -> None:
        self._app, self._kinds = app, kinds
        self._woken = threading.Event()
        self._stops = self._ensured = False

    def run(self) -> None:
        """Turn after turn, with the sleep between them that each asks for."""
        while not self._stops:
            self._woken.clear()
            pause = self._turn()
            if not self._stops:
                self._woken.wait(pause.total_seconds())

    def stop(self) -> None:
        self._stops = True
        self._woken.set()

    def wake(self, due_at: datetime) -> None:
        """Something that is due then was set."""
        if due_at < datetime.now(UTC) + LONGEST_SLEEP:
            self._woken.set()

    def _turn(self) -> timedelta:
        """A batch of every kind that has something due, the longest due first; how long to sleep after it."""
        try:
            with self._app.app_context():
                self._ensure_periodic()
                earliest = in_snapshot(lambda: Timer.earliest(self._kinds))
                now = datetime.now(UTC)
                ripe = sorted((due_at, kind) for kind, due_at in earliest.items() if due_at <= now)
                if not ripe:
                    return min([LONGEST_SLEEP, *(due_at - now for due_at in earliest.values())])
                rests = [self._work_off(timers[kind]) for _, kind in ripe if not self._stops]
                worked = [rest for rest in rests if rest is not None]
                return min(sum(worked, timedelta()), LONGEST_REST) if worked else SHORTEST_SLEEP
        except Exception as error:
            # The database is away, or not migrated yet; nothing is lost, and it is asked again.
            log.warning("worker: cannot work", extra={"error": type(error).__name__, "reason": str(error).split("\n")[0]})
            return LONGEST_SLEEP

    def _work_off(self, handler: TimerHandler) -> timedelta | None:
        """A batch of this kind; how long to rest from it, or None where others were at all that is due."""
        began = time.monotonic()
        return timedelta(seconds=handler.rests * (time.monotonic() - began)) if work_off(handler) else None

    def _ensure_periodic(self) -> None:
        if not self._ensured:
            periodic = [kind for kind in self._kinds if timers[kind].every is not None]
            in_transaction(lambda: [Timer.ensure(kind, datetime.now(UTC)) for kind in periodic])
            self._ensured = True
