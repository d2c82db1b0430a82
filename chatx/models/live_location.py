"""Live locations: where one began and when it ends stands in the message, where its sender is now beside it, while it runs.

What stays when it has ended is the last position before. Nobody who does not hear the room sees more than where it began.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, delete, select, update
from sqlalchemy.orm import Mapped, mapped_column

from chatx.extensions import Model, db
from chatx.models.base import Id, in_json, moment
from chatx.models.bulk import insert_all
from chatx.models.content import Content, Data
from chatx.models.message import Message, Place
from chatx.models.part import PartOfMessage, at_places
from chatx.models.said import Said

POSITION = ("latitude", "longitude", "accuracy", "heading", "moved_at")


class LivePosition(PartOfMessage, Model):
    """Where somebody is: the latest position only, and only while their live location runs."""

    __tablename__ = "live_positions"

    room_id: Mapped[str] = mapped_column(Id, ForeignKey("rooms.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    user_id: Mapped[str] = mapped_column(Id)
    position: Mapped[dict[str, Any]] = mapped_column(JSON)


class LiveLocation(Content):
    type, timer = "live_location", "live_location:end"

    @classmethod
    def begin(cls, given: Data, sender_id: str, now: datetime) -> Data:
        ends_at = now + timedelta(seconds=given["seconds"])
        kept = {name: value for name, value in given.items() if name != "seconds"}
        return kept | {"moved_at": in_json(now), "ends_at": in_json(ends_at), "stopped_at": None}

    @classmethod
    def due_at(cls, data: Data, now: datetime) -> datetime | None:
        return moment(data["ends_at"])

    @classmethod
    def keep_all(cls, said: Sequence[Said]) -> None:
        super().keep_all(said)
        rows = [
            {"room_id": one.room_id, "seq": one.seq, "user_id": one.sender_id, "position": _position(one.data)} for one in said
        ]
        insert_all(LivePosition, rows)

    @classmethod
    def look_up(cls, places: Collection[Place]) -> Mapping[Place, Data]:
        running = db.session.execute(
            select(LivePosition.room_id, LivePosition.seq, LivePosition.position).where(at_places(LivePosition, places))
        )
        return {(room_id, seq): position for room_id, seq, position in running}

    @classmethod
    def show(cls, data: Data, found: Data | None) -> Data:
        return data | (found or {})

    @classmethod
    def left(cls, message: Any) -> Data:
        """Moving is told to those who hear the room, and takes no seq: the others have never learned of it."""
        kept: Data = message.data
        return kept

    @classmethod
    def ended_at(cls, message: Message, now: datetime) -> datetime | None:
        """When it was stopped, or its time was over although no worker has noted it yet; None while it runs."""
        if message.data["stopped_at"] is not None:
            return moment(message.data["stopped_at"])
        ends_at = moment(message.data["ends_at"])
        return ends_at if ends_at <= now else None

    @classmethod
    def move(cls, message: Message, position: Data, now: datetime) -> None:
        """Its sender is there now."""
        moved = position | {"moved_at": in_json(now)}
        here = (LivePosition.room_id == message.room_id, LivePosition.seq == message.seq)
        db.session.execute(update(LivePosition).where(*here).values(position=moved))

    @classmethod
    def stop(cls, message: Message, now: datetime, change_seq: int) -> None:
        """It runs no more; what stays is the last position."""
        cls.unset_timer(message)
        at = cls.ended_at(message, now) or now
        cls.change(message, change_seq, **_position(message.shown), stopped_at=in_json(at))
        here = (LivePosition.room_id == message.room_id, LivePosition.seq == message.seq)
        db.session.execute(delete(LivePosition).where(*here))

    @classmethod
    def shown_by(cls, user_id: str, room_id: str) -> list[Place]:
        """What this person shows in a room now."""
        query = select(LivePosition.seq).where(LivePosition.room_id == room_id, LivePosition.user_id == user_id)
        return [(room_id, seq) for seq in db.session.scalars(query.order_by(LivePosition.seq))]


def _position(data: Data) -> Data:
    return {name: data[name] for name in POSITION}
