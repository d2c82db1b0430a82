"""The only ways to reach a room, message, person or device on somebody's behalf. Who may not know, gets NotFound."""

from collections.abc import Collection, Container, Iterable

from chatx.errors import ClientIdReused, DeviceRevoked, Forbidden, NotFound, Unauthenticated, ValidationFailed
from chatx.models.block import Block
from chatx.models.device import Device
from chatx.models.feed import Audience
from chatx.models.feed import lock as lock_feeds
from chatx.models.membership import Membership
from chatx.models.message import Message
from chatx.models.room import Room
from chatx.models.search.find import Reach, reaches
from chatx.models.sight import Sight
from chatx.models.submission import Submission
from chatx.models.user import Contact, User

UNBLOCK_FIRST = "You have blocked this person: unblock them first."


def device_for(user_id: str, device_id: str) -> Device:
    """The person's own signed-in device."""
    device = Device.locked(device_id)
    if device is None or device.user_id != user_id or device.revoked_at:
        raise NotFound("There is no such device of yours.")
    return device


def device_of_token(user_id: str, device_id: str, *, lock: bool = False) -> Device:
    """The device a good token speaks for, if it is still signed in."""
    device = Device.locked(device_id) if lock else Device.of(device_id)
    if device is None or device.user_id != user_id:
        raise Unauthenticated("The token is of a device that does not exist.")
    if device.revoked_at:
        raise DeviceRevoked
    return device


def user_for(user_id: str) -> User:
    """Anyone whose id the caller knows."""
    user = User.by_ids([user_id]).get(user_id)
    if user is None:
        raise NotFound("There is no such person.")
    return user


def own_feeds(user_ids: Iterable[str]) -> dict[str, User]:
    """These people with their private feeds locked, by id. Rooms are locked before people, never after."""
    return {user.id: user for user in lock_feeds(User, user_ids)}


def contact_for(owner_id: str, user_id: str) -> Contact:
    """Someone the owner keeps."""
    contact = Contact.of(owner_id, user_id)
    if contact is None:
        raise NotFound("There is no such contact of yours.")
    return contact


def block_for(owner_id: str, user_id: str) -> Block:
    """Someone the owner has blocked."""
    block = Block.of(owner_id, user_id)
    if block is None:
        raise NotFound("You have not blocked this person.")
    return block


def may_open(user_id: str, peer_id: str) -> None:
    """Nobody opens a room with a person whom they block; asked once their own feed is locked."""
    if Block.of(user_id, peer_id) is not None:
        raise Forbidden(UNBLOCK_FIRST)


def first_result(user_id: str, client_id: str, digest: str, *, claim: str) -> str | None:
    """What this client_id made before, for the same content; None if it is taken for `claim` now, by this call."""
    if Submission.claim(user_id, client_id, digest, claim):
        return None
    first = Submission.of(user_id, client_id)
    if first is None or first.digest != digest:
        raise ClientIdReused
    return first.subject


def room_for(user_id: str, room_id: str) -> tuple[Room, Membership]:
    """A room the person is in now, to read it."""
    stay = Membership.of(room_id, user_id)
    if stay is None or not stay.goes_on:
        raise NotFound("There is no such room of yours.")
    return Room.of(room_id), stay


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
    """Who hears a room, if this person is among them, as far as this process knows: true as long as the version holds."""
    known = Room.as_known(room_id)
    return known.audience if known is not None and user_id in known.hearers else None


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


def may_mention(room_id: str, user_ids: Iterable[str], members: Container[tuple[str, str]]) -> None:
    """Only who is among the members, as (room_id, user_id), can be mentioned."""
    strangers = [user_id for user_id in user_ids if (room_id, user_id) not in members]
    if strangers:
        raise ValidationFailed(fields={"mentions": [f"{stranger} is not a member of this room." for stranger in strangers]})


def group_to_run(user_id: str, room_id: str) -> tuple[Room, Membership]:
    """A group the person runs, locked until the commit."""
    room, stay = room_to_change(user_id, room_id)
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


def history_for(user_id: str, room_id: str) -> Membership:
    """What the person may read of a room: a former member keeps what was said until they left."""
    stay = Membership.of(room_id, user_id)
    if stay is None or stay.hidden:
        raise NotFound("There is no such room of yours.")
    return stay


def rooms_to_search(user_id: str, room_id: str | None) -> list[Reach]:
    """What the person may search: one room that they may read something of, or all of them."""
    if room_id is not None:
        history_for(user_id, room_id)
    return reaches(user_id, room_id)


def message_for(stay: Membership, seq: int) -> Message:
    """A message that this person may see."""
    message = Message.at(stay.room_id, seq) if Sight([stay]).sees((stay.room_id, seq)) else None
    if message is None:
        raise NotFound("There is no such message in this room.")
    return message
