"""Moving and stopping live locations, and what is heard of it. What one is stands in `message/types/live_location.py`."""

from marshmallow import fields

from chatx.schemas.base import In
from chatx.schemas.change import Signal
from chatx.schemas.message import MessageChange
from chatx.schemas.message.types.live_location import PositionIn, PositionOut
from chatx.schemas.values import Id, Seq


class LiveLocationIn(In):
    room_id = Id(required=True)
    seq = Seq(low=1, required=True)


class MoveIn(LiveLocationIn, PositionIn):
    pass


class LiveLocationMoved(Signal):
    """Someone who shows their live location is elsewhere; both null where it is in a message that you do not see."""

    event = "live_location:moved"
    room_id = Id()
    message_seq = Seq()
    user_id = Id(allow_none=True)
    position = fields.Nested(PositionOut, allow_none=True)


class LiveLocationStopped(MessageChange):
    """Someone shows their live location no more, or its time was over: the message keeps the last position before."""

    event = "live_location:stopped"
