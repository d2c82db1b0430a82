"""Stars: messages to find again, for oneself alone."""

from datetime import datetime
from typing import Any

from chatx import access
from chatx.context import Context
from chatx.errors import Conflict, NotFound
from chatx.models.message import Message
from chatx.models.star import Star
from chatx.models.user import User
from chatx.registry import announces, handles
from chatx.schemas.star import MessageStarred, StarIn, StarListOut, StarsIn
from config import LIMITS

announces(MessageStarred)


@handles("star:set", takes=StarIn, raises=(NotFound, Conflict))
def set_star(ctx: Context, room_id: str, seq: int) -> None:
    """Star a message, to find it again; nobody else learns of it."""
    me = access.own_feeds([ctx.user_id])[ctx.user_id]
    message = access.lasting_message_for(access.history_for(ctx.user_id, room_id), seq)
    if Star.put(ctx.user_id, message, ctx.now):
        if Star.count(ctx.user_id) > LIMITS["stars"]:
            raise Conflict(f"More than stars: {LIMITS['stars']}.")
        _tell(ctx, me, message, starred=True)


@handles("star:clear", takes=StarIn, raises=(NotFound,))
def clear_star(ctx: Context, room_id: str, seq: int) -> None:
    """Take the star from a message."""
    me = access.own_feeds([ctx.user_id])[ctx.user_id]
    message = access.message_for(access.history_for(ctx.user_id, room_id), seq)
    if Star.take(ctx.user_id, message):
        _tell(ctx, me, message, starred=False)


@handles("star:list", takes=StarsIn, gives=StarListOut, reads=True)
def list_stars(ctx: Context, limit: int, cursor: tuple[datetime, str, int] | None = None) -> dict[str, Any]:
    """List your starred messages of all rooms, the newest star first, as far as you still see them."""
    page = Star.page(ctx.user_id, cursor, limit + 1)
    last = page[limit - 1] if len(page) > limit else None
    seen = access.messages_seen_at(ctx.user_id, [(star.room_id, star.seq) for star in page[:limit]])
    items = [
        {"starred_at": star.at, "message": seen[place]} for star in page[:limit] if (place := (star.room_id, star.seq)) in seen
    ]
    return {"items": items, "next": last and (last.at, last.room_id, last.seq)}


def _tell(ctx: Context, me: User, message: Message, *, starred: bool) -> None:
    data = {"room_id": message.room_id, "message_seq": message.seq, "starred": starred}
    ctx.change(me, "message:starred", f"{message.room_id}:{message.seq}", data=data)
