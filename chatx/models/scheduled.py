"""Scheduled messages: what people want to say later, known to nobody else until then."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, func, select, tuple_
from sqlalchemy.orm import Mapped, mapped_column

from chatx.extensions import Model, db
from chatx.models.base import Id, Moment

KIND = "scheduled:send"
PLACE = ("room_id", "client_id")  # of what is asked, what is not content


class Scheduled(Model):
    """One message, gone when it was said; it then has this id as its client_id, so that it is said once.

    content: what `message:send` is asked, but for the room and the client_id. refusal: the error, if it could not be said when it
    was due. Its row is locked before any feed, since a worker does so.
    """

    __tablename__ = "scheduled_messages"
    __table_args__ = (Index(None, "user_id", "at"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    user_id: Mapped[str] = mapped_column(Id, ForeignKey("users.id"))
    room_id: Mapped[str] = mapped_column(Id, ForeignKey("rooms.id"))
    at: Mapped[datetime] = mapped_column(Moment)
    content: Mapped[dict[str, Any]] = mapped_column(JSON)
    # JSON's own null would be another one than the database's.
    refusal: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))

    @property
    def shown(self) -> dict[str, Any]:
        """As its author sees it."""
        state = "waiting" if self.refusal is None else "refused"
        return shown(self.id, self.room_id, self.at, self.content, state, self.refusal)

    def asked(self, **changes: Any) -> dict[str, Any]:
        """It as `message:send` is asked, perhaps changed; what it has not is left out."""
        given = {name: value for name, value in (self.content | changes).items() if value is not None}
        return given | {"room_id": self.room_id, "client_id": self.id}

    def become(self, asked: dict[str, Any]) -> bool:
        """Whether what `message:send` is asked is something else than before."""
        before, self.content = self.content, {name: value for name, value in asked.items() if name not in PLACE}
        return before != self.content

    @classmethod
    def of(cls, user_id: str, scheduled_id: str) -> "Scheduled | None":
        """One of this person's."""
        return cls.of_all(user_id, [scheduled_id]).get(scheduled_id)

    @classmethod
    def of_all(cls, user_id: str, ids: Iterable[str]) -> dict[str, "Scheduled"]:
        """Those of these that are this person's and stand, by id, in one query."""
        wanted = list(ids)
        if not wanted:
            return {}
        mine = select(cls).where(cls.id.in_(wanted), cls.user_id == user_id)
        return {each.id: each for each in db.session.scalars(mine)}

    @classmethod
    def locked(cls, ids: Iterable[str]) -> dict[str, "Scheduled"]:
        """Those of these that stand, locked until the commit, by id."""
        query = select(cls).where(cls.id.in_(list(ids))).order_by(cls.id).with_for_update()
        return {each.id: each for each in db.session.scalars(query.execution_options(populate_existing=True))}

    @classmethod
    def keep(cls, scheduled_id: str, user_id: str, room_id: str, at: datetime, content: dict[str, Any]) -> "Scheduled":
        """Want to say this then."""
        scheduled = cls(id=scheduled_id, user_id=user_id, room_id=room_id, at=at, content=content, refusal=None)
        db.session.add(scheduled)
        return scheduled

    def let_go(self) -> None:
        db.session.delete(self)

    @classmethod
    def count(cls, user_id: str) -> int:
        return db.session.scalar(select(func.count()).where(cls.user_id == user_id)) or 0

    @classmethod
    def page(cls, user_id: str, room_id: str | None, after: tuple[datetime, str] | None, limit: int) -> list["Scheduled"]:
        """What this person wants to say, in one room or in all, the next one first."""
        query = select(cls).where(cls.user_id == user_id)
        if room_id is not None:
            query = query.where(cls.room_id == room_id)
        if after:
            query = query.where(tuple_(cls.at, cls.id) > after)
        return list(db.session.scalars(query.order_by(cls.at, cls.id).limit(limit)))


def shown(
    scheduled_id: str,
    room_id: str,
    at: datetime,
    content: dict[str, Any],
    state: str,
    refusal: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """One as its author sees it, or saw it."""
    return content | {"id": scheduled_id, "room_id": room_id, "at": at, "state": state, "refusal": refusal}


def timer_key(user_id: str, scheduled_id: str) -> str:
    return f"{user_id}:{scheduled_id}"


def key_of(timer: str) -> tuple[str, str]:
    """Whose it is, and which one, that a timer is about."""
    user_id, _, scheduled_id = timer.partition(":")
    return user_id, scheduled_id
