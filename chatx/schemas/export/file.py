"""The files that exports are: a beginning, messages one after the other, and an end by which one sees that it is whole."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson
from marshmallow import fields

from chatx.schemas.base import Out
from chatx.schemas.message import MessageOut
from chatx.schemas.message.types import fallback_of
from chatx.schemas.values import Id, Seq, Time

INDENT = "    "  # of all lines of a message but its first, so that nobody can write a line that looks like one of somebody else


class ExportedMessageOut(MessageOut):
    sender_name = fields.String()


class ExportedRoomOut(Out):
    id = Id()
    kind = fields.String()
    title = fields.String()


class ExportFileOut(Out):
    """A chat as JSON: what the person who asked for it could read of it when they fetched it."""

    exported_by = Id()
    created_at = Time()
    up_to_seq = Seq()
    room = fields.Nested(ExportedRoomOut)
    messages = fields.List(fields.Nested(ExportedMessageOut))


@dataclass(frozen=True, slots=True)
class Format:
    """begin: gets what all of the file has in common; message: gets one, its sender's name, and whether it is the first one."""

    suffix: str
    media_type: str
    begin: Callable[[dict[str, Any]], str]
    message: Callable[[Any, str, bool], str]
    end: str


_message, _head = ExportedMessageOut(), ExportFileOut(exclude=("messages",))


def _begin_json(head: dict[str, Any]) -> str:
    return orjson.dumps(_head.dump(head)).decode().removesuffix("}") + ',"messages":['


def _message_as_json(message: Any, name: str, first: bool) -> str:
    dumped = _message.dump(message) | {"sender_name": name}
    return ("\n" if first else ",\n") + orjson.dumps(dumped).decode()


def _begin_text(head: dict[str, Any]) -> str:
    return f"{_one_line(head['room']['title'])}, as of {_at(head['created_at'])} UTC\n\n"


def _message_as_text(message: Any, name: str, first: bool) -> str:
    words = "\n".join(filter(None, (fallback_of(message), message.text)))
    said = f"\n{INDENT}".join(words.splitlines())
    marks = f"{'(forwarded) ' if message.forward_score else ''}{'(edited) ' if message.edited_at else ''}"
    return f"[{_at(message.created_at)}] {_one_line(name)}: {marks}{said}\n"


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _at(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")


FORMATS = {
    "text": Format("txt", "text/plain", _begin_text, _message_as_text, "\n(the end)\n"),
    "json": Format("json", "application/json", _begin_json, _message_as_json, "\n]}\n"),
}
