"""Answers to events and changes of them, and what is heard of both. What an event is stands in `message/types/event.py`."""

from marshmallow import fields, validate

from chatx.schemas.base import Cursor, In, Out, PageIn
from chatx.schemas.message import MessageChange
from chatx.schemas.message.types.event import ANSWERS, EventPlaceIn
from chatx.schemas.values import Flag, Id, Seq, Time, Whole, Words
from config import LIMITS


class EventIn(In):
    room_id = Id(required=True)
    seq = Seq(low=1, required=True)


class RsvpIn(EventIn):
    answer = fields.String(required=True, validate=validate.OneOf(ANSWERS))
    guests = Whole(high=LIMITS["event_guests"], load_default=0, metadata={"description": "whom you bring, if you come"})


class UpdateEventIn(EventIn):
    """Only the fields to change."""

    name = Words(most="event_name_characters", least=1)
    description = Words(most="event_description_characters")
    starts_at = Time()
    ends_at = Time(allow_none=True)
    place = fields.Nested(EventPlaceIn, allow_none=True)
    extra_guests = Flag()
    reminder_seconds = Whole(high=LIMITS["event_reminder_seconds"], allow_none=True)


class OwnAnswerOut(Out):
    answer = fields.String(validate=validate.OneOf(ANSWERS), allow_none=True)
    guests = fields.Integer()


class AnswersIn(EventIn, PageIn):
    answer = fields.String(validate=validate.OneOf(ANSWERS), metadata={"description": "only those who gave this one"})
    cursor = Cursor(Id())


class EventAnswerOut(Out):
    user_id = Id()
    answer = fields.String(validate=validate.OneOf(ANSWERS))
    guests = fields.Integer()
    answered_at = Time()


class EventAnswerListOut(Out):
    items = fields.List(fields.Nested(EventAnswerOut))
    next = Cursor(Id(), allow_none=True)


class EventChanged(MessageChange):
    """Someone said whether they come to an event, or its author changed or cancelled it."""

    event = "event:changed"


class EventReminder(MessageChange):
    """An event begins in as long as its author chose to remind everybody: notify, if they want to come."""

    event = "event:reminder"
