"""Audiences: what a process must know of people and rooms before it can hand on what it hears of them."""

from collections.abc import Sequence

from chatx.context import Context
from chatx.models.audience import RoomMembers
from chatx.models.membership import Membership
from chatx.registry import handles
from chatx.schemas.room import RoomIn
from chatx.schemas.user import UserIn


@handles("audience:rooms", takes=UserIn, guard="public", reads=True, bucket=None, internal=True)
def rooms_of(ctx: Context, user_id: str) -> Sequence[str]:
    """Find out in which rooms a person is now."""
    return Membership.room_ids(user_id)


@handles("audience:members", takes=RoomIn, guard="public", reads=True, bucket=None, internal=True)
def members_of(ctx: Context, room_id: str) -> RoomMembers:
    """Find out who may hear a room, now and at each of its changes."""
    return RoomMembers.of(room_id)
