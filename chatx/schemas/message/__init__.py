"""Messages as they are shown, and the changes about them; what is asked stands beside, verb by verb."""

from marshmallow import fields, validate

from chatx.schemas.base import Out
from chatx.schemas.change import RoomChange
from chatx.schemas.values import Id, Seq, Time
from config import LIMITS

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


class MessageChange(RoomChange):
    """The message as it is now; null for one that you may not see, or do not want to: then only move the cursor.

    Whatever else such a change tells is there for those who see the message only, and so `optional`.
    """

    message = fields.Nested(MessageOut, allow_none=True)
