"""Reminders: messages that a person wants to be shown again, each at its time."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, func, select, tuple_
from sqlalchemy.orm import Mapped, mapped_column

from chatx.extensions import Model, db
from chatx.models.base import Id, Moment
from chatx.models.bulk import among

Key = tuple[str, str, int]  # (user id, room id, seq of the message)


class Reminder(Model):
    """One message, once for a person; gone when it was due. Its timer has the same key."""

    __tablename__ = "reminders"
    __table_args__ = (Index(None, "user_id", "at"),)

    user_id: Mapped[str] = mapped_column(Id, ForeignKey("users.id"), primary_key=True)
    room_id: Mapped[str] = mapped_column(Id, ForeignKey("rooms.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(Moment)
    created_at: Mapped[datetime] = mapped_column(Moment)

    @classmethod
    def of(cls, key: Key) -> "Reminder | None":
        return db.session.get(cls, key, populate_existing=True)

    @classmethod
    def of_all(cls, keys: Iterable[Key]) -> dict[Key, "Reminder"]:
        """Those of these that stand, in one query."""
        query = select(cls).where(among((cls.user_id, cls.room_id, cls.seq), keys)).execution_options(populate_existing=True)
        return {(each.user_id, each.room_id, each.seq): each for each in db.session.scalars(query)}

    @classmethod
    def keep(cls, key: Key, at: datetime, now: datetime) -> "Reminder":
        """Want to be reminded then."""
        user_id, room_id, seq = key
        reminder = cls(user_id=user_id, room_id=room_id, seq=seq, at=at, created_at=now)
        db.session.add(reminder)
        return reminder

    def let_go(self) -> None:
        db.session.delete(self)

    @classmethod
    def count(cls, user_id: str) -> int:
        return db.session.scalar(select(func.count()).where(cls.user_id == user_id)) or 0

    @classmethod
    def page(cls, user_id: str, after: tuple[datetime, str, int] | None, limit: int) -> list["Reminder"]:
        """The person's reminders, the next one first."""
        place = tuple_(cls.at, cls.room_id, cls.seq)
        query = select(cls).where(cls.user_id == user_id)
        if after:
            query = query.where(place > after)
        return list(db.session.scalars(query.order_by(cls.at, cls.room_id, cls.seq).limit(limit)))


def subject_of(room_id: str, seq: int) -> str:
    """How a change names the message that a reminder is about."""
    return f"{room_id}:{seq}"


def timer_key(key: Key) -> str:
    user_id, room_id, seq = key
    return f"{user_id}:{room_id}:{seq}"


def key_of(timer: str) -> Key:
    """What a timer of this key is about."""
    user_id, room_id, seq = timer.split(":")
    return user_id, room_id, int(seq)
