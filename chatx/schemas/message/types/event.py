"""Something that people meet for, who say whether they come."""

from collections.abc import Container, Mapping
from datetime import datetime, timedelta
from typing import Any

from marshmallow import ValidationError, fields, validates_schema

from chatx.schemas.base import In, Out
from chatx.schemas.message.types.base import MessageType, Wrong
from chatx.schemas.message.types.place import LATITUDES, LONGITUDES
from chatx.schemas.values import Flag, Id, Number, Time, Whole, Words
from config import LIMITS

ANSWERS = ("going", "maybe", "no")


class EventPlaceIn(In):
    name = Words(most="place_name_characters", least=1, required=True)
    address = Words(most="place_address_characters", least=1, allow_none=True, load_default=None)
    latitude = Number(*LATITUDES, allow_none=True, load_default=None)
    longitude = Number(*LONGITUDES, allow_none=True, load_default=None)

    @validates_schema
    def _both_or_neither(self, place: dict[str, Any], **kwargs: Any) -> None:
        if (place["latitude"] is None) != (place["longitude"] is None):
            raise ValidationError("Latitude and longitude go together.", "latitude")


class EventDataIn(In):
    """`event`: what, when and where."""

    name = Words(most="event_name_characters", least=1, required=True)
    description = Words(most="event_description_characters", load_default="")
    starts_at = Time(required=True, metadata={"description": "within `event_ahead_seconds`"})
    ends_at = Time(allow_none=True, load_default=None)
    place = fields.Nested(EventPlaceIn, allow_none=True, load_default=None)
    extra_guests = Flag(load_default=False, metadata={"description": "who comes may bring up to `event_guests` others"})
    reminder_seconds = Whole(
        high=LIMITS["event_reminder_seconds"],
        allow_none=True,
        load_default=None,
        metadata={"description": "how long before the start `event:reminder` is told; null: not at all"},
    )


class EventPlaceOut(Out):
    name = fields.String()
    address = fields.String(allow_none=True)
    latitude = fields.Float(allow_none=True)
    longitude = fields.Float(allow_none=True)


class EventAnswersOut(Out):
    """Those who gave one answer. guests: whom they bring."""

    count = fields.Integer()
    guests = fields.Integer()
    user_ids = fields.List(Id(), metadata={"description": "the first `people_shown` of them"})


class AllAnswersOut(Out):
    going = fields.Nested(EventAnswersOut)
    maybe = fields.Nested(EventAnswersOut)
    no = fields.Nested(EventAnswersOut)


class EventDataOut(Out):
    """`event`: what, when and where, and how many come."""

    name = fields.String()
    description = fields.String()
    starts_at = Time()
    ends_at = Time(allow_none=True)
    place = fields.Nested(EventPlaceOut, allow_none=True)
    extra_guests = fields.Boolean()
    reminder_seconds = fields.Integer(allow_none=True)
    cancelled_at = Time(allow_none=True)
    answers = fields.Nested(AllAnswersOut)


class Event(MessageType):
    name = "event"
    takes, gives = EventDataIn(), EventDataOut()

    @staticmethod
    def fallback(data: Mapping[str, Any]) -> str:
        return f"{'Event' if data['cancelled_at'] is None else 'Cancelled event'}: {data['name']}"

    @staticmethod
    def wrong(data: Mapping[str, Any], now: datetime, people: Container[str]) -> Wrong:
        starts_at, last = datetime.fromisoformat(data["starts_at"]), "starts_at" if data["ends_at"] is None else "ends_at"
        over_at = datetime.fromisoformat(data[last])
        if over_at < starts_at:
            return {last: ["It would end before it begins."]}
        if over_at <= now:
            return {last: ["This is over already."]}
        if over_at > now + timedelta(seconds=LIMITS["event_ahead_seconds"]):
            return {last: [f"Not within the next event_ahead_seconds: {LIMITS['event_ahead_seconds']}."]}
        return {}
