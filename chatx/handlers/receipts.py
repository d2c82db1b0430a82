"""Receipts and typing: how far people are, since when, and that they are at it. Marks only rise; nothing here takes a seq."""

from collections.abc import Sequence
from typing import Any

from chatx import access
from chatx.context import BatchCall, Context
from chatx.errors import ChatError, Forbidden, NotFound
from chatx.models.feed import Audience
from chatx.models.membership import Membership
from chatx.models.receipt import Moved, raise_marks, receipts_of
from chatx.models.room import Room
from chatx.models.room_view import view
from chatx.models.user import User
from chatx.registry import announces, handles
from chatx.schemas.receipt import (
    DeliveredIn,
    MarkListOut,
    MarkOut,
    MessageReceiptListOut,
    MessageReceiptsIn,
    ReadIn,
    Receipt,
    Typing,
    TypingIn,
)

Wanted = dict[str, dict[str, int]]  # {room id: {"delivered" or "read": seq}}

announces(Receipt)
announces(Typing)


@handles("receipt:read", takes=ReadIn, gives=MarkOut, raises=(NotFound,), bucket="signals", batch=True)
def read(calls: Sequence[BatchCall]) -> list[Membership | ChatError]:
    """Say that you read a room up to a place."""
    wanted = [{call.arguments["room_id"]: {"delivered": call.arguments["seq"], "read": call.arguments["seq"]}} for call in calls]
    return [stays if isinstance(stays, ChatError) else stays[0] for stays in _raised(calls, wanted)]


@handles("receipt:delivered", takes=DeliveredIn, gives=MarkListOut, raises=(NotFound,), bucket="signals", batch=True)
def delivered(calls: Sequence[BatchCall]) -> list[dict[str, Any] | ChatError]:
    """Say up to which places of your rooms messages have reached this device."""
    wanted = [{room_id: {"delivered": seq} for room_id, seq in sorted(call.arguments["marks"].items())} for call in calls]
    return [stays if isinstance(stays, ChatError) else {"items": stays} for stays in _raised(calls, wanted)]


@handles("message:receipts", takes=MessageReceiptsIn, gives=MessageReceiptListOut, reads=True, raises=(NotFound,))
def message_receipts(ctx: Context, room_id: str, seq: int, limit: int, cursor: tuple[str] | None = None) -> dict[str, Any]:
    """List when a message reached each of the others who were in the room, also those who left since, and when they read it."""
    message = access.message_for(access.history_for(ctx.user_id, room_id), seq)
    page = receipts_of(message, cursor[0] if cursor else None, limit + 1)
    more = (page[limit - 1].user_id,) if len(page) > limit else None
    return {"items": page[:limit], "next": more}


@handles("typing", takes=TypingIn, reads=True, raises=(NotFound, Forbidden), bucket="signals")
def typing(ctx: Context, room_id: str, kind: str) -> None:
    """Show the others in a room that you type, record, or stopped."""
    room, stay = access.room_for(ctx.user_id, room_id)
    access.speaker(stay)
    ctx.signal("typing", room.audience(), but=ctx.user_id, room_id=room.id, user_id=ctx.user_id, kind=kind)


def _raised(calls: Sequence[BatchCall], wanted: Sequence[Wanted]) -> list[list[Membership] | ChatError]:
    """Each call's stays with their marks raised; all rooms of the batch are locked and read at once."""
    rooms = access.rooms_to_change(room_id for marks in wanted for room_id in marks)
    pairs = [(room_id, call.ctx.user_id) for call, marks in zip(calls, wanted, strict=True) for room_id in marks]
    stays = {place: stay for place, stay in access.stays_in(pairs).items() if not stay.hidden}
    discreet = _discreet(rooms, wanted)
    feeds = access.own_feeds(stay.user_id for stay in stays.values() if stay.marked_unread)
    answers: list[list[Membership] | ChatError] = []
    for call, marks in zip(calls, wanted, strict=True):
        own = [stays.get((room_id, call.ctx.user_id)) for room_id in marks]
        reached = [stay for stay in own if stay is not None]
        if len(reached) < len(own):
            answers.append(NotFound("There is no such room of yours."))
            continue
        for stay in reached:
            room = rooms[stay.room_id]
            moved = raise_marks(room, stay, call.ctx.now, shows=room.id not in discreet, **marks[room.id])
            _tell(call.ctx, room, stay, moved)
            if "read" in marks[room.id] and stay.marked_unread:
                _unmark(call.ctx, room, stay, feeds[stay.user_id])
        answers.append(reached)
    return answers


def _discreet(rooms: dict[str, Room], wanted: Sequence[Wanted]) -> set[str]:
    """The direct rooms that are read of which nobody is told: one of the two has switched read receipts off."""
    read = {room_id for marks in wanted for room_id, kinds in marks.items() if "read" in kinds}
    pairs = {room.id: room.pair.split(":") for room in rooms.values() if room.id in read and room.pair}
    discreet = User.discreet(user_id for pair in pairs.values() for user_id in pair)
    return {room_id for room_id, pair in pairs.items() if not discreet.isdisjoint(pair)}


def _tell(ctx: Context, room: Room, stay: Membership, moved: Moved) -> None:
    """Tell the others what they are shown, and one's own devices how far one is in truth."""
    own: dict[str, Any] = {
        "room_id": room.id,
        "user_id": stay.user_id,
        "delivered_seq": stay.delivered_seq,
        "read_seq": stay.read_seq,
    }
    shown = own | {"read_seq": stay.shown_read_seq}
    if moved.shown and own == shown:
        ctx.signal("receipt", room.audience(), **own)
        return
    if moved.shown:
        ctx.signal("receipt", room.audience(), but=stay.user_id, **shown)
    if moved.own:
        ctx.signal("receipt", Audience.own(stay.user_id), **own)


def _unmark(ctx: Context, room: Room, stay: Membership, me: User) -> None:
    stay.marked_unread = False
    ctx.change(me, "room:me", room.id, data={"room_id": room.id}, me=view(room, stay))
