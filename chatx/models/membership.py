"""Memberships: one person's stay in one room."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    ColumnElement,
    ForeignKey,
    Index,
    String,
    Text,
    and_,
    cast,
    func,
    or_,
    select,
)
from sqlalchemy.orm import Mapped, mapped_column

from chatx.extensions import Model, db
from chatx.models.base import Id, Moment
from chatx.models.bulk import among


class Membership(Model):
    """One person's stay in one room: what they may see of it, how far they are, and what is theirs alone.

    They see seq joined_seq … left_seq (or the end), and the ranges in past_stays.
    read_seq, shown_read_seq and delivered_seq only rise; shown_read_seq is how far the others are told that they read.
    deaf_from: the first seq that they do not hear in a direct room, while they block the other one, who must not notice;
    1 hides the whole room. active_at: where that room stands in their list meanwhile.
    everyone_muted_until: what mentions everyone and is said before does not count as mentioning them.
    """

    __tablename__ = "memberships"
    __table_args__ = (Index(None, "user_id", "left_seq"),)

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
    muted_until: Mapped[datetime | None] = mapped_column(Moment)
    everyone_muted_until: Mapped[datetime | None] = mapped_column(Moment)
    pinned: Mapped[bool] = mapped_column(Boolean, default=False)
    archived: Mapped[bool] = mapped_column(Boolean, default=False)
    marked_unread: Mapped[bool] = mapped_column(Boolean, default=False)
    draft: Mapped[str | None] = mapped_column(Text)

    def begin(self, seq: int) -> None:
        """The stay begins with this change: nothing before it is seen, and nothing before it is unread."""
        self.joined_seq = self.read_seq = self.shown_read_seq = self.delivered_seq = seq

    def hear_again(self, last_seq: int) -> bool:
        """Be deaf no more; whether something was withheld. It stays so, as what is said in a group while one is away.

        Nothing before is unread then, or the number would count what they never see. The marks of others do not move.
        """
        deaf_from, self.deaf_from, self.active_at = self.deaf_from, None, None
        if deaf_from is None or last_seq < deaf_from:
            return False
        self.past_stays = [*self.past_stays, [self.joined_seq, deaf_from - 1]]
        self.joined_seq, self.read_seq = last_seq + 1, last_seq
        return True

    @property
    def hidden(self) -> bool:
        """Somebody whom they block opened the room: they have never heard of it."""
        return self.deaf_from == 1

    @property
    def goes_on(self) -> bool:
        """They are in the room now, and know of it."""
        return self.left_seq is None and not self.hidden

    @classmethod
    def going_on(cls) -> ColumnElement[bool]:
        """The same as a condition."""
        return and_(cls.left_seq.is_(None), or_(cls.deaf_from.is_(None), cls.deaf_from > 1))

    @classmethod
    def hears(cls) -> ColumnElement[bool]:
        """The condition that they hear what happens in the room."""
        return and_(cls.left_seq.is_(None), cls.deaf_from.is_(None))

    def reach(self, seq: int) -> int:
        """How far of it they hear when something of the room is at this seq."""
        return seq if self.deaf_from is None else min(seq, self.deaf_from - 1)

    @property
    def end(self) -> int | None:
        """The last seq that they hear of the room; None while they hear it."""
        return self.left_seq if self.deaf_from is None else self.deaf_from - 1

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

    @property
    def stays(self) -> list[tuple[int, int | None]]:
        """The ranges of seq this person may see, both ends included, oldest first."""
        return [*((low or 0, high) for low, high in self.past_stays), (self.joined_seq, self.end)]

    def hears_since(self, seq: int) -> bool:
        """Whether they have heard all that happened in the room since then."""
        return self.joined_seq <= seq and self.stays[-1][1] is None

    def sees(self, seq: int) -> bool:
        return any(low <= seq and (high is None or seq <= high) for low, high in self.stays)

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

    def marks_for(self, viewer: "Membership") -> tuple[int, int]:
        """How far this member is, as that one may know: (delivered_seq, read_seq)."""
        return _known(viewer, self.user_id, self.delivered_seq, self.read_seq, self.shown_read_seq)

    @classmethod
    def marks(cls, viewers: Collection["Membership"]) -> dict[str, dict[str, list[int]]]:
        """How far every member is in the rooms of these stays of one person: {room id: {user id: [delivered_seq, read_seq]}}."""
        own = {viewer.room_id: viewer for viewer in viewers}
        marks: dict[str, dict[str, list[int]]] = {room_id: {} for room_id in own}
        query = select(cls.room_id, cls.user_id, cls.delivered_seq, cls.read_seq, cls.shown_read_seq)
        for room_id, user_id, *reached in db.session.execute(query.where(cls.room_id.in_(own), cls.left_seq.is_(None))):
            marks[room_id][user_id] = list(_known(own[room_id], user_id, *reached))
        return marks

    @classmethod
    def heir(cls, room_id: str, leaver_id: str) -> "Membership | None":
        """Who takes over when the last owner leaves: the admin, else the member, who has been there longest."""
        rank = {"owner": 0, "admin": 1, "member": 2}
        query = select(cls).where(cls.room_id == room_id, cls.left_seq.is_(None), cls.user_id != leaver_id)
        others = db.session.scalars(query.order_by(cls.joined_seq, cls.user_id)).all()
        return min(others, key=lambda other: rank[other.role], default=None)


def _known(viewer: Membership, user_id: str, delivered_seq: int, read_seq: int, shown_read_seq: int) -> tuple[int, int]:
    """The marks of a member as the viewer may know them: one's own as they are, those of others as they are shown."""
    if viewer.user_id == user_id:
        return delivered_seq, read_seq
    return viewer.reach(delivered_seq), viewer.reach(shown_read_seq)
