"""Members of groups: who is in, with what role, and how they come and go."""

from typing import Any

from chatx import access
from chatx.context import Context
from chatx.errors import Forbidden, NotFound, RoomFull
from chatx.models.block import Block
from chatx.models.hidden import HiddenRange
from chatx.models.live_location import LiveLocation
from chatx.models.marks import marks_for
from chatx.models.membership import Membership
from chatx.models.room import Room
from chatx.models.room_view import RoomView
from chatx.models.user import User
from chatx.registry import announces, handles
from chatx.schemas.member import (
    AddedListOut,
    AddMembersIn,
    MemberIn,
    MemberJoined,
    MemberLeft,
    MemberListOut,
    MemberOut,
    MembersIn,
    MemberUpdated,
    RoleIn,
)
from config import LIMITS

for heard in (MemberJoined, MemberLeft, MemberUpdated):
    announces(heard)


@handles("member:list", takes=MembersIn, gives=MemberListOut, reads=True, raises=(NotFound,))
def list_members(ctx: Context, room_id: str, limit: int, cursor: tuple[str] | None = None) -> dict[str, Any]:
    """List the members of one of your rooms."""
    _, mine = access.room_for(ctx.user_id, room_id)
    page = Membership.page(room_id, cursor[0] if cursor else None, limit + 1)
    people = User.by_ids(stay.user_id for stay in page)
    more = (page[limit - 1].user_id,) if len(page) > limit else None
    return {"items": [_shown(mine, stay, people[stay.user_id]) for stay in page[:limit]], "next": more}


@handles("member:add", takes=AddMembersIn, gives=AddedListOut, raises=(NotFound, Forbidden, RoomFull))
def add_members(ctx: Context, room_id: str, user_ids: list[str]) -> dict[str, Any]:
    """Add people to a group you run; the answer says for each what became of it."""
    room, _ = access.group_to_run(ctx.user_id, room_id)
    inside = {stay.user_id for stay in Membership.of_room(room.id, user_ids) if stay.left_seq is None}
    found = access.own_feeds(user_id for user_id in user_ids if user_id not in inside)
    refused = Block.who_block(ctx.user_id, found)
    people = {user_id: person for user_id, person in found.items() if user_id not in refused}
    if room.member_count + len(people) > LIMITS["room_members"]:
        raise RoomFull(f"More than room_members: {LIMITS['room_members']}.")
    stays = room.admit(people, "member", ctx.now) if people else []
    hidden = HiddenRange.of_pairs((room.id, stay.user_id) for stay in stays if stay.past_stays)
    for stay in stays:
        stay.begin(room.seq + 1)
        _told(ctx, room, "member:joined", stay)
        seen = RoomView(room, stay, hidden=hidden.get((room.id, stay.user_id), ()))
        ctx.change(people[stay.user_id], "room:added", room.id, room=seen)
    became = dict.fromkeys(inside, "already_member") | dict.fromkeys(refused, "refused") | dict.fromkeys(people, "added")
    return {"items": [{"user_id": user_id, "status": became.get(user_id, "not_found")} for user_id in user_ids]}


@handles("member:update", takes=RoleIn, gives=MemberOut, raises=(NotFound, Forbidden))
def update_member(ctx: Context, room_id: str, user_id: str, role: str) -> dict[str, Any]:
    """Give a member of a group you run another role; only owners make and unmake owners."""
    room, mine = access.group_to_run(ctx.user_id, room_id)
    stay = access.member_for(room, user_id)
    if "owner" in (role, stay.role) and mine.role != "owner":
        raise Forbidden("Only owners make and unmake owners.")
    if stay.role == "owner" and role != "owner" and Membership.owners(room.id) == 1:
        raise Forbidden("A group needs an owner: make somebody else one first.")
    if stay.role != role:
        stay.role = role
        _told(ctx, room, "member:updated", stay)
    return _shown(mine, stay, access.user_for(user_id))


@handles("member:remove", takes=MemberIn, raises=(NotFound, Forbidden))
def remove_member(ctx: Context, room_id: str, user_id: str) -> None:
    """Remove a member from a group you run, or leave it yourself; the last owner's leaving promotes someone."""
    leaving = user_id == ctx.user_id
    room, mine = access.room_to_change(ctx.user_id, room_id) if leaving else access.group_to_run(ctx.user_id, room_id)
    if room.kind != "group":
        raise Forbidden("Nobody can leave a direct room.")
    stay = mine if leaving else access.member_for(room, user_id)
    if stay.role == "owner" and mine.role != "owner":
        raise Forbidden("Only owners remove owners.")
    person = access.own_feeds([user_id])[user_id]
    if stay.role == "owner" and Membership.owners(room.id) == 1:
        _promote_an_heir(ctx, room, user_id)
    for shared in access.messages_at(LiveLocation.shown_by(user_id, room.id)).values():
        LiveLocation.stop(shared, ctx.now, room.seq + 1)
        ctx.change(room, "live_location:stopped", str(shared.seq), message=shared)
    room.dismiss(stay)
    _told(ctx, room, "member:left", stay)
    ctx.change(person, "room:removed", room.id, data={"room_id": room.id})


def _promote_an_heir(ctx: Context, room: Room, leaver_id: str) -> None:
    heir = Membership.heir(room.id, leaver_id)
    if heir is not None:
        heir.role = "owner"
        _told(ctx, room, "member:updated", heir)


def _told(ctx: Context, room: Room, event: str, stay: Membership) -> None:
    data = {"user_id": stay.user_id, "role": stay.role, "member_count": room.member_count}
    ctx.change(room, event, stay.user_id, data=data)


def _shown(mine: Membership, stay: Membership, person: User) -> dict[str, Any]:
    marks = dict(zip(("delivered_seq", "read_seq"), marks_for(mine, stay), strict=True))
    return {"user_id": stay.user_id, "role": stay.role, "joined_at": stay.joined_at, "user": person, **marks}
