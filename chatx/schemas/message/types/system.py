"""What happened in a room: the only type that nobody sends."""

from collections.abc import Mapping
from typing import Any

from marshmallow import fields, validate

from chatx.schemas.base import Nothing, Out
from chatx.schemas.message.types.base import MessageType
from chatx.schemas.values import Seq

DESCRIBED = {"title": "title", "description": "description", "avatar": "picture", "settings": "settings"}


class SystemDataOut(Out):
    """`system`: what the sender did; it has no words of theirs."""

    action = fields.String(validate=validate.OneOf(("pinned", "updated")))
    message_seq = Seq(metadata={"optional": True, "description": "the message that was pinned"})
    changed = fields.List(
        fields.String(validate=validate.OneOf(tuple(DESCRIBED))),
        metadata={"optional": True, "description": "what of the room was changed"},
    )
    settings = fields.Dict(metadata={"optional": True, "description": "those that were changed, as they were from then on"})


class System(MessageType):
    name = "system"
    takes, gives = Nothing(), SystemDataOut()
    sendable = False

    @staticmethod
    def fallback(data: Mapping[str, Any]) -> str:
        if data["action"] == "pinned":
            return "A message was pinned."
        return f"The {' and '.join(DESCRIBED[name] for name in data['changed'])} changed."
