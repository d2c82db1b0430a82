"""Audiences: what a process must know of people and rooms before it can hand on what it hears of them."""

from collections.abc import Collection, Sequence

from chatx.context import Context
from chatx.models.audience import RoomMembers
from chatx.models.membership import Membership
from chatx.registry import handles
from chatx.schemas.room import RoomIdsIn
from chatx.schemas.user import UserIn


@handles("audience:rooms", takes=UserIn, guard="public", reads=True, bucket=None, internal=True)
def rooms_of(ctx: Context, user_id: str) -> Sequence[str]:
    """Find out in which rooms a person is now."""
    return Membership.room_ids(user_id)


@handles("audience:members", takes=RoomIdsIn, guard="public", reads=True, bucket=None, internal=True)
def members_of(ctx: Context, room_ids: Collection[str]) -> dict[str, RoomMembers]:
    """Find out who may hear these rooms, now and at each of their changes."""
    return RoomMembers.of(room_ids)
