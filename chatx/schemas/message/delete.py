"""Deleting messages."""

from marshmallow import fields, validate

from chatx.schemas.base import In
from chatx.schemas.message import MessageChange
from chatx.schemas.values import Id, Seq


class DeleteIn(In):
    room_id = Id(required=True)
    seq = Seq(low=1, required=True)
    scope = fields.String(
        required=True,
        validate=validate.OneOf(("all",)),
        metadata={"description": "`all`: nobody can read it any more"},
    )


class MessageDeleted(MessageChange):
    """A message was deleted for everybody, by `actor_id`; it carries no content any more."""

    event = "message:deleted"
