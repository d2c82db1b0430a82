"""Reading what was said."""

from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from chatx.schemas.base import In, Out
from chatx.schemas.message import MessageOut
from chatx.schemas.values import Flag, Id, Seq, Time, Whole
from config import LIMITS


class HistoryIn(In):
    room_id = Id(required=True)
    before = Seq(metadata={"description": "messages with a lower seq, the latest of them"})
    after = Seq(metadata={"description": "messages with a higher seq, the earliest of them"})
    around = Seq(metadata={"description": "messages on both sides of this seq, itself included"})
    date = Time(metadata={"description": "messages around the first one that was said at this time or later"})
    first_unread = Flag(
        validate=validate.Equal(True), metadata={"description": "messages around the first one of others that you have not read"}
    )
    limit = Whole(low=1, high=LIMITS["page_items"], load_default=50)

    @validates_schema
    def _one_anchor(self, data: dict[str, Any], **kwargs: Any) -> None:
        if len({"before", "after", "around", "date", "first_unread"} & data.keys()) > 1:
            raise ValidationError("Give one of before, after, around, date and first_unread.", "around")


class HistoryOut(Out):
    """Ascending by seq; the flags say whether the caller may see more on either side; starred: by the caller, by seq.

    anchor: where the first message of that date, or the first unread one, stands. Null where there is none, and the latest
    messages are shown, or where nobody asked for it.
    """

    items = fields.List(fields.Nested(MessageOut))
    starred = fields.List(Seq())
    has_before = fields.Boolean()
    has_after = fields.Boolean()
    anchor = Seq(allow_none=True)
