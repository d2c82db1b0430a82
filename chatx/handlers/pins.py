"""Pins: what a room keeps at hand for a while."""

from collections.abc import Sequence
from typing import Any

from chatx import access
from chatx.context import Context, DueCall
from chatx.errors import Conflict, Forbidden, NotFound
from chatx.models.pin import EXPIRY, Pin, key_of
from chatx.models.system import note
from chatx.registry import announces, due, handles
from chatx.schemas.pin import MessagePinned, MessageUnpinned, PinIn, PinListOut, PinOut, PinPlaceIn
from chatx.schemas.room import RoomIn
from config import LIMITS

announces(MessagePinned)
announces(MessageUnpinned)


@handles("pin:set", takes=PinIn, gives=PinOut, raises=(NotFound, Forbidden, Conflict), bucket="messages")
def set_pin(ctx: Context, room_id: str, seq: int, seconds: int) -> dict[str, Any]:
    """Pin a message for a day, a week or 30 days, for everybody in the room."""
    room, stay = access.room_to_change(ctx.user_id, room_id)
    message = access.standing_message_for(access.pinner(room, stay), seq)
    others = [pin for pin in Pin.standing(stay, ctx.now) if pin.seq != seq]
    if len(others) >= LIMITS["pinned_messages"]:
        raise Conflict(f"More than pinned_messages: {LIMITS['pinned_messages']}.")
    pin = Pin.put(message, ctx.user_id, ctx.now, seconds, change_seq=room.seq + 1, deaf=room.deaf())
    ctx.change(room, "message:pinned", str(seq), data={"seconds": seconds}, message=message)
    line = note(room, ctx.user_id, ctx.now, "pinned", message_seq=seq)
    ctx.tell(line.told(room), message=line)
    return pin.of(message)


@handles("pin:clear", takes=PinPlaceIn, raises=(NotFound, Forbidden), bucket="messages")
def clear_pin(ctx: Context, room_id: str, seq: int) -> None:
    """Unpin a message, whoever pinned it."""
    room, stay = access.room_to_change(ctx.user_id, room_id)
    message = access.message_for(access.pinner(room, stay), seq)
    if any(pin.seq == seq for pin in Pin.standing(stay, ctx.now)):
        Pin.withdraw_all(message, room.deaf())
        ctx.change(room, "message:unpinned", str(seq), message=message)


@handles("pin:list", takes=RoomIn, gives=PinListOut, reads=True, raises=(NotFound,))
def list_pins(ctx: Context, room_id: str) -> dict[str, Any]:
    """List what is pinned in a room, the newest first."""
    _, stay = access.room_for(ctx.user_id, room_id)
    pins = Pin.standing(stay, ctx.now)
    seen = access.messages_seen_at(ctx.user_id, [pin.place for pin in pins])
    return {"items": [pin.of(seen[pin.place]) for pin in pins if pin.place in seen]}


@due(EXPIRY)
def expire(calls: Sequence[DueCall]) -> None:
    """Unpin messages whose time is over."""
    keys = [key_of(call.key) for call in calls]
    rooms = access.rooms_to_change(room_id for room_id, _, _ in keys)
    pins = Pin.of_all(keys)
    messages = access.messages_at(pin.place for pin in pins.values())
    for call, key in zip(calls, keys, strict=True):
        pin = pins.get(key)
        if pin is None or pin.expires_at > call.ctx.now:
            continue
        room = rooms[pin.room_id]
        pin.let_go()
        if pin.only_for is None or room.deaf() not in (None, pin.only_for):
            call.ctx.change(room, "message:unpinned", str(pin.seq), message=messages[pin.place])
