"""Mentions: who is named in which message, for the count of unread mentions.

Whoever mentions everyone names the room: its id stands where those of people do, once, however many are in it.
"""

from collections.abc import Collection, Iterable

from sqlalchemy import BigInteger, ForeignKey, delete
from sqlalchemy.orm import Mapped, mapped_column

from chatx.extensions import Model, db
from chatx.models.base import Id
from chatx.models.bulk import insert_all
from chatx.models.part import PartOfMessage


class Mention(PartOfMessage, Model):
    """Someone was mentioned: what the count of unread mentions is computed from."""

    __tablename__ = "mentions"

    room_id: Mapped[str] = mapped_column(Id, ForeignKey("rooms.id"), primary_key=True)
    user_id: Mapped[str] = mapped_column(Id, primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)

    @classmethod
    def replace(cls, room_id: str, seq: int, old: Iterable[str], new: Iterable[str], hearers: Collection[str]) -> None:
        """Another text of the same message mentions others, for those who hear of it."""
        heard = {*hearers, room_id}
        before, after = heard.intersection(old), heard.intersection(new)
        gone = before - after
        if gone:
            db.session.execute(delete(cls).where(cls.room_id == room_id, cls.seq == seq, cls.user_id.in_(gone)))
        insert_all(cls, [{"room_id": room_id, "user_id": user_id, "seq": seq} for user_id in sorted(after - before)])
