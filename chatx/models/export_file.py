"""What the file of an export says, a piece at a time, in the form that is asked for."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from chatx.models.export import Export
from chatx.models.membership import Membership
from chatx.models.message import Message
from chatx.models.room import Room
from chatx.models.seen import Seen
from chatx.models.sight import Sight, window
from chatx.models.user import User
from chatx.models.view_once import ViewOnce

PIECE_MESSAGES = 500  # that are read at once
PIECE_CHARACTERS = 262_144  # after which a piece ends with the message


class Format(Protocol):
    """How a file is written: `schemas.export.file` has those that there are."""

    @property
    def end(self) -> str: ...
    def begin(self, head: dict[str, Any], /) -> str: ...
    def message(self, message: Any, name: str, first: bool, /) -> str: ...


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a file, from the messages after this seq on; next: where the following one begins, None for the last one."""

    after: int
    text: str
    messages: int
    next: int | None


def may_leave(message: Any) -> bool:
    """Whether a message may be in an export. Here, and only here, stands what must not: deleted ones, and those to open once."""
    return message.deleted_at is None and message.type != ViewOnce.type


def write(export: Export, stay: Membership, form: Format, after: int, said: int) -> Piece:
    """What the file says after this seq, where `said` messages were written before."""
    messages, following = _read(export, stay, after)
    names = {user.id: user.display_name for user in User.by_ids(message.sender_id for message in messages).values()}
    begun = "" if after else form.begin(_head(export))
    text, written = _text(form, messages, names, said)
    if written < len(messages):
        return Piece(after, begun + text, written, messages[written - 1].seq)
    return Piece(after, begun + text + ("" if following else form.end), written, following)


def _read(export: Export, stay: Membership, after: int) -> tuple[list[Message | Seen], int | None]:
    """The next messages that their person sees and that may leave, and the last seq that was looked at if there may be more."""
    found = window(stay, low=after + 1, high=export.up_to_seq, limit=PIECE_MESSAGES, newest=False)
    following = found[-1].seq if len(found) == PIECE_MESSAGES and found[-1].seq < export.up_to_seq else None
    return [message for message in Sight([stay]).show(found).values() if may_leave(message)], following


def _text(form: Format, messages: list[Message | Seen], names: Mapping[str, str], said: int) -> tuple[str, int]:
    """As many of these as fit, and how many those are."""
    parts: list[str] = []
    size = 0
    for message in messages:
        parts.append(form.message(message, names[message.sender_id], said + len(parts) == 0))
        size += len(parts[-1])
        if size > PIECE_CHARACTERS:
            break
    return "".join(parts), len(parts)


def _head(export: Export) -> dict[str, Any]:
    """What all of the file has in common. A direct room is called by the other one's name, notes by one's own."""
    room = Room.of(export.room_id)
    pair = set(room.pair.split(":")) if room.pair else set()
    people = User.by_ids(pair - {export.user_id} or pair)
    title = room.title or ", ".join(user.display_name for user in people.values())
    common = {"exported_by": export.user_id, "created_at": export.created_at, "up_to_seq": export.up_to_seq}
    return common | {"room": {"id": room.id, "kind": room.kind, "title": title}}
