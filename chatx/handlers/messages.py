"""Messages: sending them."""

from collections.abc import Sequence
from dataclasses import dataclass

from chatx import access
from chatx.context import BatchCall
from chatx.errors import ChatError, ClientIdReused, Forbidden, NotFound, ValidationFailed
from chatx.models.feed import Occurrence
from chatx.models.membership import Membership
from chatx.models.message import Message, Place, Repeated
from chatx.models.room import Room
from chatx.models.submission import Submission
from chatx.registry import announces, handles
from chatx.schemas.message import MessageCreated, SendIn, SentOut

announces(MessageCreated)


@handles("message:send", takes=SendIn, gives=SentOut, raises=(NotFound, Forbidden, ClientIdReused), bucket="messages", batch=True)
def send(calls: Sequence[BatchCall]) -> list[Message | Repeated | ChatError]:
    """Say something in a room; the same client_id says it once, however often it is sent."""
    found = _look_up(calls)
    return [_answered(call, found) for call in calls]


@dataclass(slots=True)
class Found:
    """What a batch needs, read once for all its calls under the locks of its rooms; sends add what they make."""

    rooms: dict[str, Room]
    stays: dict[tuple[str, str], Membership]
    submissions: dict[tuple[str, str], Submission]
    messages: dict[Place, Message]


def _look_up(calls: Sequence[BatchCall]) -> Found:
    rooms = access.rooms_to_change(call.arguments["room_id"] for call in calls)
    pairs = [(call.arguments["room_id"], call.ctx.user_id) for call in calls]
    pairs += [(call.arguments["room_id"], user_id) for call in calls for user_id in call.arguments["mentions"]]
    submissions = Submission.of_all((call.ctx.user_id, call.arguments["client_id"]) for call in calls)
    places = {first.place for first in submissions.values() if first.place}
    places |= {(call.arguments["room_id"], seq) for call in calls if (seq := call.arguments["reply_to_seq"]) is not None}
    messages = {(message.room_id, message.seq): message for message in Message.at_all(places)}
    return Found(rooms, access.stays_in(pairs), submissions, messages)


def _answered(call: BatchCall, found: Found) -> Message | Repeated | ChatError:
    """The call's own answer; an error is returned, not raised, so that its neighbours keep theirs."""
    arguments = dict(call.arguments)
    client_id = arguments.pop("client_id")
    digest = Submission.digest_of("message:send", *sorted(arguments.items()))
    first = found.submissions.get((call.ctx.user_id, client_id))
    if first is not None:
        # Their own words, wherever they are now: a member removed since still learns that it was said.
        return Repeated(found.messages[first.place]) if first.place and first.digest == digest else ClientIdReused()
    try:
        return _sent(call, found, client_id, digest)
    except ChatError as error:
        return error


def _sent(call: BatchCall, found: Found, client_id: str, digest: str) -> Message:
    said = {name: value for name, value in call.arguments.items() if name not in ("room_id", "client_id")}
    room_id, user_id = call.arguments["room_id"], call.ctx.user_id
    stay = access.speaker(found.stays.get((room_id, user_id)))
    answered = _visible(found, stay, said["reply_to_seq"])
    strangers = [mentioned for mentioned in said["mentions"] if (room_id, mentioned) not in found.stays]
    if strangers:
        raise ValidationFailed(fields={"mentions": [f"{stranger} is not a member of this room." for stranger in strangers]})
    room = found.rooms[room_id]
    message = Message.say(room, sender_id=user_id, client_id=client_id, created_at=call.ctx.now, **said)
    message.reply_to = answered
    found.messages[room_id, message.seq] = message
    found.submissions[user_id, client_id] = Submission.keep(user_id, client_id, digest, message)
    occurrence = Occurrence(room_id, message.seq, "message:created", message.created_at, user_id, room.audience())
    call.ctx.tell(occurrence, message=message)
    return message


def _visible(found: Found, stay: Membership, seq: int | None) -> Message | None:
    """The message that is answered, also one said earlier in this batch."""
    if seq is None:
        return None
    message = found.messages.get((stay.room_id, seq)) if stay.sees(seq) else None
    if message is None:
        raise NotFound("There is no such message in this room.")
    return message
