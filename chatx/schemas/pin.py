"""Pins, and what is heard of them."""

from marshmallow import fields, validate

from chatx.schemas.base import Out
from chatx.schemas.message import MessageChange
from chatx.schemas.room import RoomIn
from chatx.schemas.values import Id, Seq, Time

DAY = 86_400
LASTING = (DAY, 7 * DAY, 30 * DAY)


class PinPlaceIn(RoomIn):
    seq = Seq(low=1, required=True)


class PinIn(PinPlaceIn):
    seconds = fields.Integer(
        strict=True,
        load_default=7 * DAY,
        validate=validate.OneOf(LASTING),
        metadata={"description": "a day, a week or 30 days from now on"},
    )


class PinOut(Out):
    pinned_by = Id()
    pinned_at = Time()
    expires_at = Time()
    message = fields.Nested("MessageOut")


class PinListOut(Out):
    """The newest first; never more than `pinned_messages`."""

    items = fields.List(fields.Nested(PinOut))


class MessagePinned(MessageChange):
    """Somebody, `actor_id`, pinned a message for so many `seconds` from `at` on: what a chat shows as a line of its own."""

    event = "message:pinned"
    seconds = fields.Integer(metadata={"optional": True})


class MessageUnpinned(MessageChange):
    """A message is pinned no more: somebody, `actor_id`, unpinned it, or its time is over, which is nobody's act (null)."""

    event = "message:unpinned"
