"""Opening what can be opened once."""

from typing import Any

from chatx import access
from chatx.context import Context
from chatx.errors import Conflict, Forbidden, NotFound
from chatx.models.user import User
from chatx.models.view_once import ViewOnce
from chatx.registry import announces, handles
from chatx.schemas.message.view_once import MessageOpened, OpenedOut, OpenIn

announces(MessageOpened)


@handles("message:open", takes=OpenIn, gives=OpenedOut, raises=(NotFound, Forbidden, Conflict), bucket="messages")
def open_once(ctx: Context, room_id: str, seq: int) -> dict[str, Any]:
    """Open a message that can be opened once, on one of your devices; its author learns of it if you tell what you read."""
    _, message = access.message_to_change(ctx.user_id, room_id, seq, ViewOnce.type)
    if message.sender_id == ctx.user_id:
        raise Forbidden("It is for the others to open.")
    author = access.stays_in([(room_id, message.sender_id)]).get((room_id, message.sender_id))
    shown = author is not None and author.deaf_from is None and not User.discreet([ctx.user_id])
    said = ViewOnce.open(message, ctx.user_id, ctx.now, shown=shown)
    if said is None:
        raise Conflict("You have opened it before, or nobody can any more.")
    told = [ctx.user_id, message.sender_id] if shown else [ctx.user_id]
    about = {"room_id": room_id, "message_seq": seq, "user_id": ctx.user_id}
    for person in access.own_feeds(told).values():
        ctx.change(person, "message:opened", f"{room_id}:{seq}", data=about)
    return {"room_id": room_id, "seq": seq, **said}
