"""How far members of a room are, as one of them may know it: one's own marks as they are, those of others as they are shown."""

from collections.abc import Collection

from sqlalchemy import bindparam, select

from chatx.extensions import db
from chatx.models.membership import Membership

Marks = dict[str, dict[str, list[int]]]  # {room id: {user id: [delivered_seq, read_seq]}}

_SHOWN = select(Membership.room_id, Membership.user_id, Membership.delivered_seq, Membership.shown_read_seq).where(
    Membership.room_id.in_(bindparam("room_ids")), Membership.left_seq.is_(None)
)


def marks_for(viewer: Membership, stay: Membership) -> tuple[int, int]:
    """How far this member is, as that one may know: (delivered_seq, read_seq)."""
    if viewer.user_id == stay.user_id:
        return stay.delivered_seq, stay.read_seq
    return viewer.reach(stay.delivered_seq), viewer.reach(stay.shown_read_seq)


def marks_in(viewers: Collection[Membership]) -> Marks:
    """How far every member is in the rooms of these stays of one person, none of which has ended."""
    marks: Marks = {viewer.room_id: {} for viewer in viewers}
    for room_id, user_id, *shown in db.session.execute(_SHOWN, {"room_ids": list(marks)}):
        marks[room_id][user_id] = shown
    for viewer in viewers:
        # There are many members and few who block one of a pair: only for these is each mark looked at again.
        if viewer.deaf_from is not None:
            marks[viewer.room_id] = {user_id: list(map(viewer.reach, shown)) for user_id, shown in marks[viewer.room_id].items()}
        marks[viewer.room_id][viewer.user_id] = [viewer.delivered_seq, viewer.read_seq]
    return marks
