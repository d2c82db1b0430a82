"""Deleting messages."""

from chatx import access
from chatx.context import Context
from chatx.errors import Forbidden, NotFound, WindowClosed
from chatx.registry import announces, handles
from chatx.schemas.message.delete import DeleteIn, MessageDeleted
from config import LIMITS

announces(MessageDeleted)


@handles("message:delete", takes=DeleteIn, raises=(NotFound, Forbidden, WindowClosed))
def delete(ctx: Context, room_id: str, seq: int, scope: str) -> None:
    """Delete what you said for everybody; who runs a group may delete what anybody said, at any time."""
    room, stay = access.room_to_change(ctx.user_id, room_id)
    message = access.message_for(access.speaker(stay), seq)
    if message.sender_id != ctx.user_id and not stay.runs_the_room:
        raise Forbidden("Only who said it, and who runs the group, may delete it for everybody.")
    if message.deleted_at is not None:
        return
    if not stay.runs_the_room and (ctx.now - message.created_at).total_seconds() > LIMITS["delete_seconds"]:
        raise WindowClosed(f"Later than delete_seconds: {LIMITS['delete_seconds']}.")
    message.erase(ctx.now)
    ctx.change(room, "message:deleted", str(seq), message=message)
