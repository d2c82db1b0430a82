"""Expiry: messages disappear when their time is over."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

from chatx import access
from chatx.context import DueCall
from chatx.models.expiry import Emptied, empty_all, go_by_index, next_expiries, overdue_in
from chatx.models.known import know_all
from chatx.models.lasting import EXPIRY
from chatx.models.room import Room
from chatx.registry import announces, due
from chatx.schemas.message.expiry import MessageExpired
from chatx.services.metrics import metrics

announces(MessageExpired)

ROOMS_AT_ONCE, MESSAGES_AT_ONCE = 100, 5_000
# A room where much expires is looked at once in this time. Nobody sees what is overdue meanwhile.
PAUSE = timedelta(seconds=1)


@due(EXPIRY, most=ROOMS_AT_ONCE, rests=3)
def expire(calls: Sequence[DueCall]) -> None:
    """Empty messages whose time is over, some at a time, with one change a room; the room's timer is set to what is next."""
    now = calls[0].ctx.now
    rooms = access.rooms_to_change(call.key for call in calls)
    go_by_index()
    overdue = overdue_in(rooms.keys(), now, MESSAGES_AT_ONCE)
    emptied = {each.room_id: each for each in empty_all(overdue)}
    know_all(rooms[room_id] for room_id in emptied)
    for call in calls:
        if call.key in emptied:
            call.ctx.change(rooms[call.key], "message:expired", data={"seqs": emptied[call.key].seqs})
    reached = sum(some.number for some in overdue) < MESSAGES_AT_ONCE
    _look_again(calls, rooms, now if reached else None)
    _count(emptied.values())


def _look_again(calls: Sequence[DueCall], rooms: dict[str, Room], now: datetime | None) -> None:
    """Set the timers of these rooms anew; now: nothing is overdue by then. Else they stay as due as they were."""
    later = next_expiries(rooms, now) if now else {}
    for call in calls:
        if (room := rooms.get(call.key)) is not None:
            first = later.get(room.id)
            room.next_expiry_at = first and max(first, now + PAUSE) if now else call.due_at
    Room.keep_all(rooms.values())
    Room.set_timers(rooms.values())


def _count(emptied: Iterable[Emptied]) -> None:
    """All of a room is as late as the first of it."""
    now = datetime.now(UTC)
    for each in emptied:
        metrics.timer_lateness.see((now - each.due_at).total_seconds(), "message:expired", len(each.seqs))
