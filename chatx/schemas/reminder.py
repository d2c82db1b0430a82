"""Reminders, and what is heard of them."""

from marshmallow import fields

from chatx.schemas.base import Cursor, In, Out, PageIn
from chatx.schemas.change import OwnChange
from chatx.schemas.values import Id, Seq, Time


class ReminderPlaceIn(In):
    room_id = Id(required=True)
    seq = Seq(low=1, required=True)


class ReminderIn(ReminderPlaceIn):
    at = Time(required=True, metadata={"description": "from now on, at most `reminder_days` ahead"})


class RemindersIn(PageIn):
    cursor = Cursor(Time(), Id(), Seq())


class ReminderOut(Out):
    """A message, by its place, and when you are reminded of it."""

    room_id = Id()
    seq = Seq()
    at = Time()
    created_at = Time()


class ReminderListOut(Out):
    items = fields.List(fields.Nested(ReminderOut))
    next = Cursor(Time(), Id(), Seq(), allow_none=True)


class ReminderChange(OwnChange):
    """Which message it is about."""

    room_id = Id()
    message_seq = Seq()


class RemindersUpdated(ReminderChange):
    """You set or moved a reminder, or it is gone without having been due (`reminder` is null then)."""

    event = "reminders:updated"
    reminder = fields.Nested(ReminderOut, allow_none=True)


class ReminderDue(ReminderChange):
    """You wanted to be reminded of this message now; the reminder is gone."""

    event = "reminder:due"
