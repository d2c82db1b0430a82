"""Receipts and typing: how far people are, since when, and that they are at it. Marks only rise; nothing here takes a seq."""

from collections.abc import Sequence
from typing import Any

from chatx import access
from chatx.context import BatchCall, Context
from chatx.errors import ChatError, NotFound
from chatx.models.membership import Membership
from chatx.models.receipt import raise_marks, receipts_of
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


@handles("typing", takes=TypingIn, reads=True, raises=(NotFound,), bucket="signals")
def typing(ctx: Context, room_id: str, kind: str) -> None:
    """Show the others in a room that you type, record, or stopped."""
    room, _ = access.room_for(ctx.user_id, room_id)
    ctx.signal("typing", room.audience(), but=ctx.user_id, room_id=room.id, user_id=ctx.user_id, kind=kind)


def _raised(calls: Sequence[BatchCall], wanted: Sequence[Wanted]) -> list[list[Membership] | ChatError]:
    """Each call's stays with their marks raised; all rooms of the batch are locked and read at once."""
    rooms = access.rooms_to_change(room_id for marks in wanted for room_id in marks)
    pairs = [(room_id, call.ctx.user_id) for call, marks in zip(calls, wanted, strict=True) for room_id in marks]
    stays = access.stays_in(pairs)
    feeds = access.own_feeds(stay.user_id for stay in stays.values() if stay.marked_unread)
    answers: list[list[Membership] | ChatError] = []
    for call, marks in zip(calls, wanted, strict=True):
        own = [stays.get((room_id, call.ctx.user_id)) for room_id in marks]
        reached = [stay for stay in own if stay is not None]
        if len(reached) < len(own):
            answers.append(NotFound("There is no such room of yours."))
            continue
        for stay in reached:
            _raise(call.ctx, rooms[stay.room_id], stay, feeds.get(stay.user_id), marks[stay.room_id])
        answers.append(reached)
    return answers


def _raise(ctx: Context, room: Room, stay: Membership, me: User | None, marks: dict[str, int]) -> None:
    """Raise the marks, never beyond what there is to get, and tell the room if they moved."""
    moved = raise_marks(room, stay, ctx.now, **marks)
    if "read" in marks and stay.marked_unread and me is not None:
        stay.marked_unread = False
        ctx.change(me, "room:me", room.id, data={"room_id": room.id}, me=view(room, stay))
    if moved:
        reached: dict[str, Any] = {"delivered_seq": stay.delivered_seq, "read_seq": stay.read_seq}
        ctx.signal("receipt", room.audience(), room_id=room.id, user_id=stay.user_id, **reached)
