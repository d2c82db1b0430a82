"""Rooms: opening, listing and describing them, and what of them is one's own."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from chatx import access
from chatx.context import Context
from chatx.errors import ClientIdReused, Conflict, Forbidden, NotFound, RoomFull
from chatx.models.base import new_id
from chatx.models.block import Block
from chatx.models.room import Room
from chatx.models.room_view import RoomView, own_rooms, pinned_count, view
from chatx.models.submission import Submission
from chatx.models.system import note
from chatx.models.unread import UnreadTotals, unread_totals
from chatx.registry import announces, handles
from chatx.schemas.base import Nothing
from chatx.schemas.room import (
    CreatedRoomOut,
    CreateRoomIn,
    DirectRoomIn,
    RoomAdded,
    RoomCreated,
    RoomIn,
    RoomListOut,
    RoomMe,
    RoomOut,
    RoomRemoved,
    RoomsIn,
    RoomUpdated,
    StayIn,
    UnreadOut,
    UpdateRoomIn,
)
from config import LIMITS

for heard in (RoomCreated, RoomUpdated, RoomAdded, RoomRemoved, RoomMe):
    announces(heard)


@handles(
    "room:create",
    takes=CreateRoomIn,
    gives=CreatedRoomOut,
    raises=(NotFound, Forbidden, RoomFull, ClientIdReused),
    bucket="rooms",
)
def create_room(ctx: Context, title: str, member_ids: list[str], client_id: str | None) -> RoomView:
    """Start a group; you are its owner."""
    others = [user_id for user_id in member_ids if user_id != ctx.user_id]
    if len(others) + 1 > LIMITS["room_members"]:
        raise RoomFull(f"More than room_members: {LIMITS['room_members']}.")
    room_id = new_id()
    if client_id is not None:
        digest = Submission.digest_of("room:create", title, sorted(others))
        first = access.first_result(ctx.user_id, client_id, digest, claim=room_id)
        if first is not None:
            return replace(view(*access.room_for(ctx.user_id, first)), duplicate=True)
    people = access.own_feeds([ctx.user_id, *others])
    missing = [user_id for user_id in others if user_id not in people]
    if missing:
        raise NotFound("There is no such person.", fields={"member_ids": [f"{user_id} does not exist." for user_id in missing]})
    refused = Block.who_block(ctx.user_id, others)
    if refused:
        told = [f"{user_id} cannot be added by you." for user_id in others if user_id in refused]
        raise Forbidden("Somebody cannot be added by you.", fields={"member_ids": told})
    room = Room.start_group(room_id, title, ctx.user_id, ctx.now)
    stays = [*room.admit([ctx.user_id], "owner", ctx.now), *room.admit(others, "member", ctx.now)]
    ctx.change(room, "room:created", room=room)
    for stay in stays:
        ctx.change(people[stay.user_id], "room:added", room.id, room=RoomView(room, stay))
    return RoomView(room, stays[0])


@handles("room:direct", takes=DirectRoomIn, gives=RoomOut, raises=(NotFound, Forbidden), bucket="rooms")
def open_direct(ctx: Context, user_id: str) -> RoomView:
    """Open the one direct room with a person, or your notes to yourself."""
    peer = access.user_for(user_id)
    room, made = Room.open_direct(ctx.user_id, user_id, ctx.now)
    if not made:
        return view(*access.opened_room(ctx.user_id, room))
    people = access.own_feeds([ctx.user_id, user_id])
    access.may_open(ctx.user_id, user_id)
    stays = room.admit([ctx.user_id, user_id], "member", ctx.now)
    if Block.who_block(ctx.user_id, [user_id]):
        room.deafen(stays[1])
    ctx.change(room, "room:created", room=room)
    for stay in (stay for stay in stays if not stay.hidden):
        other = people[ctx.user_id] if stay.user_id == user_id else peer
        ctx.change(people[stay.user_id], "room:added", room.id, room=RoomView(room, stay, other))
    return RoomView(room, stays[0], peer)


@handles("room:list", takes=RoomsIn, gives=RoomListOut, reads=True)
def list_rooms(ctx: Context, limit: int, archived: bool | None, cursor: tuple[datetime, str] | None = None) -> dict[str, Any]:
    """List your rooms, latest activity first."""
    page = own_rooms(ctx.user_id, archived=archived, before=cursor, limit=limit + 1)
    last = page[limit - 1] if len(page) > limit else None
    return {"items": page[:limit], "next": last and (last.active_at, last.room.id)}


@handles("room:unread", takes=Nothing, gives=UnreadOut, reads=True)
def count_unread(ctx: Context) -> UnreadTotals:
    """Count for a badge what is unread in all your rooms; muted and archived rooms do not count."""
    return unread_totals(ctx.user_id, ctx.now)


@handles("room:get", takes=RoomIn, gives=RoomOut, reads=True, raises=(NotFound,))
def get_room(ctx: Context, room_id: str) -> RoomView:
    """Get one of your rooms."""
    return view(*access.room_for(ctx.user_id, room_id))


@handles("room:update", takes=UpdateRoomIn, gives=RoomOut, raises=(NotFound, Forbidden))
def update_room(ctx: Context, room_id: str, **described: Any) -> RoomView:
    """Change a group's title, description, picture or settings: only the fields you send."""
    room, stay = access.group_to_run(ctx.user_id, room_id)
    if "settings" in described:
        described["settings"] = room.settings | described["settings"]
    changed = {name: value for name, value in described.items() if getattr(room, name) != value}
    settings = {name: value for name, value in changed.get("settings", {}).items() if room.settings.get(name) != value}
    for name, value in changed.items():
        setattr(room, name, value)
    if changed:
        ctx.change(room, "room:updated", room=room)
        about = {"changed": sorted(changed)} | ({"settings": settings} if settings else {})
        line = note(room, ctx.user_id, ctx.now, "updated", **about)
        ctx.tell(line.told(room), message=line)
    return view(room, stay)


@handles("room:set_me", takes=StayIn, gives=RoomOut, raises=(NotFound, Conflict))
def set_me(ctx: Context, room_id: str, **own: Any) -> RoomView:
    """Change what of a room is yours alone: mute, pin, archive, mark unread, draft."""
    me, room, stay = access.own_room(ctx.user_id, room_id)
    changed = {name: value for name, value in own.items() if getattr(stay, name) != value}
    if changed.get("pinned") and pinned_count(ctx.user_id) >= LIMITS["pinned_rooms"]:
        raise Conflict(f"More than pinned_rooms: {LIMITS['pinned_rooms']}.")
    for name, value in changed.items():
        setattr(stay, name, value)
    seen = view(room, stay)
    if changed:
        ctx.change(me, "room:me", room.id, data={"room_id": room.id}, me=seen)
    return seen
