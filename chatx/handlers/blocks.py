"""Blocks: not to hear somebody any more, without their noticing."""

from typing import Any

from chatx import access
from chatx.context import Context
from chatx.errors import Conflict, NotFound, ValidationFailed
from chatx.models.block import Block
from chatx.models.live_location import LiveLocation
from chatx.models.membership import Membership
from chatx.models.room import Room
from chatx.models.room_view import view
from chatx.models.user import User
from chatx.registry import announces, handles
from chatx.schemas.block import BlockListOut, BlockOut, BlocksIn, BlocksUpdated
from chatx.schemas.user import UserIn
from config import LIMITS

announces(BlocksUpdated)


@handles("block:list", takes=BlocksIn, gives=BlockListOut, reads=True)
def list_blocks(ctx: Context, limit: int, cursor: tuple[str] | None = None) -> dict[str, Any]:
    """List whom you have blocked by user name."""
    page = Block.page(ctx.user_id, cursor[0] if cursor else None, limit + 1)
    more = (page[limit - 1][1].username,) if len(page) > limit else None
    return {"items": [block.beside(user) for block, user in page[:limit]], "next": more}


@handles("block:set", takes=UserIn, gives=BlockOut, raises=(NotFound, Conflict))
def set_block(ctx: Context, user_id: str) -> dict[str, Any]:
    """Block someone: what they say to you alone never reaches you, and they do not notice."""
    if user_id == ctx.user_id:
        raise ValidationFailed("Nobody can block themselves.", fields={"user_id": ["This is you."]})
    person = access.user_for(user_id)
    me, direct = _reached(ctx.user_id, user_id)
    known = Block.of(ctx.user_id, user_id)
    if known is not None:
        return known.beside(person)
    block = Block.put(ctx.user_id, user_id, ctx.now).beside(person)
    if Block.count(ctx.user_id) > LIMITS["blocks"]:
        raise Conflict(f"More than blocks: {LIMITS['blocks']}.")
    if direct is not None:
        room, stay = direct
        for shared in access.messages_at(LiveLocation.shown_by(ctx.user_id, room.id)).values():
            LiveLocation.stop(shared, ctx.now, room.seq + 1)
            ctx.change(room, "live_location:stopped", str(shared.seq), message=shared)
        room.deafen(stay)
    ctx.change(me, "blocks:updated", user_id, data={"user_id": user_id}, block=block)
    return block


@handles("block:remove", takes=UserIn, raises=(NotFound,))
def remove_block(ctx: Context, user_id: str) -> None:
    """Unblock someone: you hear what they say from now on, and never what they said meanwhile."""
    me, direct = _reached(ctx.user_id, user_id)
    access.block_for(ctx.user_id, user_id).lift()
    ctx.change(me, "blocks:updated", user_id, data={"user_id": user_id}, block=None)
    if direct is not None:
        room, stay = direct
        if room.undeafen(stay):
            ctx.change(me, "room:added", room.id, room=view(room, stay))


def _reached(user_id: str, peer_id: str) -> tuple[User, tuple[Room, Membership] | None]:
    """One's own feed and the direct room with somebody, if there is one, all locked; the room first, as everywhere.

    Who opens the room at this moment takes this feed after it, and then looks for blocks. So either they find the block, or
    the room stands now. Looking for it now is the wrong order: should both wait, PostgreSQL lets one of them begin again.
    """
    direct = access.direct_room(user_id, peer_id)
    me = access.own_feeds([user_id])[user_id]
    return me, direct or access.direct_room(user_id, peer_id)
