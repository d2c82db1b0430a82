"""Keeping messages that would expire: anybody in the room asks for it, and who said it has the last word."""

from chatx import access
from chatx.context import Context
from chatx.errors import Conflict, Forbidden, NotFound
from chatx.models.deaf import hide_from_the_deaf
from chatx.models.message import Message
from chatx.models.room import Room
from chatx.registry import announces, handles
from chatx.schemas.message import MessageOut
from chatx.schemas.message.expiry import KeepIn, MessageKept, MessageUnkept

announces(MessageKept)
announces(MessageUnkept)


@handles("keep:set", takes=KeepIn, gives=MessageOut, raises=(NotFound, Forbidden, Conflict), bucket="messages")
def keep(ctx: Context, room_id: str, seq: int) -> Message:
    """Keep a message, so that it does not expire for anybody; not one that its author has let go."""
    room, stay = access.room_to_change(ctx.user_id, room_id)
    message = access.lasting_message_for(access.speaker(stay), seq)
    if message.kept_by is not None:
        return message
    if message.expires_at is None:
        raise Conflict("This message does not expire.")
    if message.kept is not None and message.sender_id != ctx.user_id:
        raise Forbidden("Who said it has let it go: nobody else can keep it again.")
    message.keep(ctx.user_id, room.seq + 1)
    ctx.change(room, "message:kept", str(seq), message=message)
    return message


@handles("keep:clear", takes=KeepIn, raises=(NotFound, Forbidden), bucket="messages")
def let_go(ctx: Context, room_id: str, seq: int) -> None:
    """Let a message expire that you said or kept, at once if its time is over. What its author lets go nobody else keeps."""
    room, stay = access.room_to_change(ctx.user_id, room_id)
    message = access.message_for(access.speaker(stay), seq)
    if message.kept_by is None:
        return
    if ctx.user_id not in (message.sender_id, message.kept_by):
        raise Forbidden("Only who said it, and who keeps it, can let it go.")
    expires_at = message.let_go(refused=message.sender_id == ctx.user_id)
    if expires_at <= ctx.now:
        message.erase(expires_at)
    else:
        room.expect(expires_at)
        Room.set_timers([room])
    ctx.change(room, "message:unkept", str(seq), message=message)
    for me, seen in hide_from_the_deaf(room, seq):
        ctx.change(me, "room:me", room.id, data={"room_id": room.id}, me=seen)
