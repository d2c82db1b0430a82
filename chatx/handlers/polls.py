"""Polls: voting, adding what can be chosen, and the end, which also comes by itself."""

from collections.abc import Sequence
from typing import Any

from chatx import access
from chatx.context import Context, DueCall
from chatx.errors import Conflict, Forbidden, NotFound, ValidationFailed, WindowClosed
from chatx.models.base import in_json
from chatx.models.content import fill, place_of
from chatx.models.message import Message
from chatx.models.poll import Poll, PollVote
from chatx.models.room import Room
from chatx.registry import announces, due, handles
from chatx.schemas.message import MessageOut
from chatx.schemas.poll import AddOptionIn, OwnVoteOut, PollChanged, PollIn, VoteIn, VoterListOut, VotersIn
from config import LIMITS

announces(PollChanged)


@handles("poll:vote", takes=VoteIn, gives=MessageOut, raises=(NotFound, Forbidden, Conflict, WindowClosed), bucket="messages")
def vote(ctx: Context, room_id: str, seq: int, option_ids: list[str]) -> Message:
    """Vote in a poll: what you chose before is replaced; without any option your vote is withdrawn."""
    room, poll = _open_poll(ctx, room_id, seq)
    known = {option["id"] for option in poll.data["options"]}
    wrong = [f"{option_id} is not an option of this poll." for option_id in option_ids if option_id not in known]
    if not wrong and len(option_ids) > 1 and not poll.data["multiple"]:
        wrong = ["Only one option can be chosen."]
    if wrong:
        raise ValidationFailed("Wrong: option_ids.", fields={"option_ids": wrong})
    if Poll.vote(poll, ctx.user_id, option_ids, ctx.now, room.seq + 1):
        # Who changes the numbers has voted: where voters are hidden, the change must not name them either.
        ctx.change(room, "poll:changed", str(seq), unnamed=poll.data["hidden_voters"], message=poll)
    return poll


@handles("poll:my_vote", takes=PollIn, gives=OwnVoteOut, reads=True, raises=(NotFound, Forbidden, Conflict))
def get_own_vote(ctx: Context, room_id: str, seq: int) -> dict[str, Any]:
    """Get what you chose in a poll."""
    poll = access.message_to_read(ctx.user_id, room_id, seq, "poll")
    return {"option_ids": sorted(PollVote.of(poll.place, ctx.user_id))}


@handles("poll:voters", takes=VotersIn, gives=VoterListOut, reads=True, raises=(NotFound, Forbidden, Conflict))
def list_voters(
    ctx: Context, room_id: str, seq: int, limit: int, option_id: str | None = None, cursor: tuple[str] | None = None
) -> dict[str, Any]:
    """List who voted in a poll, and for what; not where voters are hidden."""
    poll = access.message_to_read(ctx.user_id, room_id, seq, "poll")
    if poll.data["hidden_voters"]:
        raise Forbidden("Voters are hidden in this poll.")
    page = PollVote.page(poll.place, option_id, cursor[0] if cursor else None, limit + 1)
    more = (page[limit - 1]["user_id"],) if len(page) > limit else None
    return {"items": page[:limit], "next": more}


@handles(
    "poll:add_option",
    takes=AddOptionIn,
    gives=MessageOut,
    raises=(NotFound, Forbidden, Conflict, WindowClosed),
    bucket="messages",
)
def add_option(ctx: Context, room_id: str, seq: int, text: str) -> Message:
    """Add an option to a poll that allows it; one that it has already stays as it is."""
    room, poll = _open_poll(ctx, room_id, seq)
    if not poll.data["add_options"]:
        raise Forbidden("This poll keeps the options that it has.")
    options = poll.data["options"]
    if text in [option["text"] for option in options]:
        return poll
    if len(options) >= LIMITS["poll_options"]:
        raise Conflict(f"More than poll_options: {LIMITS['poll_options']}.")
    Poll.add_option(poll, text, ctx.user_id, room.seq + 1)
    ctx.change(room, "poll:changed", str(seq), message=poll)
    return poll


@handles("poll:close", takes=PollIn, gives=MessageOut, raises=(NotFound, Forbidden, Conflict))
def close(ctx: Context, room_id: str, seq: int) -> Message:
    """Close your poll: nobody votes any more."""
    room, poll = access.message_to_change(ctx.user_id, room_id, seq, "poll")
    if poll.sender_id != ctx.user_id:
        raise Forbidden("Only who asked can close the poll.")
    if Poll.closed_at(poll, ctx.now) is None:
        Poll.unset_timer(poll)
        Poll.close(poll, ctx.now, room.seq + 1)
        ctx.change(room, "poll:changed", str(seq), message=poll)
    return poll


@due("poll:end", most=100)
def close_in_time(calls: Sequence[DueCall]) -> None:
    """Close polls that were to end by now, if nobody closed or deleted them before."""
    places = [place_of(call.key) for call in calls]
    rooms = access.rooms_to_change(room_id for room_id, _ in places)
    standing = access.messages_at(places).values()
    polls = {poll.place: poll for poll in standing if poll.type == "poll" and poll.data["closed_at"] is None}
    for call, place in zip(calls, places, strict=True):
        poll = polls.get(place)
        closes_at = Poll.closed_at(poll, call.ctx.now) if poll is not None else None
        if poll is not None and closes_at is not None:
            room = rooms[poll.room_id]
            Poll.close(poll, closes_at, room.seq + 1)
            call.ctx.change(room, "poll:changed", str(poll.seq), message=poll)
    fill(polls.values())


def _open_poll(ctx: Context, room_id: str, seq: int) -> tuple[Room, Message]:
    room, poll = access.message_to_change(ctx.user_id, room_id, seq, "poll")
    closed_at = Poll.closed_at(poll, ctx.now)
    if closed_at is not None:
        raise WindowClosed(f"The poll was closed at {in_json(closed_at)}.")
    return room, poll
