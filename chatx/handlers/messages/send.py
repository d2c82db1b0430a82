"""Sending messages."""

from collections.abc import Collection, Container, Sequence
from dataclasses import dataclass, field
from typing import Any

from chatx import access
from chatx.context import BatchCall, Context
from chatx.errors import ChatError, ClientIdReused, Conflict, Forbidden, NotFound, ValidationFailed
from chatx.models.content import Content
from chatx.models.hidden import HiddenRange
from chatx.models.link_preview import await_previews
from chatx.models.membership import Membership
from chatx.models.message import Message, Place
from chatx.models.room import Room
from chatx.models.said import Repeated, Said
from chatx.models.spans import Span, covers
from chatx.models.submission import First, Key, Submission
from chatx.models.user import User
from chatx.models.view_once import ViewOnce
from chatx.registry import announces, handles
from chatx.schemas.message.send import MessageCreated, SendIn, SentOut
from chatx.schemas.message.types import MessageType
from chatx.services.links import links
from config import LIMITS

announces(MessageCreated)


@handles(
    "message:send",
    takes=SendIn,
    gives=SentOut,
    raises=(NotFound, Forbidden, Conflict, ClientIdReused),
    bucket="messages",
    batch=True,
)
def send(calls: Sequence[BatchCall]) -> list[Said | Repeated | ChatError]:
    """Say something in a room; the same client_id says it once, however often it is sent."""
    found = _look_up(calls)
    answers = [_answered(call, found) for call in calls]
    Room.keep_all({message.room_id: found.rooms[message.room_id] for message in found.said}.values())
    Said.keep_all(found.said)
    Submission.keep_all(found.made)
    _stir([call.ctx for call, answer in zip(calls, answers, strict=True) if isinstance(answer, Said)], found)
    await_previews({message.place: message.text or "" for message in found.said if _has_links(message)}, calls[0].ctx.now)
    return answers


@dataclass(slots=True)
class Found:
    """What a batch needs, read once under the locks of its rooms, and what its calls make, to be written once."""

    rooms: dict[str, Room]
    stays: dict[tuple[str, str], Membership]
    firsts: dict[Key, First]
    messages: dict[Place, Message | Said]
    hidden: dict[tuple[str, str], list[Span]]
    people: Collection[str]
    said: list[Said] = field(default_factory=list)
    made: dict[Key, First] = field(default_factory=dict)

    def add(self, key: Key, digest: str, message: Said) -> None:
        self.said.append(message)
        self.messages[message.place] = message
        self.firsts[key] = self.made[key] = First.message(digest, message.place)


def _look_up(calls: Sequence[BatchCall]) -> Found:
    rooms = access.rooms_to_change(call.arguments["room_id"] for call in calls)
    pairs = [(call.arguments["room_id"], call.ctx.user_id) for call in calls]
    pairs += [(call.arguments["room_id"], user_id) for call in calls for user_id in call.arguments["mentions"]]
    firsts = Submission.firsts((call.ctx.user_id, call.arguments["client_id"]) for call in calls)
    answered = [(call, place) for call in calls if (place := _answers(call.arguments)) is not None]
    replies = [(place[0], call.ctx.user_id) for call, place in answered]
    originals = Message.at_all({place for _, place in answered})
    messages: dict[Place, Message | Said] = {message.place: message for message in originals}
    messages |= access.said_before(first.place for first in firsts.values() if first.place)
    people = User.by_ids(user_id for call in calls for user_id in _people(call.arguments))
    return Found(rooms, access.stays_in([*pairs, *replies]), firsts, messages, HiddenRange.of_pairs(replies), people)


def _answered(call: BatchCall, found: Found) -> Said | Repeated | ChatError:
    """The call's own answer; an error is returned, not raised, so that its neighbours keep theirs."""
    client_id = call.arguments["client_id"]
    digest = Submission.digest_of_call("message:send", call.arguments)
    first = found.firsts.get((call.ctx.user_id, client_id))
    if first is not None:
        # Their own words, wherever they are now: a member removed since still learns that it was said.
        return _repeated(call, found.messages[first.place]) if first.place and first.digest == digest else ClientIdReused()
    try:
        message = _said(call, found)
    except ChatError as error:
        return error
    found.add((call.ctx.user_id, client_id), digest, message)
    return message


