"""People, and what is theirs alone: devices, contacts, blocks, and what they have made before."""

from collections.abc import Iterable

from chatx.errors import ChatError, ClientIdReused, DeviceRevoked, Forbidden, NotFound, Unauthenticated
from chatx.models.block import Block
from chatx.models.device import Device
from chatx.models.export import Export
from chatx.models.feed import lock as lock_feeds
from chatx.models.scheduled import Scheduled
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
    return _signed_in(Device.locked(device_id) if lock else Device.of(device_id), user_id)


def devices_of_tokens(claimed: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Device | ChatError]:
    """The same for many (user id, device id), in one query; an error for those that are not signed in."""
    pairs = set(claimed)
    devices = Device.by_ids(device_id for _, device_id in pairs)
    found: dict[tuple[str, str], Device | ChatError] = {}
    for user_id, device_id in pairs:
        try:
            found[user_id, device_id] = _signed_in(devices.get(device_id), user_id)
        except ChatError as error:
            found[user_id, device_id] = error
    return found


def _signed_in(device: Device | None, user_id: str) -> Device:
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


def export_for(user_id: str, export_id: str) -> Export:
    """An export that this person asked for."""
    export = Export.of(export_id)
    if export is None or export.user_id != user_id:
        raise NotFound("There is no such export of yours.")
    return export


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


def scheduled_for(user_id: str, scheduled_id: str) -> Scheduled:
    """What the person has scheduled, locked until the commit."""
    scheduled = Scheduled.locked([scheduled_id]).get(scheduled_id)
    if scheduled is None or scheduled.user_id != user_id:
        raise NotFound("There is no such scheduled message of yours.")
    return scheduled


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
