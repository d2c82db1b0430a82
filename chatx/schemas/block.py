"""Blocks, and what is heard of them."""

from marshmallow import fields

from chatx.schemas.base import Cursor, Out, PageIn
from chatx.schemas.change import OwnChange
from chatx.schemas.session import Username
from chatx.schemas.values import Id, Time


class BlocksIn(PageIn):
    cursor = Cursor(Username())


class BlockOut(Out):
    user_id = Id()
    created_at = Time()
    user = fields.Nested("UserOut")


class BlockListOut(Out):
    items = fields.List(fields.Nested(BlockOut))
    next = Cursor(Username(), allow_none=True)


class BlocksUpdated(OwnChange):
    """You blocked somebody, or unblocked them (`block` is null then)."""

    event = "blocks:updated"
    user_id = Id()
    block = fields.Nested(BlockOut, allow_none=True)
