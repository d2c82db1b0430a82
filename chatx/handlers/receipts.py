"""Receipts and typing: how far people are, and that they are at it. Marks only rise; nothing here takes a seq."""

from typing import Any

from chatx import access
from chatx.context import Context
from chatx.errors import NotFound
from chatx.models.membership import Membership
from chatx.models.room import Room
from chatx.models.room_view import view
from chatx.registry import announces, handles
from chatx.schemas.message import DeliveredIn, MarkListOut, MarkOut, ReadIn, Receipt, Typing, TypingIn

announces(Receipt)
announces(Typing)


@handles("receipt:read", takes=ReadIn, gives=MarkOut, raises=(NotFound,), bucket="signals")
def read(ctx: Context, room_id: str, seq: int) -> Membership:
    """Say that you read a room up to a place."""
    room, stay = access.room_to_change(ctx.user_id, room_id)
    _raise(ctx, room, stay, delivered=seq, read=seq)
    return stay


@handles("receipt:delivered", takes=DeliveredIn, gives=MarkListOut, raises=(NotFound,), bucket="signals")
def delivered(ctx: Context, marks: dict[str, int]) -> dict[str, Any]:
    """Say up to which places of your rooms messages have reached this device."""
    reached = []
    for room_id in sorted(marks):
        room, stay = access.room_to_change(ctx.user_id, room_id)
        _raise(ctx, room, stay, delivered=marks[room_id], read=0)
        reached.append(stay)
    return {"items": reached}


@handles("typing", takes=TypingIn, reads=True, raises=(NotFound,), bucket="signals")
def typing(ctx: Context, room_id: str, kind: str) -> None:
    """Show the others in a room that you type, record, or stopped."""
    room, _ = access.room_for(ctx.user_id, room_id)
    others = [user_id for user_id in room.audience() if user_id != ctx.user_id]
    ctx.signal("typing", others, room_id=room.id, user_id=ctx.user_id, kind=kind)


def _raise(ctx: Context, room: Room, stay: Membership, *, delivered: int, read: int) -> None:
    """Raise the marks, never beyond what there is to get, and tell the room if they moved."""
    marks = {"delivered_seq": delivered, "read_seq": read}
    moved = {name: min(seq, room.seq) for name, seq in marks.items() if min(seq, room.seq) > getattr(stay, name)}
    for name, seq in moved.items():
        setattr(stay, name, seq)
    if "read_seq" in moved and stay.marked_unread:
        stay.marked_unread = False
        me = access.own_feeds([ctx.user_id])[ctx.user_id]
        ctx.change(me, "room:me", room.id, data={"room_id": room.id}, me=view(room, stay))
    if moved:
        reached = {"delivered_seq": stay.delivered_seq, "read_seq": stay.read_seq}
        ctx.signal("receipt", room.audience(), room_id=room.id, user_id=stay.user_id, **reached)
