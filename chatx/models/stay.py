"""What of a room somebody hears, and sees: from when they came until they left or stopped listening, and the times before."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, or_
from sqlalchemy.orm import Mapped

from config import LIMITS


class Stay:
    """What follows from these columns of a membership, where they are explained."""

    joined_seq: Mapped[int]
    left_seq: Mapped[int | None]
    past_stays: Mapped[list[list[int | None]]]
    delivered_seq: Mapped[int]
    read_seq: Mapped[int]
    shown_read_seq: Mapped[int]
    deaf_from: Mapped[int | None]
    active_at: Mapped[datetime | None]
    known_settings: Mapped[dict[str, Any] | None]

    def begin(self, seq: int) -> None:
        """The stay begins with this change: nothing before it is seen, and nothing before it is unread."""
        self.joined_seq = self.read_seq = self.shown_read_seq = self.delivered_seq = seq

    def remember(self, end: int | None) -> None:
        """The stay up to this seq is one of the past: they go on to see it. Of the earliest beyond `past_stays` they do not."""
        self.past_stays = [*self.past_stays, [self.joined_seq, end]][-LIMITS["past_stays"] :]

    def hear_again(self, last_seq: int) -> bool:
        """Be deaf no more; whether something was withheld. It stays so, as what is said in a group while one is away.

        Nothing before is unread then, or the number would count what they never see. The marks of others do not move.
        """
        deaf_from, self.deaf_from, self.active_at, self.known_settings = self.deaf_from, None, None, None
        if deaf_from is None or last_seq < deaf_from:
            return False
        self.remember(deaf_from - 1)
        self.joined_seq, self.read_seq = last_seq + 1, last_seq
        return True

    @property
    def hidden(self) -> bool:
        """Somebody whom they block opened the room: they have never heard of it."""
        return self.deaf_from == 1

    @property
    def goes_on(self) -> bool:
        """They are in the room now, and know of it."""
        return self.left_seq is None and not self.hidden

    @classmethod
    def going_on(cls) -> ColumnElement[bool]:
        """The same as a condition."""
        return and_(cls.left_seq.is_(None), or_(cls.deaf_from.is_(None), cls.deaf_from > 1))

    @classmethod
    def hears(cls) -> ColumnElement[bool]:
        """The condition that they hear what happens in the room."""
        return and_(cls.left_seq.is_(None), cls.deaf_from.is_(None))

    def reach(self, seq: int) -> int:
        """How far of it they hear when something of the room is at this seq."""
        return seq if self.deaf_from is None else min(seq, self.deaf_from - 1)

    @property
    def end(self) -> int | None:
        """The last seq that they hear of the room; None while they hear it."""
        return self.left_seq if self.deaf_from is None else self.deaf_from - 1

    @property
    def stays(self) -> list[tuple[int, int | None]]:
        """The ranges of seq this person may see, both ends included, oldest first."""
        return [*((low or 0, high) for low, high in self.past_stays), (self.joined_seq, self.end)]

    def hears_since(self, seq: int) -> bool:
        """Whether they have heard all that happened in the room since then."""
        return self.joined_seq <= seq and self.stays[-1][1] is None

    def sees(self, seq: int) -> bool:
        return any(low <= seq and (high is None or seq <= high) for low, high in self.stays)
