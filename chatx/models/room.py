"""Rooms: their feed, and who hears it."""

from collections import OrderedDict
from collections.abc import Iterable
from contextlib import nullcontext
from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import BigInteger, Integer, String, Text, select
from sqlalchemy.orm import Mapped, mapped_column

from chatx.extensions import Model, db
from chatx.models.base import Id, Moment, insert_once, new_id
from chatx.models.bulk import update_all
from chatx.models.feed import Audience, Feed
from chatx.models.known import Known
from chatx.models.lasting import Lasting
from chatx.models.membership import Membership

AUDIENCES_KEPT = 10_000


class Room(Feed, Lasting, Model):
    """A direct room of a pair (or of one: notes to self) or a group.

    members_version rises with every change of who is in it and hears it, and of how long messages last, under the lock of seq.
    last_message_seq, active_at: kept here so that a room list needs no search through messages.
    """

    __tablename__ = "rooms"

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    kind: Mapped[str] = mapped_column(String(8))
    pair: Mapped[str | None] = mapped_column(String(73), unique=True)
    title: Mapped[str | None] = mapped_column(String(100))
    description: Mapped[str] = mapped_column(Text, default="")
    avatar: Mapped[str | None] = mapped_column(Id)
    created_at: Mapped[datetime] = mapped_column(Moment)
    created_by: Mapped[str] = mapped_column(Id)
    active_at: Mapped[datetime] = mapped_column(Moment)
    last_message_seq: Mapped[int | None] = mapped_column(BigInteger)
    member_count: Mapped[int] = mapped_column(Integer, default=0)
    members_version: Mapped[int] = mapped_column(BigInteger, default=0)

    _known: ClassVar[OrderedDict[str, Known]] = OrderedDict()
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
        row: dict[str, Any] = {
            "id": new_id(),
            "kind": "direct",
            "pair": pair_of(user_id, peer_id),
            "created_at": now,
            "created_by": user_id,
            "active_at": now,
        }
        blank = {"description": "", "settings": {}, "seq": 0, "floor": 0, "member_count": 0, "members_version": 0}
        made = insert_once(cls, row | blank)
        room = cls.direct_of(user_id, peer_id)
        assert room is not None
        return room, made

    @classmethod
    def direct_of(cls, user_id: str, peer_id: str) -> "Room | None":
        """The direct room of the pair, locked, if it was opened."""
        query = select(cls).where(cls.pair == pair_of(user_id, peer_id)).with_for_update(key_share=True)
        room = db.session.scalar(query.execution_options(populate_existing=True))
        if room is not None:
            room.locked = True
        return room

    def say(self, at: datetime) -> int:
        """The seq of a message that is said here now; `keep_all` writes it."""
        self.last_message_seq, self.active_at = self.take_seq(), at
        return self.last_message_seq

    @classmethod
    def keep_all(cls, rooms: Iterable["Room"]) -> None:
        """Write where rooms stand in which something was said, in one statement."""
        said_in = list(rooms)
        for room in said_in:
            db.session.expunge(room)  # or the session would write it again, a statement each
        moved = ("id", "seq", "last_message_seq", "active_at", "next_expiry_at")
        update_all(cls, [{name: getattr(room, name) for name in moved} for room in said_in])
        cls.set_timers(room for room in said_in if room.expects_sooner)

    def set_up(self, settings: dict[str, Any]) -> None:
        """Have these settings. How long messages last is told with who hears them, so that no process goes by what was before."""
        self.must_be_locked()
        before, self.settings = self.expire_seconds, settings
        if self.expire_seconds != before:
            self._members_change()

    def admit(self, user_ids: Iterable[str], role: str, now: datetime) -> list["Membership"]:
        """Let people in, former members again; what was said while they were away stays hidden from them."""
        self.must_be_locked()
        wanted = list(dict.fromkeys(user_ids))
        former = {stay.user_id: stay for stay in Membership.of_room(self.id, wanted)}
        admitted = []
        for user_id in wanted:
            membership = former.get(user_id)
            if membership is None:
                membership = Membership(room_id=self.id, user_id=user_id, past_stays=[])
                db.session.add(membership)
            else:
                membership.remember(membership.left_seq)
            membership.role, membership.left_seq = role, None
            membership.joined_at = now
            membership.begin(self.seq + 1)
            admitted.append(membership)
        self.member_count += len(admitted)
        self._members_change()
        return admitted

    def dismiss(self, membership: "Membership") -> None:
        """End a stay: they keep what was said until now and hear nothing more."""
        self.must_be_locked()
        membership.left_seq = self.seq
        membership.unlist()
        self.member_count -= 1
        self._members_change()

    def deafen(self, membership: "Membership") -> None:
        """From now on this member hears nothing of the room; for the others they are in it as before."""
        self.must_be_locked()
        membership.deaf_from, membership.active_at = self.seq + 1, self.active_at
        membership.known_settings = self.settings
        self._members_change()

    def undeafen(self, membership: "Membership") -> bool:
        """Let this member hear again what is said from now on; whether something was withheld from them."""
        self.must_be_locked()
        self._members_change()
        return membership.hear_again(self.seq)

    def _members_change(self) -> None:
        self.members_version += 1
        self.members_changed = True

    def audience(self) -> Audience:
        """The members now who hear. Known by members_version, which is read under the lock, so that it cannot be stale."""
        if self.is_known:
            return self._known[self.id].audience
        query = select(Membership.user_id, Membership.joined_seq).where(Membership.room_id == self.id, Membership.hears())
        with nullcontext() if self.members_changed else db.session.no_autoflush:
            return self.know(dict(db.session.execute(query).tuples().all()))

    @property
    def is_known(self) -> bool:
        """Whether this process knows who hears it."""
        known = self._known.get(self.id)
        return known is not None and known.audience.version == self.members_version and not self.members_changed

    def know(self, joined: dict[str, int]) -> Audience:
        """Note who hears it, and since when, as this transaction has found."""
        known, newest = self._known.get(self.id), max(joined.values(), default=0)
        audience = Audience(self.id, tuple(joined), self.members_version, self.members_changed, newest=newest)
        # Only a committed version may be kept: one that this transaction made can still be rolled back.
        if not self.members_changed and (known is None or known.audience.version < audience.version):
            self._known[self.id] = Known(audience, frozenset(joined), plain=self.expire_seconds is None)
            self._known.move_to_end(self.id)
            if len(self._known) > AUDIENCES_KEPT:
                self._known.popitem(last=False)
        return audience

    def deaf(self) -> str | None:
        """Who of a pair does not hear what happens now, since they block the other one."""
        pair = set(self.pair.split(":")) if self.pair else set()
        return next(iter(pair.difference(self.audience().members)), None)

    def admins_only(self, setting: str) -> bool:
        """Whether this is left to those who run the group; nobody runs a direct room."""
        return self.kind == "group" and self.settings.get(setting) == "admins"

    @classmethod
    def as_known(cls, room_id: str) -> Known | None:
        """Who heard a room when this process last looked; the one who goes by it must see that its version still holds."""
        return cls._known.get(room_id)


def pair_of(user_id: str, peer_id: str) -> str:
    """What a direct room is found by, whoever of the two asks."""
    return ":".join(sorted((user_id, peer_id)))
