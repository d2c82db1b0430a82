"""Reminders: messages that somebody wants to be shown again, and the moment when they are."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from chatx import access
from chatx.context import Context, DueCall
from chatx.errors import Conflict, NotFound, ValidationFailed
from chatx.models.reminder import Reminder, key_of, subject_of, timer_key
from chatx.models.sight import readable
from chatx.models.timer import Timer
from chatx.models.user import User
from chatx.registry import announces, due, handles
from chatx.schemas.reminder import (
    ReminderDue,
    ReminderIn,
    ReminderListOut,
    ReminderOut,
    ReminderPlaceIn,
    RemindersIn,
    RemindersUpdated,
)
from config import LIMITS

announces(RemindersUpdated)
announces(ReminderDue)


@handles("reminder:list", takes=RemindersIn, gives=ReminderListOut, reads=True)
def list_reminders(ctx: Context, limit: int, cursor: tuple[datetime, str, int] | None = None) -> dict[str, Any]:
    """List your reminders, the next one first."""
    page = Reminder.page(ctx.user_id, cursor, limit + 1)
    last = page[limit - 1] if len(page) > limit else None
    return {"items": page[:limit], "next": last and (last.at, last.room_id, last.seq)}


@handles("reminder:set", takes=ReminderIn, gives=ReminderOut, raises=(NotFound, Conflict))
def set_reminder(ctx: Context, room_id: str, seq: int, at: datetime) -> Reminder:
    """Be reminded of a message at a time, or at another time than before; nobody else learns of it."""
    if not ctx.now < at <= ctx.now + timedelta(days=LIMITS["reminder_days"]):
        raise ValidationFailed(fields={"at": [f"Not within the next reminder_days: {LIMITS['reminder_days']}."]})
    message = access.message_for(access.history_for(ctx.user_id, room_id), seq)
    access.must_be_said(message)
    if message.deleted_at is not None:
        raise NotFound("There is no such message in this room.")
    key = (ctx.user_id, room_id, seq)
    # The timer before the feed, as when it is due: so neither waits for the other.
    Timer.set("reminder:due", timer_key(key), at)
    me = access.own_feeds([ctx.user_id])[ctx.user_id]
    reminder = Reminder.of(key)
    if reminder is not None and reminder.at == at:
        return reminder
    if reminder is None:
        reminder = Reminder.keep(key, at, ctx.now)
        if Reminder.count(ctx.user_id) > LIMITS["reminders"]:
            raise Conflict(f"More than reminders: {LIMITS['reminders']}.")
    reminder.at = at
    _tell(ctx, me, room_id, seq, reminder)
    return reminder


@handles("reminder:clear", takes=ReminderPlaceIn, raises=(NotFound,))
def clear_reminder(ctx: Context, room_id: str, seq: int) -> None:
    """Not be reminded of a message after all."""
    key = (ctx.user_id, room_id, seq)
    Timer.cancel("reminder:due", timer_key(key))
    me = access.own_feeds([ctx.user_id])[ctx.user_id]
    access.reminder_for(key).let_go()
    _tell(ctx, me, room_id, seq, None)


@due("reminder:due", most=100)
def remind(calls: Sequence[DueCall]) -> None:
    """Remind people of messages, as far as these stand and may be read by them now."""
    keys = [key_of(call.key) for call in calls]
    people = access.own_feeds(user_id for user_id, _, _ in keys)
    reminders = Reminder.of_all(keys)
    seen = readable(keys)
    for call, key in zip(calls, keys, strict=True):
        user_id, room_id, seq = key
        reminder = reminders.get(key)
        if reminder is None or reminder.at > call.ctx.now:
            continue
        reminder.let_go()
        if key in seen:
            about = {"room_id": room_id, "message_seq": seq}
            call.ctx.change(people[user_id], "reminder:due", subject_of(room_id, seq), data=about)
        else:
            _tell(call.ctx, people[user_id], room_id, seq, None)


def _tell(ctx: Context, me: User, room_id: str, seq: int, reminder: Reminder | None) -> None:
    about = {"room_id": room_id, "message_seq": seq}
    ctx.change(me, "reminders:updated", subject_of(room_id, seq), data=about, reminder=reminder)
