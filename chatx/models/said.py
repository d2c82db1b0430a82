"""Messages that are being said: all that their rows will hold, written many at once, and the answer to a repeat."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from chatx.models.base import new_id
from chatx.models.bulk import insert_all
from chatx.models.mention import Mention
from chatx.models.message import Message, Place


@dataclass(slots=True)
class Said:
    """A message that is being said: all that its row will hold, without the weight of one."""

    room_id: str
    seq: int
    sender_id: str
    client_id: str
    created_at: datetime
    type: str
    text: str
    data: dict[str, Any]
    mentions: list[str]
    reply_to_seq: int | None
    reply_to: "Message | Said | None"
    id: str = field(default_factory=new_id)
    forward_score: int = 0
    edited_at: None = None
    deleted_at: None = None
    expires_at: None = None

    @property
    def place(self) -> Place:
        return self.room_id, self.seq

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


_COLUMNS = [column.name for column in Message.__table__.columns]


class Repeated:
    """The message that a client_id made before, as the answer to its repeat."""

    duplicate = True

    def __init__(self, message: Message | Said) -> None:
        self._message = message

    def __getattr__(self, name: str) -> Any:
        return getattr(self._message, name)
