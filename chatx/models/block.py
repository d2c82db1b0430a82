"""Blocks: whom a person does not want to hear. What that does to a room stands in its memberships."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, func, select
from sqlalchemy.orm import Mapped, mapped_column

from chatx.extensions import Model, db
from chatx.models.base import Id, Moment
from chatx.models.user import User


class Block(Model):
    """Someone whom a person, the owner, has blocked. Written under the lock of the owner's feed only."""

    __tablename__ = "blocks"

    owner_id: Mapped[str] = mapped_column(Id, ForeignKey("users.id"), primary_key=True)
    user_id: Mapped[str] = mapped_column(Id, ForeignKey("users.id"), primary_key=True)
    created_at: Mapped[datetime] = mapped_column(Moment)

    name_of_one = "block"

    def beside(self, user: User) -> dict[str, Any]:
        """As it is shown, beside the person it is about."""
        return {"user_id": user.id, "created_at": self.created_at, "user": user}

    @classmethod
    def put(cls, owner_id: str, user_id: str, now: datetime) -> "Block":
        block = cls(owner_id=owner_id, user_id=user_id, created_at=now)
        db.session.add(block)
        return block

    def lift(self) -> None:
        db.session.delete(self)

    @classmethod
    def count(cls, owner_id: str) -> int:
        return db.session.scalar(select(func.count()).where(cls.owner_id == owner_id)) or 0

    @classmethod
    def of(cls, owner_id: str, user_id: str) -> "Block | None":
        return db.session.get(cls, (owner_id, user_id))

    @classmethod
    def who_block(cls, user_id: str, people: Iterable[str]) -> set[str]:
        """Those of these people who have blocked this one; read once their feeds are locked."""
        query = select(cls.owner_id).where(cls.owner_id.in_(list(people)), cls.user_id == user_id)
        return set(db.session.scalars(query))

    @classmethod
    def page(cls, owner_id: str, after: str | None, limit: int) -> list[tuple["Block", User]]:
        """Blocks with their people, by user name."""
        query = select(cls, User).join(User, User.id == cls.user_id).where(cls.owner_id == owner_id)
        if after:
            query = query.where(User.username > after)
        return [(block, user) for block, user in db.session.execute(query.order_by(User.username).limit(limit))]