def _has_links(message: Said) -> bool:
    return message.type == "text" and links.are_due(message.sender_id, message.text or "")


def _said(call: BatchCall, found: Found) -> Said:
    said, user_id = call.arguments, call.ctx.user_id
    room_id = said["room_id"]
    stay = access.speaker(found.stays.get((room_id, user_id)))
    room = found.rooms[room_id]
    answered = _original(found, room, said, user_id)
    privately = answered.room_id if answered is not None and answered.room_id != room_id else None
    mentions = _mentioned(room, stay, said, found)
    content: dict[str, Any] = {name: said[name] for name in ("client_id", "type", "text", "reply_to_seq")}
    content |= {"data": _begun(call, found.people), "mentions": mentions, "reply_to": answered, "reply_to_room_id": privately}
    if said.get("view_once"):
        if room.member_count < 2:
            raise Conflict("There is nobody else in this room who could open it.")
        content = ViewOnce.seal(content)
    message = Said.now(room, user_id, call.ctx.now, **content)
    call.ctx.tell(message.told(room), message=message)
    return message


def _mentioned(room: Room, stay: Membership, said: dict[str, Any], found: Found) -> list[str]:
    """Whom it mentions, once that is known to be allowed; the room itself stands for everyone."""
    access.may_mention(room.id, said["mentions"], found.stays)
    if not said.get("mentions_everyone"):
        return list(said["mentions"])
    access.may_mention_everyone(room, stay, LIMITS["everyone_members"])
    return [*said["mentions"], room.id]


def _stir(speakers: Sequence[Context], found: Found) -> None:
    """Whoever writes here has written their draft; and rooms come back that were archived until something is said."""
    spoken: dict[str, set[str]] = {message.room_id: set() for message in found.said}
    for ctx, message in zip(speakers, found.said, strict=True):
        spoken[message.room_id] |= {ctx.user_id} if ctx.by_hand else set()
    for person, seen in access.stirred(found.rooms, spoken):
        speakers[0].change(person, "room:me", seen.room.id, data={"room_id": seen.room.id}, unnamed=True, me=seen)


def _begun(call: BatchCall, people: Container[str]) -> dict[str, Any]:
    """What the message keeps of the data that it is sent with."""
    said = call.arguments
    kind, content = MessageType.known.get(said["type"]), Content.known.get(said["type"])
    wrong = kind.wrong(said["data"], call.ctx.now, people) if kind is not None else {}
    if wrong:
        raise ValidationFailed("Wrong: data.", fields={"data": wrong})
    data: dict[str, Any] = said["data"]
    return data if content is None else content.begin(data, call.ctx.user_id, call.ctx.now)


def _people(said: dict[str, Any]) -> Sequence[str]:
    kind = MessageType.known.get(said["type"])
    return kind.people(said["data"]) if kind is not None else ()


def _repeated(call: BatchCall, message: Message | Said) -> Repeated:
    """What others made of it is for those only who hear the room."""
    if isinstance(message, Message) and message.type in Content.known:
        return Repeated(access.as_left(call.ctx.user_id, message))
    return Repeated(message)


def _answers(said: dict[str, Any]) -> Place | None:
    """Where the message stands that it answers."""
    seq = said["reply_to_seq"]
    return None if seq is None else (said.get("reply_to_room_id") or said["room_id"], seq)


def _original(found: Found, room: Room, said: dict[str, Any], user_id: str) -> Message | Said | None:
    """The answered message as this person may see it; one in another room, where only its author hears the answer."""
    place = _answers(said)
    if place is None:
        return None
    stay = found.stays.get((place[0], user_id))
    seen = stay is not None and stay.goes_on and stay.sees(place[1]) and not covers(found.hidden[place[0], user_id], place[1])
    message = found.messages.get(place) if seen else None
    if message is None:
        raise NotFound("There is no such message in this room.")
    access.must_be_said(message)
    if message.room_id != room.id:
        access.may_answer_privately(room, user_id, message)
    return message
