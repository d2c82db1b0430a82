"""Dates: where in a room something was said at a time. Slices know, and what is not in one yet is short."""

from datetime import datetime

from sqlalchemy import select

from chatx.extensions import db
from chatx.models.membership import Membership
from chatx.models.message import Message
from chatx.models.search.labels import SLICE
from chatx.models.search.tables import SearchMark, SearchSlice
from chatx.models.sight import visible_to

LARGEST = 2**63 - 1


def first_since(stay: Membership, moment: datetime) -> int | None:
    """Where the first message stands that was said at this time or later, and that this person sees."""
    slices = select(SearchSlice.number).where(SearchSlice.room_id == stay.room_id, SearchSlice.last_at >= moment)
    number = db.session.scalar(slices.order_by(SearchSlice.number).limit(1))
    if number is not None:
        low = number * SLICE
    else:
        low = 1 + (db.session.scalar(select(SearchMark.seq).where(SearchMark.room_id == stay.room_id)) or 0)
    high = max(LARGEST if high is None else high for _, high in stay.stays)
    since = (Message.room_id == stay.room_id, Message.seq.between(low, high), Message.created_at >= moment, visible_to(stay))
    return db.session.scalar(select(Message.seq).where(*since).order_by(Message.seq).limit(1))
