"""Stars: the messages that somebody wants to find again; nobody else learns of them."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, delete, func, select, tuple_
from sqlalchemy.orm import Mapped, mapped_column

from chatx.extensions import Model, db
from chatx.models.base import Id, Moment, insert_once
from chatx.models.message import Message
from chatx.models.part import PartOfMessage

Cursor = tuple[datetime, str, int]  # (when it was starred, room id, seq)


class Star(PartOfMessage, Model):
    """A message that this person has starred; it stays while they may see the message. Written under the lock of their feed."""

    __tablename__ = "stars"
    __table_args__ = (Index(None, "user_id", "at"),)

    room_id: Mapped[str] = mapped_column(Id, ForeignKey("rooms.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    user_id: Mapped[str] = mapped_column(Id, primary_key=True)
    at: Mapped[datetime] = mapped_column(Moment)

    @classmethod
    def put(cls, user_id: str, message: Message, now: datetime) -> bool:
        """Whether it is starred now, and was not before."""
        return insert_once(cls, {"room_id": message.room_id, "seq": message.seq, "user_id": user_id, "at": now})

    @classmethod
    def take(cls, user_id: str, message: Message) -> bool:
        """Whether it is not starred any more, and was before."""
        mine = delete(cls).where(cls.room_id == message.room_id, cls.seq == message.seq, cls.user_id == user_id)
        return db.session.scalar(mine.returning(cls.seq)) is not None

    @classmethod
    def count(cls, user_id: str) -> int:
        return db.session.scalar(select(func.count()).where(cls.user_id == user_id)) or 0

    @classmethod
    def among(cls, user_id: str, room_id: str, seqs: Iterable[int]) -> list[int]:
        """Those of these messages of a room that this person has starred, ascending."""
        mine = select(cls.seq).where(cls.room_id == room_id, cls.seq.in_(list(seqs)), cls.user_id == user_id)
        return list(db.session.scalars(mine.order_by(cls.seq)))

    @classmethod
    def page(cls, user_id: str, before: Cursor | None, limit: int) -> list["Star"]:
        """The person's stars on messages that stand, the newest first."""
        place = (cls.at, cls.room_id, cls.seq)
        said = (Message.room_id == cls.room_id) & (Message.seq == cls.seq) & Message.stands()
        query = select(cls).join(Message, said).where(cls.user_id == user_id)
        if before:
            query = query.where(tuple_(*place) < before)
        return list(db.session.scalars(query.order_by(*(each.desc() for each in place)).limit(limit)))
