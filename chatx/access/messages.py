"""What is said in rooms, as somebody may see it."""

from collections.abc import Container, Iterable

from chatx.access.rooms import room_for, room_to_change, speaker
from chatx.errors import Conflict, NotFound, ValidationFailed
from chatx.models.left import as_left as messages_as_left
from chatx.models.membership import Membership
from chatx.models.message import Message
from chatx.models.reminder import Key as ReminderKey
from chatx.models.reminder import Reminder
from chatx.models.room import Room
from chatx.models.seen import Seen
from chatx.models.sight import Sight


def history_for(user_id: str, room_id: str) -> Membership:
    """What the person may read of a room: a former member keeps what was said until they left."""
    stay = Membership.of(room_id, user_id)
    if stay is None or stay.hidden:
        raise NotFound("There is no such room of yours.")
    return stay


def message_for(stay: Membership, seq: int, *, also_hidden: bool = False) -> Message:
    """A message that this person may see, and has not hidden."""
    sees = stay.sees(seq) if also_hidden else Sight([stay]).sees((stay.room_id, seq))
    message = Message.at(stay.room_id, seq) if sees else None
    if message is None:
        raise NotFound("There is no such message in this room.")
    return message


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


def reminder_for(key: ReminderKey) -> Reminder:
    """A reminder of the person that it names."""
    reminder = Reminder.of(key)
    if reminder is None:
        raise NotFound("There is no such reminder of yours.")
    return reminder
