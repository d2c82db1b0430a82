"""Rooms, and who is in them."""

from collections.abc import Collection, Iterable, Mapping

from chatx.access.people import UNBLOCK_FIRST, own_feeds
from chatx.errors import Forbidden, NotFound
from chatx.models.feed import Audience
from chatx.models.feed import lock as lock_feeds
from chatx.models.membership import Membership
from chatx.models.room import Room
from chatx.models.room_view import RoomView, Stays, own_parts, with_stays
from chatx.models.stirred import Spoken, stir, stirred_by
from chatx.models.user import User


def room_for(user_id: str, room_id: str) -> tuple[Room, Membership]:
    """A room the person is in now, to read it."""
    stay = Membership.of(room_id, user_id)
    if stay is None or not stay.goes_on:
        raise NotFound("There is no such room of yours.")
    return Room.of(room_id), stay


def own_world(user_id: str) -> tuple[User, Stays]:
    """Somebody, and all rooms they are in now with their stays there."""
    me, stays = with_stays(user_id)
    if me is None:
        raise NotFound("There is no such person.")
    return me, stays


def own_room(user_id: str, room_id: str) -> tuple[User, Room, Membership]:
    """The person's own feed, locked until the commit, and a room they are in now, to change what of it is theirs alone."""
    me = own_feeds([user_id])[user_id]
    return me, *room_for(user_id, room_id)


def room_to_change(user_id: str, room_id: str) -> tuple[Room, Membership]:
    """A room the person is in now, locked until the commit; who is in it is read under that lock."""
    rooms = lock_feeds(Room, [room_id])
    stay = Membership.of(room_id, user_id) if rooms else None
    if stay is None or not stay.goes_on:
        raise NotFound("There is no such room of yours.")
    return rooms[0], stay


def direct_room(user_id: str, peer_id: str) -> tuple[Room, Membership] | None:
    """The direct room with somebody, locked until the commit, and the person's own stay there, which may be hidden."""
    room = Room.direct_of(user_id, peer_id)
    stay = Membership.of(room.id, user_id) if room else None
    return (room, stay) if room and stay else None


def opened_room(user_id: str, room: Room) -> tuple[Room, Membership]:
    """A direct room that was opened before, by somebody who asks for it again."""
    stay = Membership.of(room.id, user_id)
    if stay is None or stay.hidden:
        raise Forbidden(UNBLOCK_FIRST)
    return room, stay


def rooms_to_change(room_ids: Iterable[str]) -> dict[str, Room]:
    """Rooms locked until the commit, by id, for calls that then ask `stays_in` who is in them."""
    return {room.id: room for room in lock_feeds(Room, room_ids)}


def feeds_to_trim(feed_ids: Collection[str]) -> list[Room | User]:
    """Rooms and private feeds, locked until the commit; for the owner's upkeep, on nobody's behalf."""
    return [*lock_feeds(Room, feed_ids), *lock_feeds(User, feed_ids)]


def room_as_known(user_id: str, room_id: str) -> Audience | None:
    """Who hears a room where all lasts, if this person does, as far as this process knows: true as long as the version holds."""
    known = Room.as_known(room_id)
    return known.audience if known is not None and known.plain and user_id in known.hearers else None


def stays_in(pairs: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Membership]:
    """The stays that have not ended, of these (room_id, user_id); read after the rooms were locked.

    Those hidden from their own person are among them, since the others see that one in the room.
    """
    return {(stay.room_id, stay.user_id): stay for stay in Membership.of_pairs(pairs) if stay.left_seq is None}


def speaker(stay: Membership | None) -> Membership:
    """The stay of someone who wants to be heard in a room: not by a person whom they block."""
    if stay is None or not stay.goes_on:
        raise NotFound("There is no such room of yours.")
    if stay.deaf_from is not None:
        raise Forbidden(UNBLOCK_FIRST)
    return stay


def stirred(rooms: Mapping[str, Room], spoken: Spoken) -> list[tuple[User, RoomView]]:
    """Whose own part of a room something that is said there changes, their feeds locked; the rooms are locked already."""
    pairs = stirred_by(spoken) if spoken else []
    if not pairs:
        return []
    people = own_feeds(user_id for _, user_id in pairs)
    views = own_parts((rooms[stay.room_id], stay) for stay in stir(pairs, spoken))
    return [(people[seen.stay.user_id], seen) for seen in views]


def pinner(room: Room, stay: Membership) -> Membership:
    """The stay of someone who may pin messages in this room."""
    if room.admins_only("pin") and not stay.runs_the_room:
        raise Forbidden("Only owners and admins pin messages in this group.")
    return speaker(stay)


def room_to_set_up(user_id: str, room_id: str, *, by_either: bool) -> tuple[Room, Membership]:
    """A room that the person may set up, locked until the commit: a group that they run; by_either: or the room of a pair."""
    room, stay = room_to_change(user_id, room_id)
    if room.kind == "direct" and by_either:
        return room, speaker(stay)
    return _run(room, stay)


def group_to_run(user_id: str, room_id: str) -> tuple[Room, Membership]:
    """A group the person runs, locked until the commit."""
    return _run(*room_to_change(user_id, room_id))


def _run(room: Room, stay: Membership) -> tuple[Room, Membership]:
    if room.kind != "group":
        raise Forbidden("A direct room has no members to manage and no title.")
    if not stay.runs_the_room:
        raise Forbidden("Only owners and admins may do that.")
    return room, stay


def member_for(room: Room, user_id: str) -> Membership:
    """Somebody in a room that the caller has reached already."""
    stay = Membership.of(room.id, user_id)
    if stay is None or stay.left_seq is not None:
        raise NotFound("There is no such member of this room.")
    return stay
