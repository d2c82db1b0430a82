"""Messages that are being said: all that their rows will hold, written many at once, and the answer to a repeat."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from chatx.models.base import new_id
from chatx.models.bulk import insert_all
from chatx.models.content import Content
from chatx.models.feed import Occurrence
from chatx.models.mention import Mention
from chatx.models.message import Message, Place
from chatx.models.room import Room
from chatx.models.seen import Seen
from config import LIMITS


@dataclass(slots=True)
class Said:
    """A message that is being said: all that its row will hold, without the weight of one. sealed: what is to be opened once."""

    room_id: str
    seq: int
    sender_id: str
    client_id: str
    created_at: datetime
    type: str
    text: str | None
    data: dict[str, Any]
    mentions: list[str]
    reply_to_seq: int | None
    reply_to: "Message | Said | None"
    id: str = field(default_factory=new_id)
    reply_to_room_id: str | None = None
    forward_score: int = 0
    edited_at: None = None
    deleted_at: None = None
    expires_at: datetime | None = None
    sealed: dict[str, Any] | None = None
    kept = kept_by = None
    preview: None = None
    reactions = ()
    divided = False

    @classmethod
    def now(cls, room: Room, user_id: str, now: datetime, **content: Any) -> "Said":
        """What this person says in a room that is locked: it takes the room's next seq."""
        expires_at = room.expiry(now, LIMITS["view_once_seconds"] if content.get("sealed") else None)
        head = {"room_id": room.id, "expires_at": expires_at}
        return cls(seq=room.say(now), sender_id=user_id, created_at=now, **content | head)

    def told(self, room: Room) -> Occurrence:
        """The change that a new message is."""
        return Occurrence(room.id, self.seq, "message:created", self.created_at, self.sender_id, room.audience())

    @property
    def place(self) -> Place:
        return self.room_id, self.seq

    @property
    def shown(self) -> dict[str, Any]:
        """The data as clients get it; other tables know nothing of it yet."""
        content = Content.known.get(self.type)
        return self.data if content is None else content.show(self.data, None)

    def row(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in _COLUMNS}

    @staticmethod
    def keep_all(said: Sequence["Said"]) -> None:
        """Write new messages with their mentions; one statement a table."""
        insert_all(Message, [message.row() for message in said])
        insert_all(
            Mention,
            [
                {"room_id": message.room_id, "user_id": user_id, "seq": message.seq}
                for message in said
                for user_id in message.mentions
            ],
        )
        for name in {message.type for message in said} & Content.known.keys():
            Content.known[name].keep_all([message for message in said if message.type == name])


_COLUMNS = [column.name for column in Message.__table__.columns]


class Repeated:
    """The message that a client_id made before, as the answer to its repeat."""

    duplicate = True

    def __init__(self, message: Message | Said | Seen) -> None:
        self._message = message

    def __getattr__(self, name: str) -> Any:
        return getattr(self._message, name)
