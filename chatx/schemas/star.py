"""Stars, and what is heard of them."""

from marshmallow import fields

from chatx.schemas.base import Cursor, In, Out, PageIn
from chatx.schemas.change import OwnChange
from chatx.schemas.values import Id, Seq, Time


class StarIn(In):
    room_id = Id(required=True)
    seq = Seq(low=1, required=True)


class StarsIn(PageIn):
    cursor = Cursor(Time(), Id(), Seq())


class StarOut(Out):
    starred_at = Time()
    message = fields.Nested("MessageOut")


class StarListOut(Out):
    """A page may hold less than its limit, also nothing, where you do not see a message any more; go by `next`."""

    items = fields.List(fields.Nested(StarOut))
    next = Cursor(Time(), Id(), Seq(), allow_none=True)


class MessageStarred(OwnChange):
    """You starred a message, or do so no more; a message that is deleted for everybody loses its star without this."""

    event = "message:starred"
    room_id = Id()
    message_seq = Seq()
    starred = fields.Boolean()
