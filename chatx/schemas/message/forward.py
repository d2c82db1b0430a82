"""Forwarding messages."""

from typing import Any

from marshmallow import ValidationError, fields

from chatx.schemas.base import In, Out, Repeatable
from chatx.schemas.message import MessageOut
from chatx.schemas.values import ClientId, Id, Ids, Seq
from config import LIMITS


def _some(seqs: list[Any]) -> None:
    if not seqs:
        raise ValidationError("Fewer than 1.")
    if len(seqs) > LIMITS["forward_messages"]:
        raise ValidationError(f"More than forward_messages: {LIMITS['forward_messages']}.")


class ForwardIn(In):
    room_id = Id(required=True)
    seqs = fields.List(Seq(low=1), required=True, validate=_some, metadata={"maxItems": LIMITS["forward_messages"]})
    to_room_ids = Ids(most="forward_rooms", least=1, required=True)
    client_id = ClientId(required=True)


class RefusalOut(Out):
    """Why nothing was said in a room: the error object, but for its request_id."""

    type = fields.String()
    title = fields.String()
    status = fields.Integer()
    code = fields.String()
    detail = fields.String()
    retryable = fields.Boolean()


class ForwardOut(Out):
    """What became of one room: the new messages in their order, or an error."""

    room_id = Id()
    ok = fields.Boolean()
    messages = fields.List(fields.Nested(MessageOut))
    error = fields.Nested(RefusalOut, allow_none=True)


class ForwardListOut(Repeatable):
    items = fields.List(fields.Nested(ForwardOut))
