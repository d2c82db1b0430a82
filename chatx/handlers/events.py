"""Events that people meet for: whether they come, what is to be otherwise, and the reminder before the start."""

from collections.abc import Sequence
from typing import Any

from chatx import access
from chatx.context import Context, DueCall
from chatx.errors import Conflict, Forbidden, NotFound, ValidationFailed, WindowClosed
from chatx.models.base import in_json
from chatx.models.content import place_of
from chatx.models.event import Event, EventAnswer
from chatx.models.message import Message
from chatx.models.room import Room
from chatx.registry import announces, due, handles
from chatx.schemas.event import (
    AnswersIn,
    EventAnswerListOut,
    EventChanged,
    EventIn,
    EventReminder,
    OwnAnswerOut,
    RsvpIn,
    UpdateEventIn,
)
from chatx.schemas.message import MessageOut
from chatx.schemas.message.types.event import Event as EventType

announces(EventChanged)
announces(EventReminder)


@handles("event:rsvp", takes=RsvpIn, gives=MessageOut, raises=(NotFound, Forbidden, Conflict, WindowClosed), bucket="messages")
def rsvp(ctx: Context, room_id: str, seq: int, answer: str, guests: int) -> Message:
    """Say whether you come to an event, and whom you bring; the last answer counts."""
    room, event = access.message_to_change(ctx.user_id, room_id, seq, "event")
    _must_be_to_come(event, ctx)
    if guests and (answer != "going" or not event.data["extra_guests"]):
        raise ValidationFailed(
            "Wrong: guests.", fields={"guests": ["Only who comes brings guests, and only where they are welcome."]}
        )
    if Event.answer(event, ctx.user_id, answer, guests, ctx.now, room.seq + 1):
        ctx.change(room, "event:changed", str(seq), message=event)
    return event


@handles("event:my_rsvp", takes=EventIn, gives=OwnAnswerOut, reads=True, raises=(NotFound, Forbidden, Conflict))
def get_own_rsvp(ctx: Context, room_id: str, seq: int) -> EventAnswer | dict[str, Any]:
    """Get what you said about an event; null: nothing yet."""
    event = access.message_to_read(ctx.user_id, room_id, seq, "event")
    return EventAnswer.of(event.place, ctx.user_id) or {"answer": None, "guests": 0}


@handles("event:answers", takes=AnswersIn, gives=EventAnswerListOut, reads=True, raises=(NotFound, Forbidden, Conflict))
def list_answers(
    ctx: Context, room_id: str, seq: int, limit: int, answer: str | None = None, cursor: tuple[str] | None = None
) -> dict[str, Any]:
    """List who comes to an event, who may and who does not."""
    event = access.message_to_read(ctx.user_id, room_id, seq, "event")
    page = EventAnswer.page(event.place, answer, cursor[0] if cursor else None, limit + 1)
    more = (page[limit - 1].user_id,) if len(page) > limit else None
    return {"items": page[:limit], "next": more}


@handles(
    "event:update",
    takes=UpdateEventIn,
    gives=MessageOut,
    raises=(NotFound, Forbidden, Conflict, WindowClosed),
    bucket="messages",
)
def update(ctx: Context, room_id: str, seq: int, **said: Any) -> Message:
    """Change your event: only the fields you send."""
    room, event = _own_event(ctx, room_id, seq)
    _must_be_to_come(event, ctx)
    given = UPDATE.dump(said)
    changed = {name: value for name, value in given.items() if event.data[name] != value}
    if changed.keys() & {"starts_at", "ends_at"}:
        wrong = EventType.wrong(event.data | changed, ctx.now, ())
        if wrong:
            raise ValidationFailed(f"Wrong: {', '.join(wrong)}.", fields=wrong)
    if changed:
        Event.revise(event, changed, ctx.now, room.seq + 1)
        ctx.change(room, "event:changed", str(seq), message=event)
    return event


UPDATE = UpdateEventIn()


@handles("event:cancel", takes=EventIn, gives=MessageOut, raises=(NotFound, Forbidden, Conflict, WindowClosed))
def cancel(ctx: Context, room_id: str, seq: int) -> Message:
    """Cancel your event: it does not take place, and nobody is reminded."""
    room, event = _own_event(ctx, room_id, seq)
    if event.data["cancelled_at"] is None:
        _must_be_to_come(event, ctx)
        Event.cancel(event, ctx.now, room.seq + 1)
        ctx.change(room, "event:changed", str(seq), message=event)
    return event


@due("event:remind", most=100)
def remind(calls: Sequence[DueCall]) -> None:
    """Remind rooms of events that begin soon, as far as these still take place then."""
    places = [place_of(call.key) for call in calls]
    rooms = access.rooms_to_change(room_id for room_id, _ in places)
    events = {place: event for place, event in access.messages_at(places).items() if event.type == "event"}
    for call, place in zip(calls, places, strict=True):
        event = events.get(place)
        reminds_at = Event.reminds_at(event.data) if event is not None else None
        if event is not None and reminds_at is not None and reminds_at <= call.ctx.now < Event.over_at(event):
            call.ctx.change(rooms[event.room_id], "event:reminder", str(event.seq), message=event)


def _own_event(ctx: Context, room_id: str, seq: int) -> tuple[Room, Message]:
    room, event = access.message_to_change(ctx.user_id, room_id, seq, "event")
    if event.sender_id != ctx.user_id:
        raise Forbidden("Only who made the event can change it.")
    return room, event


def _must_be_to_come(event: Message, ctx: Context) -> None:
    if event.data["cancelled_at"] is not None:
        raise Conflict("The event was cancelled.")
    over_at = Event.over_at(event)
    if over_at <= ctx.now:
        raise WindowClosed(f"The event was over at {in_json(over_at)}.")
