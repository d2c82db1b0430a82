"""What messages that go on to change showed before, kept for those who hear their room no more (`left` tells them)."""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, and_, func, or_, select
from sqlalchemy.orm import Mapped, mapped_column

from chatx.extensions import Model, db
from chatx.models.base import Id
from chatx.models.membership import Membership
from chatx.models.part import PartOfMessage

Place = tuple[str, int]  # (room id, seq)


class Version(PartOfMessage, Model):
    """What a message showed until the change at `change_seq`."""

    __tablename__ = "message_versions"

    room_id: Mapped[str] = mapped_column(Id, ForeignKey("rooms.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    change_seq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    data: Mapped[dict[str, Any]] = mapped_column(JSON)

    @classmethod
    def keep(cls, place: Place, change_seq: int, data: dict[str, Any]) -> None:
        """Keep what is replaced by this change, if somebody may see the message who has not heard the last change of it."""
        room_id, seq = place
        last_end = Membership.last_end(room_id)
        if last_end is None or last_end < seq:
            return
        kept = select(func.max(cls.change_seq)).where(cls.room_id == room_id, cls.seq == seq)
        if (db.session.scalar(kept) or 0) <= last_end:
            db.session.add(cls(room_id=room_id, seq=seq, change_seq=change_seq, data=data))

    @classmethod
    def after(cls, ends: Mapping[str, int], places: Iterable[Place]) -> dict[Place, dict[str, Any]]:
        """What these messages showed at the ends of somebody's stays (by room id), where they have changed since."""
        wanted = [
            and_(cls.room_id == room_id, cls.seq == seq, cls.change_seq > ends[room_id]) for room_id, seq in sorted(set(places))
        ]
        if not wanted:
            return {}
        query = select(cls).where(or_(*wanted)).order_by(cls.change_seq.desc())
        return {(version.room_id, version.seq): version.data for version in db.session.scalars(query)}
