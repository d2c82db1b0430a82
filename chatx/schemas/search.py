"""Searching messages, and the lists of a room's media, links and files."""

from datetime import UTC, datetime, timedelta
from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from chatx.schemas.base import Cursor, In, Out, PageIn
from chatx.schemas.message import KNOWN_TYPES, MessageOut
from chatx.schemas.values import Id, Seq, Time, Whole, Words

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Microseconds(Whole):
    """A time inside a cursor, as exact as the database keeps it."""

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> Any:
        return (value - _EPOCH) // timedelta(microseconds=1)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        return super()._deserialize(value, attr, data, **kwargs)

    def deserialize(self, *arguments: Any, **options: Any) -> Any:
        return _EPOCH + timedelta(microseconds=super().deserialize(*arguments, **options))


def _place() -> Cursor:
    return Cursor(Microseconds(), Id(), Seq())


class SearchIn(PageIn):
    q = Words(
        most="search_query_characters",
        metadata={
            "description": "words that are all in the message, also as parts of words; a phrase in double quotes in that order. "
            "Words of one or two letters are looked for at the beginnings of words. Nothing else has a meaning of its own"
        },
    )
    room_id = Id(metadata={"description": "in this room; in all of your rooms where it is not given"})
    sender_id = Id(metadata={"description": "said by this person"})
    type = fields.String(validate=validate.OneOf([each for each in KNOWN_TYPES if each != "deleted"]))
    after = Time(metadata={"description": "said at this time or later"})
    before = Time(metadata={"description": "said before this time"})
    cursor = _place()

    @validates_schema
    def _looks_for_something(self, data: dict[str, Any], **kwargs: Any) -> None:
        if not data.get("q") and not {"sender_id", "type"} & data.keys():
            raise ValidationError("Say what to look for: q, sender_id or type.", "q")


class SpanOut(Out):
    """From `start` to `end`, not included, in UTF-16 code units: as JavaScript and Java count."""

    start = fields.Integer()
    end = fields.Integer()


class HitOut(Out):
    """A message, and what of its text to highlight: ascending, apart from each other, at most 100."""

    message = fields.Nested(MessageOut)
    highlights = fields.List(fields.Nested(SpanOut))


class SearchOut(Out):
    """The newest first. A page may hold fewer than `limit`, or none, and still have a `next`."""

    items = fields.List(fields.Nested(HitOut))
    next = Cursor(Microseconds(), Id(), Seq(), allow_none=True)


class MediaIn(PageIn):
    room_id = Id(required=True)
    kind = fields.String(
        required=True,
        validate=validate.OneOf(("media", "links", "files")),
        metadata={"description": "`media`: images and videos; `links`: texts with a web address; `files`"},
    )
    cursor = _place()


class MediaOut(Out):
    """The newest first. A page may hold fewer than `limit`, or none, and still have a `next`."""

    items = fields.List(fields.Nested(MessageOut))
    next = Cursor(Microseconds(), Id(), Seq(), allow_none=True)


class IndexIn(In):
    after = Id(required=True)
    seqs = Whole(low=1)
