"""Receipts and typing, and what is heard of them."""

from marshmallow import fields, validate

from chatx.schemas.base import Cursor, In, Out, PageIn
from chatx.schemas.change import Signal
from chatx.schemas.values import Id, Seq, Time
from config import LIMITS


class ReadIn(In):
    room_id = Id(required=True)
    seq = Seq(low=1, required=True)


class DeliveredIn(In):
    marks = fields.Dict(keys=Id(), values=Seq(low=1), required=True, validate=validate.Length(1, LIMITS["page_items"]))


class MarkOut(Out):
    """How far one member of a room is."""

    room_id = Id()
    user_id = Id()
    delivered_seq = Seq()
    read_seq = Seq()


class MarkListOut(Out):
    items = fields.List(fields.Nested(MarkOut))


class MessageReceiptsIn(PageIn):
    room_id = Id(required=True)
    seq = Seq(low=1, required=True)
    cursor = Cursor(Id())


class MessageReceiptOut(Out):
    """When a message reached one person and when they read it; null: not yet, or not before they left."""

    user_id = Id()
    delivered_at = Time(allow_none=True)
    read_at = Time(allow_none=True)


class MessageReceiptListOut(Out):
    items = fields.List(fields.Nested(MessageReceiptOut))
    next = Cursor(Id(), allow_none=True)


class TypingIn(In):
    room_id = Id(required=True)
    kind = fields.String(required=True, validate=validate.OneOf(("text", "voice", "stop")))


class Receipt(Signal):
    """A member got or read more; marks only rise."""

    event = "receipt"
    room_id = Id()
    user_id = Id()
    delivered_seq = Seq()
    read_seq = Seq()


class Typing(Signal):
    """A member types, records, or stopped."""

    event = "typing"
    room_id = Id()
    user_id = Id()
    kind = fields.String(validate=validate.OneOf(("text", "voice", "stop")))
