"""What people have deleted for themselves: ranges of seq in a room that only they do not see any more."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import JSON, BigInteger, ColumnElement, ForeignKey, exists, select
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.sql.roles import ExpressionElementRole

from chatx.extensions import Model, db
from chatx.models.base import Id, Moment
from chatx.models.spans import Span

Value = ExpressionElementRole[str] | ExpressionElementRole[int] | str | int


class HiddenRange(Model):
    """Messages from low to high that this person has hidden; the ranges of a room never touch each other."""

    __tablename__ = "hidden_ranges"

    room_id: Mapped[str] = mapped_column(Id, ForeignKey("rooms.id"), primary_key=True)
    user_id: Mapped[str] = mapped_column(Id, primary_key=True)
    low: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    high: Mapped[int] = mapped_column(BigInteger)

    @classmethod
    def of(cls, user_id: str, room_ids: Collection[str]) -> dict[str, list[Span]]:
        """What this person has hidden of these rooms, ascending, in one query."""
        hidden: dict[str, list[Span]] = {room_id: [] for room_id in room_ids}
        query = select(cls.room_id, cls.low, cls.high).where(cls.user_id == user_id, cls.room_id.in_(hidden))
        for room_id, low, high in db.session.execute(query.order_by(cls.room_id, cls.low)) if hidden else ():
            hidden[room_id].append((low, high))
        return hidden

    @classmethod
    def hides(cls, room_id: Value, user_id: Value, seq: Value) -> ColumnElement[bool]:
        """The condition that this person has hidden what stands there; each may be a column of the query around it."""
        return exists().where(cls.room_id == room_id, cls.user_id == user_id, cls.low <= seq, cls.high >= seq)


class LastHide(Model):
    """The last time that somebody hid something of a room, and what was hidden before it: so it can be taken back."""

    __tablename__ = "last_hides"

    room_id: Mapped[str] = mapped_column(Id, ForeignKey("rooms.id"), primary_key=True)
    user_id: Mapped[str] = mapped_column(Id, primary_key=True)
    at: Mapped[datetime] = mapped_column(Moment)
    before: Mapped[list[list[int]]] = mapped_column(JSON)
