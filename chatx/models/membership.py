"""Memberships: one person's stay in one room."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    ForeignKey,
    Index,
    String,
    Text,
    cast,
    false,
    func,
    or_,
    select,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from chatx.extensions import Model, db
from chatx.models.base import Id, Moment
from chatx.models.bulk import among
from chatx.models.stay import Stay

# Those that something said in their room may change, which are few.
STIRRED = text("draft IS NOT NULL OR comes_back")


class Membership(Stay, Model):
    """One person's stay in one room: what they may see of it, how far they are, and what is theirs alone.

    They see seq joined_seq … left_seq (or the end), and the ranges in past_stays.
    read_seq, shown_read_seq and delivered_seq only rise; shown_read_seq is how far the others are told that they read.
    deaf_from: the first seq that they do not hear in a direct room, while they block the other one, who must not notice;
    1 hides the whole room. active_at: where that room stands in their list meanwhile; known_settings: how it is set for them.
    comes_back: archived until something is said; draft_reply_to_seq: the message that the draft answers.
    everyone_muted_until: what mentions everyone and is said before does not count as mentioning them.
    has_hidden: False where somebody looked, and they have hidden nothing of the room; it is no column.
    """

    __tablename__ = "memberships"
    __table_args__ = (
        Index(None, "user_id", "left_seq"),
        Index("ix_memberships_stirred", "room_id", postgresql_where=STIRRED, sqlite_where=STIRRED),
    )

    room_id: Mapped[str] = mapped_column(Id, ForeignKey("rooms.id"), primary_key=True)
    user_id: Mapped[str] = mapped_column(Id, ForeignKey("users.id"), primary_key=True)
    role: Mapped[str] = mapped_column(String(8))
    joined_at: Mapped[datetime] = mapped_column(Moment)
    joined_seq: Mapped[int] = mapped_column(BigInteger)
    left_seq: Mapped[int | None] = mapped_column(BigInteger)
    past_stays: Mapped[list[list[int | None]]] = mapped_column(JSON, default=list)
    delivered_seq: Mapped[int] = mapped_column(BigInteger)
    read_seq: Mapped[int] = mapped_column(BigInteger)
    shown_read_seq: Mapped[int] = mapped_column(BigInteger, server_default="0")
    deaf_from: Mapped[int | None] = mapped_column(BigInteger)
    active_at: Mapped[datetime | None] = mapped_column(Moment)
    known_settings: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    muted_until: Mapped[datetime | None] = mapped_column(Moment)
    everyone_muted_until: Mapped[datetime | None] = mapped_column(Moment)
    pinned: Mapped[bool] = mapped_column(Boolean, default=False)
    archived: Mapped[bool] = mapped_column(Boolean, default=False)
    comes_back: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    marked_unread: Mapped[bool] = mapped_column(Boolean, default=False)
    locked: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    favourite: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    custom_name: Mapped[str | None] = mapped_column(String(100))
    draft: Mapped[str | None] = mapped_column(Text)
    draft_reply_to_seq: Mapped[int | None] = mapped_column(BigInteger)

    has_hidden = True

    def unlist(self) -> None:
        """What their list said of the room ends with the stay; its name, its lock and the draft wait for their coming back."""
        self.pinned = self.archived = self.comes_back = self.marked_unread = self.favourite = False

    @classmethod
    def last_end(cls, room_id: str) -> int | None:
        """The latest end of those who were in the room and hear it no more."""
        return db.session.scalar(select(func.max(func.coalesce(cls.deaf_from - 1, cls.left_seq))).where(cls.room_id == room_id))

    @classmethod
    def where_some_were_away(cls, room_ids: Collection[str]) -> set[str]:
        """Those of these rooms of which somebody has not heard everything since they came: edits reached them or not."""
        has_come_back = cast(cls.past_stays, Text) != "[]"
        away = or_(cls.left_seq.is_not(None), cls.deaf_from.is_not(None), has_come_back)
        return set(db.session.scalars(select(cls.room_id).where(cls.room_id.in_(room_ids), away).distinct()))

    @property
    def runs_the_room(self) -> bool:
        return self.role in ("owner", "admin")

    @classmethod
    def of(cls, room_id: str, user_id: str) -> "Membership | None":
        """The stay of this person in this room, ended or not."""
        return db.session.get(cls, (room_id, user_id), populate_existing=True)

    @classmethod
    def of_room(cls, room_id: str, user_ids: Iterable[str]) -> list["Membership"]:
        """The stays of these people in this room, ended or not."""
        return list(db.session.scalars(select(cls).where(cls.room_id == room_id, cls.user_id.in_(list(user_ids)))))

    @classmethod
    def of_pairs(cls, pairs: Iterable[tuple[str, str]]) -> list["Membership"]:
        """The stays of these (room_id, user_id), ended or not, in one query."""
        query = select(cls).where(among((cls.room_id, cls.user_id), pairs))
        return list(db.session.scalars(query.execution_options(populate_existing=True)))

    @classmethod
    def deaf_in(cls, room_id: str) -> list["Membership"]:
        """The stays in this room of those who hear nothing of it, since they block the other one."""
        return list(db.session.scalars(select(cls).where(cls.room_id == room_id, cls.deaf_from.is_not(None))))

    @classmethod
    def room_ids(cls, user_id: str) -> Sequence[str]:
        """The rooms this person is in."""
        return db.session.scalars(select(cls.room_id).where(cls.user_id == user_id, cls.left_seq.is_(None))).all()

    @classmethod
    def page(cls, room_id: str, after: str | None, limit: int) -> list["Membership"]:
        """Members of a room in the order of their user ids."""
        query = select(cls).where(cls.room_id == room_id, cls.left_seq.is_(None))
        if after:
            query = query.where(cls.user_id > after)
        return list(db.session.scalars(query.order_by(cls.user_id).limit(limit)))

    @classmethod
    def owners(cls, room_id: str) -> int:
        """How many owners a group has."""
        query = select(func.count()).where(cls.room_id == room_id, cls.left_seq.is_(None), cls.role == "owner")
        return db.session.scalar(query) or 0

    @classmethod
    def heir(cls, room_id: str, leaver_id: str) -> "Membership | None":
        """Who takes over when the last owner leaves: the admin, else the member, who has been there longest."""
        rank = {"owner": 0, "admin": 1, "member": 2}
        query = select(cls).where(cls.room_id == room_id, cls.left_seq.is_(None), cls.user_id != leaver_id)
        others = db.session.scalars(query.order_by(cls.joined_seq, cls.user_id)).all()
        return min(others, key=lambda other: rank[other.role], default=None)
