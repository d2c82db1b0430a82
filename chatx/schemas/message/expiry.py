"""Messages that disappear, and those that are kept."""

from marshmallow import fields

from chatx.schemas.base import In
from chatx.schemas.change import RoomChange
from chatx.schemas.message import MessageChange
from chatx.schemas.values import Id, Seq


class KeepIn(In):
    room_id = Id(required=True)
    seq = Seq(low=1, required=True)


class MessageExpired(RoomChange):
    """The time of some messages is over: each is a tombstone now, deleted at its `expires_at`. You may not see all of them."""

    event = "message:expired"
    seqs = fields.List(Seq())


class MessageKept(MessageChange):
    """Somebody, `actor_id`, asked to keep a message, so that it does not expire."""

    event = "message:kept"


class MessageUnkept(MessageChange):
    """A message is kept no more, by `actor_id`: it expires when it was to, and is a tombstone already where that is over."""

    event = "message:unkept"
