"""Reach: the rooms that somebody may search, and how far each is in the index."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from chatx.extensions import db
from chatx.models.membership import Membership
from chatx.models.room import Room
from chatx.models.search.tables import SearchMark


@dataclass(frozen=True, slots=True)
class Reach:
    """A room that somebody may search: their stay, how far it is in the index, and its last message."""

    stay: Membership
    mark: int
    last_seq: int
    active_at: datetime


def reaches(user_id: str, room_id: str | None) -> list[Reach]:
    """All rooms that this person has seen something of, or that one."""
    query = select(Membership, SearchMark.seq, Room.last_message_seq, Room.active_at).join(Room, Room.id == Membership.room_id)
    query = query.outerjoin(SearchMark, SearchMark.room_id == Room.id).where(Membership.user_id == user_id)
    if room_id is not None:
        query = query.where(Membership.room_id == room_id)
    rows = db.session.execute(query).all()
    return [Reach(stay, mark or 0, last, at) for stay, mark, last, at in rows if last is not None and not stay.hidden]
