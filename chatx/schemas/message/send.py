"""Sending messages."""

from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from chatx.schemas.base import In, Repeatable
from chatx.schemas.message import MessageChange, MessageOut
from chatx.schemas.values import ClientId, Id, Ids, Seq, Words

TYPES = ("text",)


def says_something(text: str) -> None:
    """More than white space."""
    if not text.strip():
        raise ValidationError("A text message needs a text.", "text")


class SentOut(MessageOut, Repeatable):
    """The message that a send made, now or the first time."""


class SendIn(In):
    room_id = Id(required=True)
    client_id = ClientId(required=True)
    type = fields.String(validate=validate.OneOf(TYPES), load_default="text")
    text = Words(most="text_bytes", trim=False)
    data = fields.Dict(load_default=dict)
    reply_to_seq = Seq(low=1, allow_none=True, load_default=None)
    mentions = Ids(most="mentions", load_default=list)

    @validates_schema
    def _text_says_something(self, data: dict[str, Any], **kwargs: Any) -> None:
        says_something(data.get("text", ""))
        if data.get("data"):
            raise ValidationError("A text message carries no data.", "data")


class MessageCreated(MessageChange):
    """Someone said something."""

    event = "message:created"
