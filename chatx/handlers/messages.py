"""Messages: sending them."""

from typing import Any

from chatx import access
from chatx.context import Context
from chatx.errors import ClientIdReused, NotFound, ValidationFailed
from chatx.models.feed import Occurrence
from chatx.models.membership import Membership
from chatx.models.message import Message
from chatx.models.room import Room
from chatx.models.submission import Submission
from chatx.registry import announces, handles
from chatx.schemas.message import MessageCreated, SendIn, SentOut

announces(MessageCreated)


@handles("message:send", takes=SendIn, gives=SentOut, raises=(NotFound, ClientIdReused), bucket="messages")
def send(ctx: Context, room_id: str, client_id: str, reply_to_seq: int | None, **said: Any) -> Message:
    """Say something in a room; the same client_id says it once, however often it is sent."""
    digest = Submission.digest_of("message:send", room_id, reply_to_seq, sorted(said.items()))
    first = access.first_result(ctx.user_id, client_id, digest)
    if first is not None:
        return _repeated(first)
    room, stay = access.room_to_change(ctx.user_id, room_id)
    first = access.first_result(ctx.user_id, client_id, digest, claim=f"{room.id}:{room.seq + 1}")
    if first is not None:
        return _repeated(first)
    answered = access.message_for(stay, reply_to_seq) if reply_to_seq is not None else None
    _only_members(room, said["mentions"])
    message = Message.say(room, sender_id=ctx.user_id, client_id=client_id, created_at=ctx.now, reply_to_seq=reply_to_seq, **said)
    message.reply_to = answered
    ctx.tell(_occurrence(room, message), message=message)
    return message


def _repeated(subject: str) -> Message:
    """The message that this client_id made the first time, its sender's own wherever they are now."""
    room_id, _, seq = subject.partition(":")
    message = Message.at_all([(room_id, int(seq))])[0]
    message.duplicate = True
    return message


def _only_members(room: Room, mentions: list[str]) -> None:
    inside = {stay.user_id for stay in Membership.of_room(room.id, mentions) if stay.left_seq is None} if mentions else set()
    strangers = [user_id for user_id in mentions if user_id not in inside]
    if strangers:
        raise ValidationFailed(fields={"mentions": [f"{user_id} is not a member of this room." for user_id in strangers]})


def _occurrence(room: Room, message: Message) -> Occurrence:
    return Occurrence(room.id, message.seq, "message:created", message.created_at, message.sender_id, room.audience())
