"""How far members of a room are, as one of them may know it: one's own marks as they are, those of others as they are shown."""

from collections.abc import Collection

import orjson
from sqlalchemy import Text, and_, bindparam, cast, func, select

from chatx.extensions import db
from chatx.models.membership import Membership

Marks = dict[str, dict[str, list[int]]]  # {room id: {user id: [delivered_seq, read_seq]}}

_MEMBERS = and_(Membership.room_id.in_(bindparam("room_ids")), Membership.left_seq.is_(None))
_SHOWN = (Membership.delivered_seq, Membership.shown_read_seq)
_ROWS = select(Membership.room_id, Membership.user_id, *_SHOWN).where(_MEMBERS)
_OF_ROOM = cast(func.json_object_agg(Membership.user_id, func.json_build_array(*_SHOWN)), Text)
_ROOMS = select(Membership.room_id, _OF_ROOM).where(_MEMBERS).group_by(Membership.room_id)


def marks_for(viewer: Membership, stay: Membership) -> tuple[int, int]:
    """How far this member is, as that one may know: (delivered_seq, read_seq)."""
    if viewer.user_id == stay.user_id:
        return stay.delivered_seq, stay.read_seq
    return viewer.reach(stay.delivered_seq), viewer.reach(stay.shown_read_seq)


def marks_in(viewers: Collection[Membership]) -> Marks:
    """How far every member is in the rooms of these stays of one person, none of which has ended."""
    marks = _shown_in([viewer.room_id for viewer in viewers]) if viewers else {}
    for viewer in viewers:
        # There are many members and few who block one of a pair: only for these is each mark looked at again.
        if viewer.deaf_from is not None:
            marks[viewer.room_id] = {user_id: list(map(viewer.reach, shown)) for user_id, shown in marks[viewer.room_id].items()}
        marks[viewer.room_id][viewer.user_id] = [viewer.delivered_seq, viewer.read_seq]
    return marks


def _shown_in(room_ids: list[str]) -> Marks:
    """How far all are as the others see it. PostgreSQL makes one row of a room: hundreds of them take longer to read."""
    asked = {"room_ids": room_ids}
    if db.engine.dialect.name == "postgresql":
        return {room_id: orjson.loads(marks) for room_id, marks in db.session.execute(_ROOMS, asked)}
    marks: Marks = {room_id: {} for room_id in room_ids}
    for room_id, user_id, *shown in db.session.execute(_ROWS, asked):
        marks[room_id][user_id] = shown
    return marks
