"""Deleting messages."""

from marshmallow import fields, validate

from chatx.schemas.base import In
from chatx.schemas.message import MessageChange
from chatx.schemas.values import Id, Seq, SeqRange
from config import LIMITS


class DeleteIn(In):
    room_id = Id(required=True)
    seq = Seq(low=1, required=True)
    scope = fields.String(
        required=True,
        validate=validate.OneOf(("all", "me")),
        metadata={"description": "`all`: nobody can read it any more; `me`: you do not see it any more"},
    )


class HideIn(In):
    room_id = Id(required=True)
    ranges = fields.List(SeqRange(), required=True, validate=validate.Length(1, LIMITS["page_items"]))


class MessageDeleted(MessageChange):
    """A message was deleted for everybody, by `actor_id`; it carries no content any more."""

    event = "message:deleted"
