"""Exports of chats: which part of which room somebody wants to have, in which form, and how far a worker has looked through.

What an export says is not stored. It is read when it is fetched, as its person sees it then: so what was deleted since, or what
they may not read any more, is not in it, and no other table has to know that exports exist. `export_file` writes it.
"""

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import BigInteger, ForeignKey, Index, String, func, select
from sqlalchemy.orm import Mapped, mapped_column

from chatx.extensions import Model, db
from chatx.models.base import Id, Moment
from chatx.models.membership import Membership
from config import LIMITS


class Export(Model):
    """up_to_seq: the end of what was said when it was asked for; done_seq: how far it was looked through.

    messages, bytes: what was found until there, in its form. Written under the lock of its person's feed.
    """

    __tablename__ = "exports"
    __table_args__ = (Index(None, "user_id", "created_at"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    user_id: Mapped[str] = mapped_column(Id, ForeignKey("users.id"))
    room_id: Mapped[str] = mapped_column(Id, ForeignKey("rooms.id"))
    format: Mapped[str] = mapped_column(String(8))
    up_to_seq: Mapped[int] = mapped_column(BigInteger)
    done_seq: Mapped[int] = mapped_column(BigInteger)
    messages: Mapped[int] = mapped_column(BigInteger)
    bytes: Mapped[int] = mapped_column(BigInteger)
    created_at: Mapped[datetime] = mapped_column(Moment)
    expires_at: Mapped[datetime] = mapped_column(Moment)

    duplicate = False

    @property
    def ready(self) -> bool:
        return self.done_seq >= self.up_to_seq

    @property
    def state(self) -> str:
        return "ready" if self.ready else "running"

    @property
    def progress(self) -> int:
        """In percent, and in steps of ten, each of which is told."""
        return 100 if self.ready else self.done_seq * 10 // self.up_to_seq * 10

    @property
    def found(self) -> dict[str, int]:
        """What is in it, once all of it was looked through."""
        return {"messages": self.messages, "bytes": self.bytes} if self.ready else {}

    @classmethod
    def begin(cls, export_id: str, stay: Membership, room_seq: int, format: str, now: datetime) -> "Export":
        """Of what this person may read now of the room of this stay."""
        end = room_seq if stay.end is None else min(room_seq, stay.end)
        export = cls(id=export_id, user_id=stay.user_id, room_id=stay.room_id, format=format, up_to_seq=end)
        export.done_seq = export.messages = export.bytes = 0
        export.created_at, export.expires_at = now, now + timedelta(hours=LIMITS["export_hours"])
        db.session.add(export)
        return export

    def go_on(self, done_seq: int, messages: int, size: int) -> bool:
        """So many messages were found up to there; whether it shows."""
        before = self.progress
        self.done_seq = done_seq
        self.messages += messages
        self.bytes += size
        return self.progress != before

    def let_go(self) -> None:
        db.session.delete(self)

    @classmethod
    def of(cls, export_id: str) -> "Export | None":
        return db.session.get(cls, export_id, populate_existing=True)

    @classmethod
    def by_ids(cls, ids: Collection[str]) -> dict[str, "Export"]:
        """Those of these that there are, in one query."""
        if not ids:
            return {}
        query = select(cls).where(cls.id.in_(list(ids))).execution_options(populate_existing=True)
        return {export.id: export for export in db.session.scalars(query)}

    @classmethod
    def of_person(cls, user_id: str) -> list["Export"]:
        """All of a person's, the newest first."""
        return list(db.session.scalars(select(cls).where(cls.user_id == user_id).order_by(cls.created_at.desc(), cls.id.desc())))

    @classmethod
    def count(cls, user_id: str) -> int:
        return db.session.scalar(select(func.count()).where(cls.user_id == user_id)) or 0
