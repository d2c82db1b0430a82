"""Scheduled messages, and what is heard of them."""

from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from chatx.schemas.base import Cursor, In, Out, PageIn, Repeatable
from chatx.schemas.change import OwnChange
from chatx.schemas.message import SENDABLE, Data
from chatx.schemas.message.forward import RefusalOut
from chatx.schemas.message.send import SendIn
from chatx.schemas.values import Flag, Id, Ids, Seq, Time, Words

AT = {"description": "from now on, at most `scheduled_days` ahead"}
STATES = ("waiting", "refused", "gone")


class ScheduleIn(SendIn):
    """What `message:send` takes, and when it is to be said."""

    at = Time(required=True, metadata=AT)

    @validates_schema
    def _is_known_now(self, said: dict[str, Any], **kwargs: Any) -> None:
        if said["type"] == "live_location":
            raise ValidationError("Where you will be is not known now.", "type")


class ScheduledIn(In):
    scheduled_id = Id(required=True)


class EditScheduledIn(ScheduledIn):
    """Only the fields that you send are changed; with a time, one that was refused is tried again."""

    text = Words(most="text_bytes", trim=False)
    mentions = Ids(most="mentions")
    mentions_everyone = Flag()
    at = Time(metadata=AT)


class ScheduledListIn(PageIn):
    room_id = Id(allow_none=True, load_default=None, metadata={"description": "of this room only"})
    cursor = Cursor(Time(), Id())


class ScheduledRefusalOut(RefusalOut):
    """Why it was not said when it was due: the error object, but for its request_id."""

    fields_ = fields.Dict(attribute="fields", data_key="fields", metadata={"optional": True})


class ScheduledOut(Out):
    """What you want to say at a time. Its message gets its `id` as `client_id`; if it was refused instead, `refusal` says why."""

    id = Id()
    room_id = Id()
    at = Time()
    state = fields.String(
        validate=validate.OneOf(STATES), metadata={"description": "`gone` only in a repeat: sent or cancelled since"}
    )
    type = fields.String(validate=validate.OneOf(SENDABLE))
    text = fields.String(allow_none=True)
    data = Data("takes")
    reply_to_seq = Seq(allow_none=True)
    reply_to_room_id = Id(allow_none=True, dump_default=None)
    mentions = fields.List(Id())
    mentions_everyone = fields.Boolean(dump_default=False)
    view_once = fields.Boolean(dump_default=False)
    refusal = fields.Nested(ScheduledRefusalOut, allow_none=True)


class CreatedScheduledOut(ScheduledOut, Repeatable):
    """The scheduled message that a call made, now or the first time."""


class ScheduledListOut(Out):
    items = fields.List(fields.Nested(ScheduledOut))
    next = Cursor(Time(), Id(), allow_none=True)


class ScheduledUpdated(OwnChange):
    """You scheduled a message, changed or cancelled it (`scheduled` is null then), or it was refused when it was due."""

    event = "scheduled:updated"
    scheduled_id = Id()
    scheduled = fields.Nested(ScheduledOut, allow_none=True)


class ScheduledSent(OwnChange):
    """A scheduled message was sent: it stands there now, and is scheduled no more."""

    event = "scheduled:sent"
    scheduled_id = Id()
    room_id = Id()
    message_seq = Seq()
