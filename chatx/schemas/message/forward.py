"""Forwarding messages."""

from marshmallow import fields

from chatx.schemas.base import In, Out, Repeatable
from chatx.schemas.message import MessageOut
from chatx.schemas.values import ClientId, Id, Ids, Seq, Some


class ForwardIn(In):
    room_id = Id(required=True)
    seqs = Some(Seq(low=1), most="forward_messages", least=1, required=True)
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
