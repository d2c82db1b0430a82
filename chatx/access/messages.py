"""What is said in rooms, as somebody may see it."""

from collections.abc import Collection, Container, Iterable, Sequence
from typing import Any

from chatx.access.rooms import room_for, room_to_change, speaker
from chatx.errors import Conflict, Forbidden, NotFound, ValidationFailed
from chatx.models.left import as_left as messages_as_left
from chatx.models.membership import Membership
from chatx.models.message import SYSTEM, Message, Place
from chatx.models.reaction_view import show_reactions
from chatx.models.reminder import Key as ReminderKey
from chatx.models.reminder import Reminder
from chatx.models.room import Room
from chatx.models.room_view import peer_id
from chatx.models.search.reach import Reach, reaches
from chatx.models.seen import Seen
from chatx.models.sight import Sight, quote_elsewhere


def history_for(user_id: str, room_id: str) -> Membership:
    """What the person may read of a room: a former member keeps what was said until they left."""
    stay = Membership.of(room_id, user_id)
    if stay is None or stay.hidden:
        raise NotFound("There is no such room of yours.")
    return stay


def rooms_to_search(user_id: str, room_id: str | None) -> list[Reach]:
    """What the person may search: one room that they may read something of, or all of them."""
    if room_id is not None:
        history_for(user_id, room_id)
    return reaches(user_id, room_id)


def message_for(stay: Membership, seq: int, *, also_hidden: bool = False) -> Message:
    """A message that this person may see, and has not hidden."""
    sees = stay.sees(seq) if also_hidden else Sight([stay]).sees((stay.room_id, seq))
    message = Message.at(stay.room_id, seq) if sees else None
    if message is None:
        raise NotFound("There is no such message in this room.")
    show_reactions([(message, stay)])
    quote_elsewhere(message, stay)
    return message


def standing_message_for(stay: Membership, seq: int) -> Message:
    """A message that this person may see, and that is neither a mere tombstone nor a line of what happened."""
    message = message_for(stay, seq)
    must_be_said(message)
    if message.deleted_at is not None:
        raise Conflict("This message was deleted.")
    return message


def must_be_said(message: Any) -> None:
    """Nothing becomes of a line that says what happened."""
    if message.type == SYSTEM:
        raise Conflict("Nobody said this: it tells what happened.")


def standing_messages_for(stay: Membership, seqs: Sequence[int]) -> list[Message | Seen]:
    """The same of several, as the person sees them, in the order of these seqs: all or none."""
    seen = Sight([stay]).at_all((stay.room_id, seq) for seq in seqs)
    messages = [seen[stay.room_id, seq] for seq in seqs if (stay.room_id, seq) in seen]
    if len(messages) < len(seqs):
        raise NotFound("There is no such message in this room.")
    if any(message.deleted_at is not None for message in messages):
        raise Conflict("This message was deleted.")
    return messages


def messages_seen_at(user_id: str, places: Collection[Place]) -> dict[Place, Message | Seen]:
    """The messages at these places of any rooms that this person may see, also where they have left."""
    stays = Membership.of_pairs((room_id, user_id) for room_id, _ in places) if places else []
    return Sight(stay for stay in stays if not stay.hidden).at_all(places)


def said_before(places: Iterable[Place]) -> dict[Place, Message]:
    """What stands at these places, with the reactions that those see who said it, wherever they are now."""
    messages = Message.quoting(Message.at_all(places))
    stays = Membership.of_pairs((message.room_id, message.sender_id) for message in messages.values()) if messages else []
    by_pair = {(stay.room_id, stay.user_id): stay for stay in stays}
    show_reactions((message, by_pair[message.room_id, message.sender_id]) for message in messages.values())
    for message in messages.values():
        quote_elsewhere(message, by_pair[message.room_id, message.sender_id])
    return messages


def messages_at(places: Iterable[Place]) -> dict[Place, Message]:
    """What stands at these places, as all see it; for what happens by itself, on nobody's behalf."""
    messages = Message.quoting(Message.at_all(places))
    show_reactions((message, None) for message in messages.values())
    return messages


def message_to_change(user_id: str, room_id: str, seq: int, type: str) -> tuple[Room, Message]:
    """A message of this type that the person may see, and its room, locked until the commit, where they may be heard."""
    room, stay = room_to_change(user_id, room_id)
    return room, _of_type(message_for(speaker(stay), seq), type)


def message_to_read(user_id: str, room_id: str, seq: int, type: str) -> Message:
    """A message of this type that the person may see, in a room that they hear now: what others do there is not for the rest."""
    _, stay = room_for(user_id, room_id)
    return _of_type(message_for(speaker(stay), seq), type)


def _of_type(message: Message, type: str) -> Message:
    if message.type != type:
        raise Conflict(f"The type of this message is {message.type}, not {type}.")
    return message


def as_left(user_id: str, message: Message) -> Message | Seen:
    """A message of their own as somebody sees it who may have left the room since."""
    stay = Membership.of(message.room_id, user_id)
    return messages_as_left({message.room_id: stay}, {message.place: message})[message.place] if stay else message


def may_mention(room_id: str, user_ids: Iterable[str], members: Container[tuple[str, str]]) -> None:
    """Only who is among the members, as (room_id, user_id), can be mentioned."""
    strangers = [user_id for user_id in user_ids if (room_id, user_id) not in members]
    if strangers:
        raise ValidationFailed(fields={"mentions": [f"{stranger} is not a member of this room." for stranger in strangers]})


def may_mention_everyone(room: Room, stay: Membership, most: int) -> None:
    """In a group, and by who runs it where more people are in it than that."""
    if room.kind != "group":
        raise ValidationFailed("Wrong: mentions_everyone.", fields={"mentions_everyone": ["A direct room has no everyone."]})
    if room.member_count > most and not stay.runs_the_room:
        raise Forbidden(f"Only owners and admins mention everyone in a group of more than everyone_members: {most}.")


def may_answer_privately(room: Room, user_id: str, original: Any) -> None:
    """What was said in another room is answered to who said it, and to nobody else."""
    if room.kind != "direct" or peer_id(room, user_id) != original.sender_id:
        wrong = {"reply_to_room_id": ["It is answered in the direct room with who said it."]}
        raise ValidationFailed("Wrong: reply_to_room_id.", fields=wrong)


def reminder_for(key: ReminderKey) -> Reminder:
    """A reminder of the person that it names."""
    reminder = Reminder.of(key)
    if reminder is None:
        raise NotFound("There is no such reminder of yours.")
    return reminder
