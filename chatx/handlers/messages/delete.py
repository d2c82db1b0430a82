"""Deleting messages: for everybody, which leaves tombstones, or for oneself, which hides ranges and can be taken back."""

from collections.abc import Iterable
from datetime import timedelta

from chatx import access
from chatx.context import Context
from chatx.errors import Conflict, Forbidden, NotFound, WindowClosed
from chatx.models.hidden import Hidden
from chatx.models.membership import Membership
from chatx.models.room import Room
from chatx.models.room_view import view
from chatx.models.user import User
from chatx.registry import announces, handles
from chatx.schemas.message.delete import DeleteIn, HideIn, MessageDeleted
from chatx.schemas.room import RoomIn
from config import LIMITS

announces(MessageDeleted)


@handles("message:delete", takes=DeleteIn, raises=(NotFound, Forbidden, Conflict, WindowClosed))
def delete(ctx: Context, room_id: str, seq: int, scope: str) -> None:
    """Delete a message: for yourself, or for everybody what you said, and in a group that you run what anybody said."""
    if scope == "me":
        me, room, stay = access.own_room(ctx.user_id, room_id)
        access.message_for(stay, seq, also_hidden=True)
        _hide(ctx, me, room, stay, [(seq, seq)])
    else:
        _delete_for_all(ctx, room_id, seq)


@handles("message:hide", takes=HideIn, raises=(NotFound, Conflict))
def hide(ctx: Context, room_id: str, ranges: list[tuple[int, int]]) -> None:
    """Delete messages for yourself, by ranges of seq."""
    me, room, stay = access.own_room(ctx.user_id, room_id)
    _hide(ctx, me, room, stay, ranges)


@handles("room:clear", takes=RoomIn, raises=(NotFound,))
def clear(ctx: Context, room_id: str) -> None:
    """Delete for yourself everything that was said in a room until now."""
    me, room, stay = access.own_room(ctx.user_id, room_id)
    _hide(ctx, me, room, stay, [(1, room.seq)])


@handles("message:unhide", takes=RoomIn, raises=(NotFound, WindowClosed))
def unhide(ctx: Context, room_id: str) -> None:
    """Take back, within some seconds, what you last deleted for yourself in a room."""
    me, room, stay = access.own_room(ctx.user_id, room_id)
    if not Hidden(stay).take_back(ctx.now - timedelta(seconds=LIMITS["unhide_seconds"])):
        raise WindowClosed(f"Later than unhide_seconds: {LIMITS['unhide_seconds']}.")
    _tell_own_devices(ctx, me, room, stay)


def _delete_for_all(ctx: Context, room_id: str, seq: int) -> None:
    room, stay = access.room_to_change(ctx.user_id, room_id)
    message = access.message_for(access.speaker(stay), seq)
    access.must_be_said(message)
    if message.sender_id != ctx.user_id and not stay.runs_the_room:
        raise Forbidden("Only who said it, and who runs the group, may delete it for everybody.")
    if message.deleted_at is not None:
        return
    if not stay.runs_the_room and ctx.now - message.created_at > timedelta(seconds=LIMITS["delete_seconds"]):
        raise WindowClosed(f"Later than delete_seconds: {LIMITS['delete_seconds']}.")
    message.erase(ctx.now)
    ctx.change(room, "message:deleted", str(seq), message=message)
    for deaf in Membership.deaf_in(room.id) if room.kind == "direct" else ():
        _hide_from_the_deaf(ctx, room, deaf, seq)


def _hide_from_the_deaf(ctx: Context, room: Room, deaf: Membership, seq: int) -> None:
    """Whoever blocks the other one hears no change of the room; that a message of it is gone, their own feed must tell."""
    me = access.own_feeds([deaf.user_id])[deaf.user_id]
    hidden = Hidden(deaf)
    if deaf.sees(seq) and len(hidden.spans) < LIMITS["hidden_ranges"] and hidden.add([(seq, seq)]):
        _tell_own_devices(ctx, me, room, deaf)


def _hide(ctx: Context, me: User, room: Room, stay: Membership, spans: Iterable[tuple[int, int]]) -> None:
    """Never beyond what was said until now, or what is said later would be hidden too."""
    end = stay.reach(room.seq)
    hidden = Hidden(stay)
    new = hidden.add((low, min(high, end)) for low, high in spans if low <= end)
    if len(hidden.spans) > LIMITS["hidden_ranges"]:
        raise Conflict(f"More than hidden_ranges: {LIMITS['hidden_ranges']}.")
    if new:
        hidden.remember(new, ctx.now)
        _tell_own_devices(ctx, me, room, stay)


def _tell_own_devices(ctx: Context, me: User, room: Room, stay: Membership) -> None:
    ctx.change(me, "room:me", room.id, data={"room_id": room.id}, me=view(room, stay))
