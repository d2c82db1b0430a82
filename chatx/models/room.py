"""Rooms and who is in them."""

from collections import OrderedDict
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import JSON, BigInteger, Boolean, ForeignKey, Index, Integer, String, Text, func, select
from sqlalchemy.orm import Mapped, mapped_column

from chatx.extensions import Model, db
from chatx.models.base import Id, Moment, insert_once, new_id
from chatx.models.feed import Feed

ROLES = ("owner", "admin", "member")
AUDIENCES_KEPT = 10_000


class Room(Feed, Model):
    """A direct room of a pair (or of one: notes to self) or a group.

    members_version rises with every change of membership, under the same lock as seq.
    last_message_seq, active_at: kept here so that a room list needs no search through messages.
    """

    __tablename__ = "rooms"

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    kind: Mapped[str] = mapped_column(String(8))
    pair: Mapped[str | None] = mapped_column(String(73), unique=True)
    title: Mapped[str | None] = mapped_column(String(100))
    description: Mapped[str] = mapped_column(Text, default="")
    avatar: Mapped[str | None] = mapped_column(Id)
    settings: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    created_at: Mapped[datetime] = mapped_column(Moment)
    created_by: Mapped[str] = mapped_column(Id)
    active_at: Mapped[datetime] = mapped_column(Moment)
    last_message_seq: Mapped[int | None] = mapped_column(BigInteger)
    member_count: Mapped[int] = mapped_column(Integer, default=0)
    members_version: Mapped[int] = mapped_column(BigInteger, default=0)

    _audiences: ClassVar[OrderedDict[tuple[str, int], tuple[str, ...]]] = OrderedDict()
    members_changed = False

    @classmethod
    def of(cls, room_id: str) -> "Room":
        """The room of a membership that was found, so it exists."""
        return db.session.get_one(cls, room_id)

    @classmethod
    def start_group(cls, room_id: str, title: str, owner_id: str, now: datetime) -> "Room":
        """A new group without members yet, locked because nobody else can know it."""
        room = cls(id=room_id, kind="group", title=title, created_at=now, created_by=owner_id, active_at=now)
        room.seq = room.floor = room.member_count = room.members_version = 0
        room.description, room.settings, room.locked = "", {}, True
        db.session.add(room)
        db.session.flush()  # the row must stand before the memberships that refer to it
        return room

    @classmethod
    def open_direct(cls, user_id: str, peer_id: str, now: datetime) -> tuple["Room", bool]:
        """The one direct room of the pair, locked, and whether this call made it; racing calls get the same room."""
        pair = ":".join(sorted((user_id, peer_id)))
        row: dict[str, Any] = {
            "id": new_id(),
            "kind": "direct",
            "pair": pair,
            "created_at": now,
            "created_by": user_id,
            "active_at": now,
        }
        blank = {"description": "", "settings": {}, "seq": 0, "floor": 0, "member_count": 0, "members_version": 0}
        made = insert_once(cls, row | blank)
        query = select(cls).where(cls.pair == pair).with_for_update(key_share=True)
        room = db.session.scalars(query.execution_options(populate_existing=True)).one()
        room.locked = True
        return room, made

    def admit(self, user_ids: Iterable[str], role: str, now: datetime) -> list["Membership"]:
        """Let people in, former members again; what was said while they were away stays hidden from them."""
        if not self.locked:
            raise RuntimeError(f"membership of {self!r} changed without its row lock")
        wanted = list(dict.fromkeys(user_ids))
        former = {stay.user_id: stay for stay in Membership.of_room(self.id, wanted)}
        since = self.seq + 1
        admitted = []
        for user_id in wanted:
            membership = former.get(user_id)
            if membership is None:
                membership = Membership(room_id=self.id, user_id=user_id, past_stays=[])
                db.session.add(membership)
            else:
                membership.past_stays = [*membership.past_stays, [membership.joined_seq, membership.left_seq]]
            membership.role, membership.left_seq = role, None
            membership.joined_seq = membership.read_seq = membership.delivered_seq = since
            membership.joined_at = now
            admitted.append(membership)
        self.member_count += len(admitted)
        self._members_change()
        return admitted

    def dismiss(self, membership: "Membership") -> None:
        """End a stay: they keep what was said until now and hear nothing more."""
        if not self.locked:
            raise RuntimeError(f"membership of {self!r} changed without its row lock")
        membership.left_seq = self.seq
        membership.pinned = membership.archived = membership.marked_unread = False
        self.member_count -= 1
        self._members_change()

    def _members_change(self) -> None:
        self.members_version += 1
        self.members_changed = True

    def audience(self) -> Sequence[str]:
        """The members now. Cached by members_version, which is read under the lock, so that it cannot be stale."""
        key = (self.id, self.members_version)
        members = self._audiences.get(key)
        if members is None:
            query = select(Membership.user_id).where(Membership.room_id == self.id, Membership.left_seq.is_(None))
            members = tuple(db.session.scalars(query))
            # Only a committed version may be kept: one that this transaction made can still be rolled back.
            if not self.members_changed:
                self._audiences[key] = members
                if len(self._audiences) > AUDIENCES_KEPT:
                    self._audiences.popitem(last=False)
        return members


class Membership(Model):
    """One person's stay in one room: what they may see of it, how far they are, and what is theirs alone.

    They see seq joined_seq … left_seq (or the end), and the ranges in past_stays.
    read_seq and delivered_seq only rise.
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
    muted_until: Mapped[datetime | None] = mapped_column(Moment)
    pinned: Mapped[bool] = mapped_column(Boolean, default=False)
    archived: Mapped[bool] = mapped_column(Boolean, default=False)
    marked_unread: Mapped[bool] = mapped_column(Boolean, default=False)
    draft: Mapped[str | None] = mapped_column(Text)

    @property
    def runs_the_room(self) -> bool:
        return self.role in ("owner", "admin")

    @property
    def stays(self) -> list[tuple[int, int | None]]:
        """The ranges of seq this person may see, both ends included, oldest first."""
        return [*((low or 0, high) for low, high in self.past_stays), (self.joined_seq, self.left_seq)]

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
    def marks(cls, room_ids: Collection[str]) -> dict[str, dict[str, list[int]]]:
        """How far every member of these rooms is: {room id: {user id: [delivered_seq, read_seq]}}."""
        marks: dict[str, dict[str, list[int]]] = {room_id: {} for room_id in room_ids}
        query = select(cls.room_id, cls.user_id, cls.delivered_seq, cls.read_seq)
        for room_id, user_id, delivered, read in db.session.execute(
            query.where(cls.room_id.in_(room_ids), cls.left_seq.is_(None))
        ):
            marks[room_id][user_id] = [delivered, read]
        return marks

    @classmethod
    def heir(cls, room_id: str, leaver_id: str) -> "Membership | None":
        """Who takes over when the last owner leaves: the admin, else the member, who has been there longest."""
        rank = {"owner": 0, "admin": 1, "member": 2}
        query = select(cls).where(cls.room_id == room_id, cls.left_seq.is_(None), cls.user_id != leaver_id)
        others = db.session.scalars(query.order_by(cls.joined_seq, cls.user_id)).all()
        return min(others, key=lambda other: rank[other.role], default=None)
