"""Quotes of what stands in another room, for those who may not see it."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """What stands for the quote of a message in another room, for who may not see it there now: whose it is, and where."""

    room_id: str
    seq: int
    sender_id: str
    type = "unavailable"
    text = edited_at = None

    @classmethod
    def of(cls, original: Any) -> "Elsewhere":
        return cls(original.room_id, original.seq, original.sender_id)

    @property
    def place(self) -> tuple[str, int]:
        return self.room_id, self.seq
