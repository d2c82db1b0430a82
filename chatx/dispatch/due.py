"""Timers: a batch of one kind runs in one transaction, which takes them too, and is told after it; as calls are."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Protocol, TypeVar

from chatx.context import Context, DueCall
from chatx.dispatch.following import follow
from chatx.dispatch.frames import frames_of
from chatx.dispatch.transaction import in_snapshot, in_transaction
from chatx.registry import TimerHandler
from chatx.services.live import Frame, live
from chatx.services.metrics import metrics


class Due(Protocol):
    """A timer that was taken; `models.timer.Due` is one."""

    @property
    def id(self) -> str: ...
    @property
    def key(self) -> str: ...
    @property
    def due_at(self) -> datetime: ...
    @property
    def data(self) -> dict[str, Any]: ...


T = TypeVar("T", bound=Due)


def prepare_due(handler: TimerHandler, dues: Sequence[T]) -> dict[str, Any]:
    """What their kind prepares for these, by id."""
    assert handler.prepares is not None
    prepared = handler.prepares([_call(each, None) for each in dues])
    return {each.id: value for each, value in zip(dues, prepared, strict=True)}


def run_due(handler: TimerHandler, take: Callable[[], Sequence[T]], prepared: Mapping[str, Any] | None = None) -> None:
    """Do what is due and tell it. `take` takes the timers off their table, in the same transaction; it may be tried again."""

    def attempt() -> tuple[list[DueCall], list[Frame]]:
        calls = [_call(each, prepared and prepared[each.id]) for each in take()]
        if calls:
            handler.run(calls)
        return calls, [frame for call in calls for frame in frames_of(call.ctx)]

    calls, frames = in_transaction(attempt)
    live.publish(frames)
    follow(frames)
    for call in calls:
        live.sign_out(call.ctx.signed_out)
    if calls:
        _count(handler.kind, calls)


def _call(due: Due, prepared: Any) -> DueCall:
    return DueCall(Context(None, read=in_snapshot), due.key, due.due_at, due.data, prepared)


def _count(kind: str, calls: Sequence[DueCall]) -> None:
    now = datetime.now(UTC)
    metrics.batch_size.see(len(calls), kind)
    for call in calls:
        metrics.timer_lateness.see((now - call.due_at).total_seconds(), kind)
