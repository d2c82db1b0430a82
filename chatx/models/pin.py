"""Pins: the few messages of a room that its members want at hand for a while."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, select
from sqlalchemy.orm import Mapped, mapped_column

from chatx.extensions import Model, db
from chatx.models.base import Id, Moment
from chatx.models.bulk import among
from chatx.models.membership import Membership
from chatx.models.message import Message, Place
from chatx.models.part import SharedPart
from chatx.models.seen import Seen
from chatx.models.timer import Timer

EXPIRY = "pin:expire"

Key = tuple[str, int, int]  # (room id, seq of the message, seq of the change that pinned it)


class Pin(SharedPart, Model):
    """A message that `user_id` pinned, until it expires; its timer has the same key. Written under the lock of the room only."""

    __tablename__ = "pins"

    room_id: Mapped[str] = mapped_column(Id, ForeignKey("rooms.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    change_seq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    user_id: Mapped[str] = mapped_column(Id)
    at: Mapped[datetime] = mapped_column(Moment)
    expires_at: Mapped[datetime] = mapped_column(Moment)

    @property
    def place(self) -> Place:
        return self.room_id, self.seq

    @property
    def key(self) -> Key:
        return self.room_id, self.seq, self.change_seq

    @classmethod
    def put(cls, message: Message, user_id: str, now: datetime, seconds: int, *, change_seq: int, deaf: str | None) -> "Pin":
        """Pin it for so long from now, however long it was pinned; deaf: who of a pair does not hear of it."""
        cls.withdraw_all(message, deaf)
        pin = cls(room_id=message.room_id, seq=message.seq, change_seq=change_seq, user_id=user_id, at=now)
        pin.expires_at, pin.only_for = now + timedelta(seconds=seconds), user_id if deaf else None
        db.session.add(pin)
        Timer.set(EXPIRY, timer_key(pin.key), pin.expires_at)
        return pin

    @classmethod
    def withdraw_all(cls, message: Message, deaf: str | None) -> None:
        """Have it pinned no more."""
        pins = db.session.scalars(select(cls).where(cls.room_id == message.room_id, cls.seq == message.seq)).all()
        Timer.cancel_all(EXPIRY, [timer_key(pin.key) for pin in pins if pin.withdraw(deaf)])

    @classmethod
    def standing(cls, stay: Membership, now: datetime) -> list["Pin"]:
        """What is pinned in a room as this person sees it, the newest first; there are never many."""
        query = select(cls).where(cls.seen_in(stay), cls.expires_at > now)
        return list(db.session.scalars(query.order_by(cls.change_seq.desc())))

    @classmethod
    def of_all(cls, keys: Iterable[Key]) -> dict[Key, "Pin"]:
        """Those of these that stand, in one query; read once their rooms are locked."""
        query = select(cls).where(among((cls.room_id, cls.seq, cls.change_seq), keys))
        return {pin.key: pin for pin in db.session.scalars(query.execution_options(populate_existing=True))}

    def of(self, message: Message | Seen) -> dict[str, Any]:
        """As it is shown, with the message."""
        return {"pinned_by": self.user_id, "pinned_at": self.at, "expires_at": self.expires_at, "message": message}

    def let_go(self) -> None:
        db.session.delete(self)


def timer_key(key: Key) -> str:
    return ":".join(map(str, key))


def key_of(timer: str) -> Key:
    """What a timer of this key is about."""
    room_id, seq, change_seq = timer.split(":")
    return room_id, int(seq), int(change_seq)
