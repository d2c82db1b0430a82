"""How far members of a room are, as one of them may know it: one's own marks as they are, those of others as they are shown."""

from collections.abc import Collection

from sqlalchemy import select

from chatx.extensions import db
from chatx.models.membership import Membership


def marks_for(viewer: Membership, stay: Membership) -> tuple[int, int]:
    """How far this member is, as that one may know: (delivered_seq, read_seq)."""
    return _known(viewer, stay.user_id, stay.delivered_seq, stay.read_seq, stay.shown_read_seq)


def marks_in(viewers: Collection[Membership]) -> dict[str, dict[str, list[int]]]:
    """How far every member is in the rooms of these stays of one person: {room id: {user id: [delivered_seq, read_seq]}}."""
    own = {viewer.room_id: viewer for viewer in viewers}
    marks: dict[str, dict[str, list[int]]] = {room_id: {} for room_id in own}
    reached = (Membership.delivered_seq, Membership.read_seq, Membership.shown_read_seq)
    query = select(Membership.room_id, Membership.user_id, *reached)
    for room_id, user_id, *far in db.session.execute(query.where(Membership.room_id.in_(own), Membership.left_seq.is_(None))):
        marks[room_id][user_id] = list(_known(own[room_id], user_id, *far))
    return marks


def _known(viewer: Membership, user_id: str, delivered_seq: int, read_seq: int, shown_read_seq: int) -> tuple[int, int]:
    if viewer.user_id == user_id:
        return delivered_seq, read_seq
    return viewer.reach(delivered_seq), viewer.reach(shown_read_seq)
