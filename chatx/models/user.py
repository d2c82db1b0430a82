"""People, and who they keep as contacts."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Boolean, ForeignKey, String, bindparam, func, select, true
from sqlalchemy.orm import Mapped, mapped_column

from chatx.extensions import Model, db
from chatx.models.base import Id, Moment, insert_once, new_id
from chatx.models.feed import Audience, Feed, lock
from config import SETTINGS


class User(Feed, Model):
    """A person. Their private feed is heard by their own devices only."""

    __tablename__ = "users"

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    username: Mapped[str] = mapped_column(String(32), unique=True)
    password_hash: Mapped[str] = mapped_column(String(255))
    display_name: Mapped[str] = mapped_column(String(64))
    about: Mapped[str] = mapped_column(String(500), default="")
    avatar: Mapped[str | None] = mapped_column(Id)
    created_at: Mapped[datetime] = mapped_column(Moment)
    read_receipts: Mapped[bool] = mapped_column(Boolean, default=True, server_default=true())
    keep_archived: Mapped[bool] = mapped_column(Boolean, default=True, server_default=true())
    link_previews: Mapped[bool] = mapped_column(Boolean, default=True, server_default=true())

    name = "me"

    def audience(self) -> Audience:
        return Audience.own(self.id)

    @classmethod
    def sign_up(cls, username: str, password_hash: str, display_name: str, now: datetime) -> "User | None":
        """A new person, their feed locked; None when the user name is taken, also by a call that runs at this moment."""
        row: dict[str, Any] = {"id": new_id(), "username": username.lower(), "password_hash": password_hash}
        row |= {
            "display_name": display_name,
            "about": "",
            "created_at": now,
            "read_receipts": True,
            "link_previews": True,
            "seq": 0,
            "floor": 0,
        } | SETTINGS
        if not insert_once(cls, row):
            return None
        return lock(cls, [row["id"]])[0]

    @classmethod
    def named(cls, username: str) -> "User | None":
        """The person of exactly this user name, whatever its case."""
        return db.session.scalar(select(cls).where(cls.username == username.lower()))

    @classmethod
    def by_ids(cls, ids: Iterable[str]) -> dict[str, "User"]:
        """Those of these people who exist, by id, in one query."""
        wanted = list(set(ids))
        return {user.id: user for user in db.session.scalars(_BY_IDS, {"ids": wanted})} if wanted else {}

    @classmethod
    def discreet(cls, ids: Iterable[str]) -> set[str]:
        """Those of these people who do not tell that they read, and so are not told, in one query."""
        wanted = set(ids)
        if not wanted:
            return set()
        return set(db.session.scalars(select(cls.id).where(cls.id.in_(wanted), ~cls.read_receipts)))

    @classmethod
    def who_keep_links(cls, ids: Iterable[str]) -> set[str]:
        """Those of these people whose links are not to be looked up, in one query."""
        wanted = set(ids)
        if not wanted:
            return set()
        return set(db.session.scalars(select(cls.id).where(cls.id.in_(wanted), ~cls.link_previews)))


_BY_IDS = select(User).where(User.id.in_(bindparam("ids")))


class Contact(Model):
    """Someone a person keeps, perhaps under a name of their own."""

    __tablename__ = "contacts"

    owner_id: Mapped[str] = mapped_column(Id, ForeignKey("users.id"), primary_key=True)
    user_id: Mapped[str] = mapped_column(Id, ForeignKey("users.id"), primary_key=True)
    name: Mapped[str | None] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(Moment)

    name_of_one = "contact"

    def beside(self, user: User) -> dict[str, Any]:
        """As it is shown, beside the person it is about."""
        return {"user_id": user.id, "name": self.name, "created_at": self.created_at, "user": user}

    @classmethod
    def keep(cls, owner_id: str, user_id: str, name: str | None, now: datetime) -> "Contact":
        """Keep someone, or give them another name."""
        contact = cls.of(owner_id, user_id)
        if contact is None:
            contact = cls(owner_id=owner_id, user_id=user_id, created_at=now)
            db.session.add(contact)
        contact.name = name
        return contact

    def let_go(self) -> None:
        db.session.delete(self)

    @classmethod
    def count(cls, owner_id: str) -> int:
        return db.session.scalar(select(func.count()).where(cls.owner_id == owner_id)) or 0

    @classmethod
    def of(cls, owner_id: str, user_id: str) -> "Contact | None":
        return db.session.get(cls, (owner_id, user_id))

    @classmethod
    def page(cls, owner_id: str, prefix: str | None, after: str | None, limit: int) -> list[tuple["Contact", User]]:
        """Contacts with their people, by user name, those whose user name begins with `prefix` where given."""
        query = select(cls, User).join(User, User.id == cls.user_id).where(cls.owner_id == owner_id)
        if prefix:
            query = query.where(User.username.startswith(prefix.lower(), autoescape=True))
        if after:
            query = query.where(User.username > after)
        return [(contact, user) for contact, user in db.session.execute(query.order_by(User.username).limit(limit))]
