"""Who hears a change: the members of a room at its commit, or one person."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from chatx.extensions import db
from chatx.models.membership import Membership
from chatx.models.room import Room


@dataclass(frozen=True, slots=True)
class RoomMembers:
    """Who may hear a room, as of one snapshot: at its version and seq.

    stays: by user id, the ranges of seq that they may see.
    """

    version: int
    seq: int
    stays: dict[str, list[tuple[int, int | None]]]

    @classmethod
    def of(cls, room_ids: Collection[str]) -> dict[str, "RoomMembers"]:
        """By room id; nobody, for a room that does not exist."""
        found = {room_id: cls(0, 0, {}) for room_id in room_ids}
        rooms = select(Room.id, Room.members_version, Room.seq).where(Room.id.in_(room_ids))
        found |= {room_id: cls(version, seq, {}) for room_id, version, seq in db.session.execute(rooms)}
        for stay in db.session.scalars(select(Membership).where(Membership.room_id.in_(room_ids))):
            found[stay.room_id].stays[stay.user_id] = stay.stays
        return found

    @property
    def now(self) -> Sequence[str]:
        return tuple(user_id for user_id, stays in self.stays.items() if stays[-1][1] is None)

    def at(self, seq: int) -> Sequence[str]:
        """Those who may see this change."""
        return tuple(
            user_id
            for user_id, stays in self.stays.items()
            if any(low <= seq and (high is None or seq <= high) for low, high in stays)
        )
