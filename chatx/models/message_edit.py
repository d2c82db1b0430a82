"""Edits: the texts that messages had before, as long as the message itself stands."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Text, or_, select
from sqlalchemy.orm import Mapped, mapped_column

from chatx.extensions import Model, db
from chatx.models.base import Id, Moment
from chatx.models.membership import Membership
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

    def words(self, message: Any) -> dict[str, Any]:
        """What of the message these words replace."""
        edited_at = None if self.written_at == message.created_at else self.written_at
        return {"text": self.text, "mentions": self.mentions, "edited_at": edited_at, "preview": None}

    @classmethod
    def as_heard(cls, stay: Membership, seqs: Iterable[int]) -> dict[int, "MessageEdit"]:
        """What these messages said when this person last heard of them, by seq, where they did not hear the last edit."""
        changes: dict[int, list[int]] = {}
        query = select(cls.seq, cls.change_seq).where(cls.room_id == stay.room_id, cls.seq.in_(list(seqs)))
        for seq, change_seq in db.session.execute(query.order_by(cls.change_seq)):
            changes.setdefault(seq, []).append(change_seq)
        missed = [(seq, _first_after_the_last_heard(stay, edits)) for seq, edits in changes.items()]
        wanted = [(cls.seq == seq) & (cls.change_seq == change_seq) for seq, change_seq in missed if change_seq is not None]
        rows = db.session.scalars(select(cls).where(cls.room_id == stay.room_id, or_(*wanted))) if wanted else ()
        return {edit.seq: edit for edit in rows}

    @classmethod
    def page(cls, room_id: str, seq: int, before: int | None, limit: int) -> list["MessageEdit"]:
        """The earlier texts of a message, the latest of them first."""
        query = select(cls).where(cls.room_id == room_id, cls.seq == seq)
        if before is not None:
            query = query.where(cls.change_seq < before)
        return list(db.session.scalars(query.order_by(cls.change_seq.desc()).limit(limit)))


def _first_after_the_last_heard(stay: Membership, changes: Sequence[int]) -> int | None:
    """Of these changes, ascending, the one that put an end to what this person knows; None if they heard the last one."""
    unheard = len(changes)
    while unheard and not stay.sees(changes[unheard - 1]):
        unheard -= 1
    return changes[unheard] if unheard < len(changes) else None
