"""Live locations: moving, which is heard and not kept, and the end, which also comes by itself."""

from collections.abc import Sequence
from typing import Any

from chatx import access
from chatx.context import Context, DueCall
from chatx.errors import Conflict, Forbidden, NotFound, WindowClosed
from chatx.models.base import in_json
from chatx.models.content import fill, place_of
from chatx.models.live_location import LiveLocation
from chatx.models.message import Message
from chatx.models.room import Room
from chatx.models.seen import forms_of
from chatx.registry import announces, due, handles
from chatx.schemas.live_location import LiveLocationIn, LiveLocationMoved, LiveLocationStopped, MoveIn
from chatx.schemas.message import MessageOut

announces(LiveLocationMoved)
announces(LiveLocationStopped)


@handles("live_location:update", takes=MoveIn, raises=(NotFound, Forbidden, Conflict, WindowClosed), bucket="positions")
def update(ctx: Context, room_id: str, seq: int, **position: float | None) -> None:
    """Say where you are now, while you show your live location."""
    # Under the lock of the room, so that nobody hears it who was removed a moment ago, and none comes after the stop.
    room, message = _own_location(ctx, room_id, seq)
    ended_at = LiveLocation.ended_at(message, ctx.now)
    if ended_at is not None:
        raise WindowClosed(f"The live location ended at {in_json(ended_at)}.")
    LiveLocation.move(message, position, ctx.now)
    audience = room.audience()
    unseen: dict[str, Any] = {"room_id": room_id, "message_seq": seq, "user_id": None, "position": None}
    forms = [(blind, unseen) for blind, form in forms_of(message, audience.newest) if form is None]
    seen = unseen | {"user_id": ctx.user_id, "position": position | {"moved_at": ctx.now}}
    ctx.signal("live_location:moved", audience, forms=forms, **seen)


@handles("live_location:stop", takes=LiveLocationIn, gives=MessageOut, raises=(NotFound, Forbidden, Conflict))
def stop(ctx: Context, room_id: str, seq: int) -> Message:
    """Show your live location no more; the last position stays."""
    room, message = _own_location(ctx, room_id, seq)
    if LiveLocation.ended_at(message, ctx.now) is None:
        LiveLocation.stop(message, ctx.now, room.seq + 1)
        ctx.change(room, "live_location:stopped", str(seq), message=message)
    return message


@due("live_location:end", most=100)
def end_in_time(calls: Sequence[DueCall]) -> None:
    """End live locations whose time is over, if nobody stopped or deleted them before."""
    places = [place_of(call.key) for call in calls]
    rooms = access.rooms_to_change(room_id for room_id, _ in places)
    messages = access.messages_at(places)
    for call, place in zip(calls, places, strict=True):
        message = messages.get(place)
        if message is not None and message.type == "live_location" and message.data["stopped_at"] is None:
            room = rooms[message.room_id]
            LiveLocation.stop(message, call.ctx.now, room.seq + 1)
            call.ctx.change(room, "live_location:stopped", str(message.seq), message=message)
    fill(messages.values())


def _own_location(ctx: Context, room_id: str, seq: int) -> tuple[Room, Message]:
    room, message = access.message_to_change(ctx.user_id, room_id, seq, "live_location")
    if message.sender_id != ctx.user_id:
        raise Forbidden("Only who shows where they are moves and stops it.")
    return room, message
