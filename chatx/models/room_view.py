"""A room as one person sees it: the room, their stay, and the figures computed for them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, bindparam, exists, func, or_, select

from chatx.extensions import db
from chatx.models.hidden import HiddenRange
from chatx.models.membership import Membership
from chatx.models.message import Message, Place
from chatx.models.room import Room
from chatx.models.seen import Seen
from chatx.models.sight import Sight, last_places
from chatx.models.spans import Span
from chatx.models.unread import unread_in, unread_of
from chatx.models.user import User

Stays = dict[str, tuple[Room, Membership]]  # of one person, by room id


@dataclass(slots=True)
class RoomView:
    """unread: messages of others since read_seq; mentions: those of them that name this person; hidden: what they deleted."""

    room: Room
    stay: Membership
    peer: User | None = None
    last_message: Message | Seen | None = None
    unread: int = 0
    mentions: int = 0
    hidden: Sequence[Span] = ()
    duplicate: bool = False

    @property
    def seq(self) -> int:
        """The last change that this person hears of, so that their client sees no hole."""
        return self.stay.reach(self.room.seq)

    @property
    def active_at(self) -> datetime:
        """Where the room stands in their list; what is withheld from them does not move it."""
        return self.stay.active_at or self.room.active_at

    @property
    def settings(self) -> dict[str, Any]:
        """How the room is set, as far as they have heard."""
        return self.room.settings if self.stay.known_settings is None else self.stay.known_settings

    @property
    def me(self) -> "RoomView":
        """The same view, as the schema of a person's own part reads it."""
        return self


def own_rooms(
    user_id: str, *, archived: bool | None = None, before: tuple[datetime, str] | None = None, limit: int
) -> list[RoomView]:
    """The rooms this person is in, latest activity first, those before (active_at, id) where given."""
    query = _own(user_id)
    active_at = func.coalesce(Membership.active_at, Room.active_at)
    if archived is not None:
        query = query.where(Membership.archived == archived)
    if before:
        at, room_id = before
        query = query.where(or_(active_at < at, and_(active_at == at, Room.id < room_id)))
    return views(user_id, db.session.execute(query.order_by(active_at.desc(), Room.id.desc()).limit(limit)).all())


def with_stays(user_id: str) -> tuple[User | None, Stays]:
    """This person, if there is one, and all rooms they are in, in one query; it tells too where they have hidden nothing."""
    stays: Stays = {}
    rows = db.session.execute(_WITH_STAYS, {"user_id": user_id}).all()
    for _, room, stay, has_hidden in rows:
        if stay is not None:
            stay.has_hidden = has_hidden
            stays[room.id] = room, stay
    return rows[0][0] if rows else None, stays


def pinned_count(user_id: str) -> int:
    """How many rooms this person has pinned."""
    query = select(func.count()).where(Membership.user_id == user_id, Membership.going_on(), Membership.pinned)
    return db.session.scalar(query) or 0


def view(room: Room, stay: Membership) -> RoomView:
    """One room as this person sees it."""
    return views(stay.user_id, [(room, stay)])[0]


def views(user_id: str, rows: Iterable[Any]) -> list[RoomView]:
    """These (room, stay) as this person sees them, in a handful of queries whatever their number."""
    seen = [RoomView(room, stay) for room, stay in rows]
    peers = User.by_ids(peer_id(each.room, user_id) for each in seen if each.room.kind == "direct")
    sight = Sight(each.stay for each in seen)
    latest = {room_id: message for (room_id, _), message in sight.at_all(_latest_seen(seen, sight)).items()}
    # Rooms read to their end are not asked for.
    behind = [each.room.id for each in seen if (each.room.last_message_seq or 0) > each.stay.read_seq]
    figures = unread_in(user_id, behind)
    for each in seen:
        each.peer = peers.get(peer_id(each.room, user_id)) if each.room.kind == "direct" else None
        each.last_message, each.hidden = latest.get(each.room.id), sight.hidden[each.room.id]
        each.unread, each.mentions = figures.get(each.room.id, (0, 0))
    return seen


def own_parts(rows: Iterable[tuple[Room, Membership]]) -> list[RoomView]:
    """What of rooms is somebody's own, of many people, in two queries: neither peers nor last messages."""
    seen = [RoomView(room, stay) for room, stay in rows]
    pairs = [(each.stay.room_id, each.stay.user_id) for each in seen]
    hidden, figures = HiddenRange.of_pairs(pairs), unread_of(pairs)
    for each, pair in zip(seen, pairs, strict=True):
        each.hidden = hidden[pair]
        each.unread, each.mentions = figures[pair]
    return seen


def peer_id(room: Room, user_id: str) -> str:
    """The other one of a direct room; oneself in one's notes."""
    low, _, high = (room.pair or "").partition(":")
    return high if low == user_id else low


def _own(user_id: str) -> Select[Room, Membership]:
    return (
        select(Room, Membership)
        .join(Membership, Membership.room_id == Room.id)
        .where(Membership.user_id == user_id, Membership.going_on())
    )


_HAS_HIDDEN = exists().where(HiddenRange.room_id == Membership.room_id, HiddenRange.user_id == Membership.user_id)
_WITH_STAYS = (
    select(User, Room, Membership, _HAS_HIDDEN.correlate(Membership))
    .outerjoin(Membership, and_(Membership.user_id == User.id, Membership.going_on()))
    .outerjoin(Room, Room.id == Membership.room_id)
    .where(User.id == bindparam("user_id"))
)


def _latest_seen(seen: Sequence[RoomView], sight: Sight) -> list[Place]:
    """Where the last message of each room stands that they may see: mostly the room's last one."""
    last = {each.room.id: each.room.last_message_seq for each in seen if each.room.last_message_seq is not None}
    unseen = [each.stay for each in seen if each.room.id in last and not sight.sees((each.room.id, last[each.room.id]))]
    return [place for place in last.items() if sight.sees(place)] + last_places(unseen)
