"""Timers: a batch of one kind runs in one transaction, which takes them too, and is told after it; as calls are."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Protocol, TypeVar

from chatx.context import Context, DueCall
from chatx.dispatch.following import follow
from chatx.dispatch.frames import frames_of
from chatx.dispatch.transaction import in_transaction
from chatx.registry import TimerHandler
from chatx.services.live import Frame, live


class Due(Protocol):
    """A timer that was taken; `models.timer.Due` is one."""

    @property
    def key(self) -> str: ...
    @property
    def due_at(self) -> datetime: ...
    @property
    def data(self) -> dict[str, Any]: ...


T = TypeVar("T", bound=Due)


def run_due(handler: TimerHandler, take: Callable[[], Sequence[T]]) -> None:
    """Do what is due and tell it. `take` takes the timers off their table, in the same transaction; it may be tried again."""

    def attempt() -> tuple[list[Context], list[Frame]]:
        calls = [DueCall(Context(None), each.key, each.due_at, each.data) for each in take()]
        if calls:
            handler.run(calls)
        return [call.ctx for call in calls], [frame for call in calls for frame in frames_of(call.ctx)]

    contexts, frames = in_transaction(attempt)
    live.publish(frames)
    follow(frames)
    for ctx in contexts:
        live.sign_out(ctx.signed_out)
