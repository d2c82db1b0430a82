"""What people have deleted for themselves: ranges of seq in a room that only they do not see any more."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Exists, ForeignKey, bindparam, delete, exists, select
from sqlalchemy.orm import Mapped, mapped_column

from chatx.extensions import Model, db
from chatx.models.base import Id, Moment
from chatx.models.bulk import among, insert_all
from chatx.models.membership import Membership
from chatx.models.spans import Span, merged, without

Pair = tuple[str, str]  # (room id, user id)


class HiddenRange(Model):
    """Messages from low to high that this person has hidden; the ranges of a room never touch each other."""

    __tablename__ = "hidden_ranges"

    room_id: Mapped[str] = mapped_column(Id, ForeignKey("rooms.id"), primary_key=True)
    user_id: Mapped[str] = mapped_column(Id, primary_key=True)
    low: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    high: Mapped[int] = mapped_column(BigInteger)

    @classmethod
    def of_pairs(cls, pairs: Iterable[Pair]) -> dict[Pair, list[Span]]:
        """What people have hidden of rooms, ascending, in one query."""
        hidden: dict[Pair, list[Span]] = {pair: [] for pair in pairs}
        query = select(cls.room_id, cls.user_id, cls.low, cls.high).where(among((cls.room_id, cls.user_id), hidden))
        for room_id, user_id, low, high in db.session.execute(query.order_by(cls.low)) if hidden else ():
            hidden[room_id, user_id].append((low, high))
        return hidden

    @classmethod
    def of_person(cls, user_id: str, room_ids: Collection[str]) -> dict[str, list[Span]]:
        """What one person has hidden of these rooms, ascending, by room id."""
        hidden: dict[str, list[Span]] = {room_id: [] for room_id in room_ids}
        asked = {"user_id": user_id, "room_ids": list(hidden)}
        for room_id, low, high in db.session.execute(_OF_PERSON, asked) if hidden else ():
            hidden[room_id].append((low, high))
        return hidden

    @classmethod
    def hides(cls, room_id: Any, user_id: Any, seq: Any) -> Exists:
        """The condition that this person has hidden what stands there; each may be a column of the query around it."""
        return exists().where(cls.room_id == room_id, cls.user_id == user_id, cls.low <= seq, cls.high >= seq)

    @classmethod
    def replace(cls, room_id: str, user_id: str, before: Sequence[Span], after: Sequence[Span]) -> None:
        """Write these ranges in the place of those."""
        gone = [low for low, high in before if (low, high) not in set(after)]
        mine = (cls.room_id == room_id, cls.user_id == user_id)
        db.session.execute(delete(cls).where(*mine, cls.low.in_(gone)))
        new = [span for span in after if span not in set(before)]
        insert_all(cls, [{"room_id": room_id, "user_id": user_id, "low": low, "high": high} for low, high in new])


_OF_PERSON = (
    select(HiddenRange.room_id, HiddenRange.low, HiddenRange.high)
    .where(HiddenRange.user_id == bindparam("user_id"), HiddenRange.room_id.in_(bindparam("room_ids")))
    .order_by(HiddenRange.low)
)


class LastHide(Model):
    """What somebody hid of a room the last time that they did: so it can be taken back."""

    __tablename__ = "last_hides"

    room_id: Mapped[str] = mapped_column(Id, ForeignKey("rooms.id"), primary_key=True)
    user_id: Mapped[str] = mapped_column(Id, primary_key=True)
    at: Mapped[datetime] = mapped_column(Moment)
    spans: Mapped[list[list[int]]] = mapped_column(JSON)


class Hidden:
    """What one person has hidden of one room; read and changed under the lock of their own feed."""

    def __init__(self, stay: Membership) -> None:
        self._pair = (stay.room_id, stay.user_id)
        self.spans = HiddenRange.of_pairs([self._pair])[self._pair]

    def add(self, spans: Iterable[Span]) -> list[Span]:
        """Hide these too; those of them that were not hidden before."""
        before = self.spans
        self._become(merged([*before, *spans]))
        return without(self.spans, before)

    def remember(self, spans: Iterable[Span], now: datetime) -> None:
        """Note that the person hid these just now, so that it can be taken back."""
        hid = [list(span) for span in spans]
        db.session.merge(LastHide(room_id=self._pair[0], user_id=self._pair[1], at=now, spans=hid))

    def take_back(self, since: datetime) -> bool:
        """Show what the last hide hid, once; False when that was before `since`, or never."""
        last = db.session.get(LastHide, self._pair)
        if last is None or last.at < since:
            return False
        self._become(without(self.spans, [(low, high) for low, high in last.spans]))
        db.session.delete(last)
        return True

    def _become(self, spans: list[Span]) -> None:
        HiddenRange.replace(*self._pair, self.spans, spans)
        self.spans = spans
