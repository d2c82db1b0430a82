"""Who hears a change: the members of a room at its commit, or one person."""

from collections.abc import Sequence
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
    def of(cls, room_id: str) -> "RoomMembers":
        """Nobody, for a room that does not exist."""
        room = db.session.get(Room, room_id)
        if room is None:
            return cls(0, 0, {})
        query = select(Membership).where(Membership.room_id == room_id)
        return cls(room.members_version, room.seq, {stay.user_id: stay.stays for stay in db.session.scalars(query)})

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
