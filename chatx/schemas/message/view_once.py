"""Messages that can be opened once."""

from marshmallow import fields, validate

from chatx.schemas.base import In, Out
from chatx.schemas.change import OwnChange
from chatx.schemas.message import KNOWN_TYPES, Data
from chatx.schemas.values import Id, Seq


class OpenIn(In):
    room_id = Id(required=True)
    seq = Seq(low=1, required=True)


class OpenedOut(Out):
    """What a message says that could be opened once; it is told never again."""

    room_id = Id()
    seq = Seq()
    type = fields.String(validate=validate.OneOf(KNOWN_TYPES))
    text = fields.String(allow_none=True)
    data = Data("gives")


class MessageOpened(OwnChange):
    """A message that can be opened once was: by you, on one of your devices, or yours by somebody who tells what they read."""

    event = "message:opened"
    room_id = Id()
    message_seq = Seq()
    user_id = Id()
