"""What a process knows of who hears a room."""

from collections import defaultdict
from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import select

from chatx.extensions import db
from chatx.models.feed import Audience
from chatx.models.membership import Membership

if TYPE_CHECKING:
    from chatx.models.room import Room


class Known(NamedTuple):
    """Who hears a room at one version of its members, also as a set. plain: what is said there lasts."""

    audience: Audience
    hearers: frozenset[str]
    plain: bool


def know_all(rooms: Iterable["Room"]) -> None:
    """Look up who hears these rooms in one query, so that none of them has to ask."""
    unknown = [room for room in rooms if not room.is_known]
    if not unknown:
        return
    joined: dict[str, dict[str, int]] = defaultdict(dict)
    query = select(Membership.room_id, Membership.user_id, Membership.joined_seq).where(Membership.hears())
    for room_id, user_id, seq in db.session.execute(query.where(Membership.room_id.in_([room.id for room in unknown]))):
        joined[room_id][user_id] = seq
    for room in unknown:
        room.know(joined[room.id])
