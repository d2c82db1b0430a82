"""Sending messages."""

from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from chatx.schemas.base import In, Repeatable
from chatx.schemas.message import MEDIA, SENDABLE, Data, MessageChange, MessageOut
from chatx.schemas.message.types import MessageType
from chatx.schemas.values import ClientId, Flag, Id, Ids, Seq, Words


def says_something(text: str) -> None:
    """More than white space."""
    if not text.strip():
        raise ValidationError("A text message needs a text.", "text")


class Sendable(validate.OneOf):
    """A type that people can send; the error says what is the matter with another one, and names those that they can."""

    def __init__(self) -> None:
        super().__init__(SENDABLE)

    def _format_error(self, value: Any) -> str:
        reasons = dict.fromkeys(MEDIA, "Media cannot be sent yet") | {"system": "Only the server says this"}
        return f"{reasons.get(value, 'There is no such type')}. Known are: {self.choices_text}."


class SentOut(MessageOut, Repeatable):
    """The message that a send made, now or the first time."""


class SendIn(In):
    room_id = Id(required=True)
    client_id = ClientId(required=True)
    type = fields.String(validate=Sendable(), load_default="text")
    text = Words(most="text_bytes", trim=False, allow_none=False, load_default=None)
    data = Data("takes", load_default=dict)
    reply_to_seq = Seq(low=1, allow_none=True, load_default=None)
    reply_to_room_id = Id(
        metadata={"description": "the group of `reply_to_seq`, to answer it in the direct room with who said it there"}
    )
    mentions = Ids(most="mentions", load_default=list)
    mentions_everyone = Flag(metadata={"description": "in a group; in one of more than `everyone_members` only by who runs it"})

    @validates_schema
    def _is_what_its_type_wants(self, said: dict[str, Any], **kwargs: Any) -> None:
        if said.get("reply_to_room_id") and said["reply_to_seq"] is None:
            raise ValidationError("Which message of it?", "reply_to_seq")
        kind = MessageType.known.get(said["type"])
        if kind is not None:
            _fits(kind, said)
            return
        says_something(said.get("text") or "")
        if said["data"]:
            raise ValidationError("A text message carries no data.", "data")


def _fits(kind: type[MessageType], said: dict[str, Any]) -> None:
    """Leaves the data in the form in which it is kept: all that its schema knows, as JSON."""
    if said["text"] is not None and not kind.captioned:
        raise ValidationError(f"A message of type {kind.name} has no text: what it says stands in its data.", "text")
    try:
        said["data"] = kind.takes.dump(kind.takes.load(said["data"]))
    except ValidationError as error:
        raise ValidationError({"data": error.messages}) from error
    said["text"] = said["text"] if said["text"] and said["text"].strip() else None


class MessageCreated(MessageChange):
    """Someone said something."""

    event = "message:created"
