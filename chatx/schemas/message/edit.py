"""Editing messages."""

from marshmallow import fields

from chatx.schemas.base import Cursor, In, Out, PageIn
from chatx.schemas.message import MessageChange
from chatx.schemas.message.entity import Entities
from chatx.schemas.message.mentioned import Everyone, People
from chatx.schemas.message.send import says_something
from chatx.schemas.values import Flag, Id, Ids, Seq, Time, Words


class EditIn(In):
    room_id = Id(required=True)
    seq = Seq(low=1, required=True)
    text = Words(most="text_bytes", trim=False, required=True, validate=says_something)
    mentions = Ids(most="mentions", metadata={"description": "those who are mentioned now; as before where it is not given"})
    mentions_everyone = Flag(metadata={"description": "as before where it is not given"})


class EditsIn(PageIn):
    room_id = Id(required=True)
    seq = Seq(low=1, required=True)
    cursor = Cursor(Seq())


class EditOut(Out):
    """What a message said before, and from when till when."""

    text = fields.String()
    entities = Entities()
    mentions = People()
    mentions_everyone = Everyone()
    written_at = Time()
    replaced_at = Time()


class EditListOut(Out):
    items = fields.List(fields.Nested(EditOut))
    next = Cursor(Seq(), allow_none=True)


class MessageEdited(MessageChange):
    """Someone said something in other words."""

    event = "message:edited"
