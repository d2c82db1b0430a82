"""Messages, history and what is heard of them."""

from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from chatx.schemas.base import In, Out, Repeatable
from chatx.schemas.change import RoomChange
from chatx.schemas.values import ClientId, Id, Ids, Seq, Time, Whole, Words
from config import LIMITS

TYPES = ("text",)
KNOWN_TYPES = ("text", "image", "video", "voice", "file", "location", "contact", "poll", "system", "deleted")


class QuoteOut(Out):
    """The answered message as it is now, its text cut to `reply_quote_characters`."""

    seq = Seq()
    sender_id = Id()
    type = fields.String()
    text = fields.Function(lambda original: original.text and original.text[: LIMITS["reply_quote_characters"]])


class ReactionOut(Out):
    emoji = fields.String()
    count = fields.Integer()
    user_ids = fields.List(Id())
    mine = fields.Boolean()


class MessageOut(Out):
    id = Id()
    room_id = Id()
    seq = Seq()
    sender_id = Id()
    client_id = fields.String()
    type = fields.String(validate=validate.OneOf(KNOWN_TYPES))
    text = fields.String(allow_none=True)
    data = fields.Dict()
    reply_to = fields.Nested(QuoteOut, allow_none=True)
    mentions = fields.List(Id())
    reactions = fields.List(fields.Nested(ReactionOut), dump_default=[])
    forward_score = fields.Integer()
    created_at = Time()
    edited_at = Time(allow_none=True)
    deleted_at = Time(allow_none=True)
    expires_at = Time(allow_none=True)


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
        if not data.get("text", "").strip():
            raise ValidationError("A text message needs a text.", "text")
        if data.get("data"):
            raise ValidationError("A text message carries no data.", "data")


class HistoryIn(In):
    room_id = Id(required=True)
    before = Seq(metadata={"description": "messages with a lower seq, the latest of them"})
    after = Seq(metadata={"description": "messages with a higher seq, the earliest of them"})
    around = Seq(metadata={"description": "messages on both sides of this seq, itself included"})
    limit = Whole(low=1, high=LIMITS["page_items"], load_default=50)

    @validates_schema
    def _one_anchor(self, data: dict[str, Any], **kwargs: Any) -> None:
        if len({"before", "after", "around"} & data.keys()) > 1:
            raise ValidationError("Give one of before, after and around.", "around")


class HistoryOut(Out):
    """Ascending by seq; the flags say whether the caller may see more on either side."""

    items = fields.List(fields.Nested(MessageOut))
    has_before = fields.Boolean()
    has_after = fields.Boolean()


class MessageCreated(RoomChange):
    """Someone said something."""

    event = "message:created"
    message = fields.Nested(MessageOut)
