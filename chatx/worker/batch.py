"""One batch of timers: taken, prepared where their kind does so, run; and what fails in it put off, alone."""

import logging
from collections.abc import Collection, Sequence
from datetime import UTC, datetime, timedelta

from chatx.dispatch.due import prepare_due, run_due
from chatx.dispatch.transaction import in_transaction
from chatx.models.timer import Due, Timer
from chatx.registry import TimerHandler
from chatx.services.metrics import metrics

# For how long a timer that is being prepared is left alone by others. Its worker may have died.
LEASE = timedelta(seconds=60)
LONGEST_DELAY = timedelta(hours=1)

log = logging.getLogger(__name__)


def work_off(handler: TimerHandler) -> int:
    """Do what is due of one kind, as much as it takes at once; how many that were. What fails in it is put off."""
    if handler.prepares is None:
        return _work_off(handler)
    now = datetime.now(UTC)
    leased = in_transaction(lambda: Timer.lease(handler.kind, now, handler.most, now + LEASE))
    if leased:
        _prepare_and_work_off(handler, leased)
    return len(leased)


def _work_off(handler: TimerHandler, keys: Collection[str] | None = None) -> int:
    """One batch. One that fails is halved until only what fails in it is left."""
    batch: list[Due] = []

    def take() -> list[Due]:
        batch[:] = Timer.take(handler.kind, datetime.now(UTC), handler.most, keys)
        return _set_again(handler, batch)

    try:
        run_due(handler, take)
    except Exception as error:
        if not batch:
            raise
        if len(batch) == 1:
            _put_off(handler, batch[0], error)
        else:
            for half in _halves(batch):
                _work_off(handler, [each.key for each in half])
    return len(batch)


def _prepare_and_work_off(handler: TimerHandler, leased: Sequence[Due]) -> None:
    """The same with what is slow done first, beside all transactions. Whoever then takes a timer has its one effect."""
    try:
        prepared = prepare_due(handler, leased)
        failed = {each: value for each, value in prepared.items() if isinstance(value, Exception)}
        good = [each for each in leased if each.id not in failed]
        if good:
            run_due(handler, lambda: _set_again(handler, Timer.take_leased(good)), prepared)
    except Exception as error:
        if len(leased) == 1:
            _put_off(handler, leased[0], error)
            return
        for half in _halves(leased):
            _prepare_and_work_off(handler, half)
    else:
        for each in leased:
            if each.id in failed:
                _put_off(handler, each, failed[each.id])


def _set_again(handler: TimerHandler, batch: list[Due]) -> list[Due]:
    """What comes again and again, before it runs, so that it can set itself to another time."""
    if handler.every is not None:
        for each in batch:
            Timer.set(handler.kind, each.key, datetime.now(UTC) + timedelta(seconds=handler.every))
    return batch


def _put_off(handler: TimerHandler, due: Due, error: Exception) -> None:
    """It comes again after 1, 2, 4, … seconds, at most an hour, and never not at all: what was promised waits for its repair."""
    delay = min(timedelta(seconds=2 ** min(due.attempts, 20)), LONGEST_DELAY)
    in_transaction(lambda: Timer.postpone(due, datetime.now(UTC) + delay))
    metrics.timers_failed.add(1, handler.kind)
    facts = {"event": handler.kind, "error": type(error).__name__, "id": due.id, "reason": f"attempt {due.attempts + 1}"}
    log.error("a timer failed", exc_info=error, extra=facts)


def _halves(batch: Sequence[Due]) -> tuple[Sequence[Due], Sequence[Due]]:
    return batch[: len(batch) // 2], batch[len(batch) // 2 :]
