"""Edits: the texts that messages had before, as long as the message itself stands."""

from datetime import datetime

from sqlalchemy import JSON, BigInteger, ForeignKey, Text, select
from sqlalchemy.orm import Mapped, mapped_column

from chatx.extensions import Model, db
from chatx.models.base import Id, Moment
from chatx.models.part import PartOfMessage


class MessageEdit(PartOfMessage, Model):
    """What a message said until the change at `change_seq` replaced it; written_at: since when."""

    __tablename__ = "message_edits"

    room_id: Mapped[str] = mapped_column(Id, ForeignKey("rooms.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    change_seq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    text: Mapped[str] = mapped_column(Text)
    mentions: Mapped[list[str]] = mapped_column(JSON)
    written_at: Mapped[datetime] = mapped_column(Moment)
    replaced_at: Mapped[datetime] = mapped_column(Moment)

    @classmethod
    def page(cls, room_id: str, seq: int, before: int | None, limit: int) -> list["MessageEdit"]:
        """The earlier texts of a message, the latest of them first."""
        query = select(cls).where(cls.room_id == room_id, cls.seq == seq)
        if before is not None:
            query = query.where(cls.change_seq < before)
        return list(db.session.scalars(query.order_by(cls.change_seq.desc()).limit(limit)))
