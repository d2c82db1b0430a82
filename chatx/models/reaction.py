"""Reactions: one emoji of each person to a message."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, String, select
from sqlalchemy.orm import Mapped, mapped_column

from chatx.extensions import Model, db
from chatx.models.base import Id, Moment
from chatx.models.bulk import among
from chatx.models.membership import Membership
from chatx.models.message import Message
from chatx.models.part import SharedPart


class Reaction(SharedPart, Model):
    """What one person feels about a message; the last one counts. Written under the lock of the room only."""

    __tablename__ = "reactions"

    room_id: Mapped[str] = mapped_column(Id, ForeignKey("rooms.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    user_id: Mapped[str] = mapped_column(Id, primary_key=True)
    change_seq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    emoji: Mapped[str] = mapped_column(String(32))
    at: Mapped[datetime] = mapped_column(Moment)

    @classmethod
    def replace(
        cls, message: Message, user_id: str, emoji: str | None, now: datetime, *, change_seq: int, deaf: str | None
    ) -> None:
        """Have this person feel so, or nothing any more; deaf: who of a pair does not hear of it."""
        mine = select(cls).where(cls.room_id == message.room_id, cls.seq == message.seq, cls.user_id == user_id)
        for former in db.session.scalars(mine).all():
            former.withdraw(deaf)
        if emoji is not None:
            reaction = cls(room_id=message.room_id, seq=message.seq, user_id=user_id, change_seq=change_seq, emoji=emoji, at=now)
            reaction.only_for = user_id if deaf else None
            db.session.add(reaction)

    @classmethod
    def page(cls, stay: Membership, seq: int, emoji: str | None, before: int | None, limit: int) -> list["Reaction"]:
        """The reactions to a message that this person sees, those with this emoji where given, the newest first."""
        query = select(cls).where(cls.seen_in(stay), cls.seq == seq)
        if emoji is not None:
            query = query.where(cls.emoji == emoji)
        if before is not None:
            query = query.where(cls.change_seq < before)
        return list(db.session.scalars(query.order_by(cls.change_seq.desc()).limit(limit)))

    @classmethod
    def emojis(cls, viewer_id: str, keys: Iterable[tuple[str, int, str]]) -> dict[tuple[str, int, str], str]:
        """What people feel now about messages, by (room id, seq, user id), as far as the viewer sees it; in one query."""
        wanted = set(keys)
        if not wanted:
            return {}
        query = select(cls.room_id, cls.seq, cls.user_id, cls.emoji)
        query = query.where(among((cls.room_id, cls.seq, cls.user_id), wanted), cls.is_for(viewer_id))
        return {(room_id, seq, user_id): emoji for room_id, seq, user_id, emoji in db.session.execute(query)}
