"""Scheduling messages, and thinking better of them."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from chatx import access
from chatx.context import Context
from chatx.errors import ClientIdReused, Conflict, Forbidden, NotFound, ValidationFailed
from chatx.models.base import new_id
from chatx.models.room import Room
from chatx.models.scheduled import KIND, Scheduled, shown, timer_key
from chatx.models.submission import Submission
from chatx.models.timer import Timer
from chatx.models.user import User
from chatx.registry import announces, catalogue, handles
from chatx.schemas.message.types import MessageType
from chatx.schemas.scheduled import (
    CreatedScheduledOut,
    EditScheduledIn,
    ScheduledIn,
    ScheduledListIn,
    ScheduledListOut,
    ScheduledOut,
    ScheduledUpdated,
    ScheduleIn,
)
from config import LIMITS

announces(ScheduledUpdated)


@handles("scheduled:list", takes=ScheduledListIn, gives=ScheduledListOut, reads=True)
def list_scheduled(ctx: Context, limit: int, room_id: str | None, cursor: tuple[datetime, str] | None = None) -> dict[str, Any]:
    """List what you have scheduled, in one room or in all, the next one first."""
    page = Scheduled.page(ctx.user_id, room_id, cursor, limit + 1)
    last = page[limit - 1] if len(page) > limit else None
    return {"items": [each.shown for each in page[:limit]], "next": last and (last.at, last.id)}


@handles(
    "scheduled:create",
    takes=ScheduleIn,
    gives=CreatedScheduledOut,
    raises=(NotFound, Forbidden, Conflict, ClientIdReused),
    bucket="messages",
)
def schedule(ctx: Context, room_id: str, client_id: str, at: datetime, **content: Any) -> dict[str, Any]:
    """Say something in a room at a time; nobody else learns of it before."""
    scheduled_id = new_id()
    digest = Submission.digest_of_call("scheduled:create", {"room_id": room_id, "at": at, **content})
    first = access.first_result(ctx.user_id, client_id, digest, claim=scheduled_id)
    if first is not None:
        stands = Scheduled.of(ctx.user_id, first)
        return (stands.shown if stands else shown(first, room_id, at, content, "gone")) | {"duplicate": True}
    _is_ahead(ctx, at)
    _may_be_said(ctx, room_id, content, at)
    Timer.set(KIND, timer_key(ctx.user_id, scheduled_id), at)
    me = access.own_feeds([ctx.user_id])[ctx.user_id]
    scheduled = Scheduled.keep(scheduled_id, ctx.user_id, room_id, at, content)
    if Scheduled.count(ctx.user_id) > LIMITS["scheduled_messages"]:
        raise Conflict(f"More than scheduled_messages: {LIMITS['scheduled_messages']}.")
    _tell(ctx, me, scheduled_id, scheduled)
    return scheduled.shown


@handles("scheduled:edit", takes=EditScheduledIn, gives=ScheduledOut, raises=(NotFound, Forbidden), bucket="messages")
def edit_scheduled(ctx: Context, scheduled_id: str, at: datetime | None = None, **changes: Any) -> dict[str, Any]:
    """Change what you have scheduled, or when it is said."""
    if at is not None:
        _is_ahead(ctx, at)
        # The timer before the row, and both before the feed, as when it is due: so neither waits for the other.
        Timer.set(KIND, timer_key(ctx.user_id, scheduled_id), at)
    scheduled = access.scheduled_for(ctx.user_id, scheduled_id)
    asked = catalogue["message:send"].validated(scheduled.asked(**changes))
    _may_be_said(ctx, scheduled.room_id, asked, at or scheduled.at)
    me = access.own_feeds([ctx.user_id])[ctx.user_id]
    changed = scheduled.become(asked)
    if at is not None and (at, None) != (scheduled.at, scheduled.refusal):
        scheduled.at, scheduled.refusal, changed = at, None, True
    if changed:
        _tell(ctx, me, scheduled_id, scheduled)
    return scheduled.shown


@handles("scheduled:cancel", takes=ScheduledIn, raises=(NotFound,))
def cancel_scheduled(ctx: Context, scheduled_id: str) -> None:
    """Not say it after all."""
    Timer.cancel(KIND, timer_key(ctx.user_id, scheduled_id))
    scheduled = access.scheduled_for(ctx.user_id, scheduled_id)
    me = access.own_feeds([ctx.user_id])[ctx.user_id]
    scheduled.let_go()
    _tell(ctx, me, scheduled_id, None)


def _is_ahead(ctx: Context, at: datetime) -> None:
    if not ctx.now < at <= ctx.now + timedelta(days=LIMITS["scheduled_days"]):
        raise ValidationFailed(fields={"at": [f"Not within the next scheduled_days: {LIMITS['scheduled_days']}."]})


def _may_be_said(ctx: Context, room_id: str, said: Mapping[str, Any], at: datetime) -> None:
    """By what is known now. When it is due, `message:send` looks at everything again."""
    room, stay = access.room_for(ctx.user_id, room_id)
    access.speaker(stay)
    if said["reply_to_seq"] is not None:
        _may_be_answered(ctx, room, said)
    if said.get("mentions_everyone"):
        access.may_mention_everyone(room, stay, LIMITS["everyone_members"])
    members = access.stays_in((room_id, user_id) for user_id in said["mentions"])
    access.may_mention(room_id, said["mentions"], members)
    kind = MessageType.known.get(said["type"])
    wrong = kind.wrong(said["data"], at, User.by_ids(kind.people(said["data"]))) if kind is not None else {}
    if wrong:
        raise ValidationFailed("Wrong: data.", fields={"data": wrong})


def _may_be_answered(ctx: Context, room: Room, said: Mapping[str, Any]) -> None:
    _, stay = access.room_for(ctx.user_id, said.get("reply_to_room_id") or room.id)
    original = access.message_for(stay, said["reply_to_seq"])
    access.must_be_said(original)
    if stay.room_id != room.id:
        access.may_answer_privately(room, ctx.user_id, original)


def _tell(ctx: Context, me: User, scheduled_id: str, scheduled: Scheduled | None) -> None:
    shows = scheduled and scheduled.shown
    ctx.change(me, "scheduled:updated", scheduled_id, data={"scheduled_id": scheduled_id}, scheduled=shows)
