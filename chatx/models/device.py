"""Devices: one signed-in client each, with the one refresh token that is still good."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import ForeignKey, Index, String, select, update
from sqlalchemy.orm import Mapped, mapped_column

from chatx.extensions import Model, db
from chatx.models.base import Id, Moment, new_id

SEEN_EVERY = timedelta(minutes=1)
# Nobody looks at the time again in the same transaction.
UNSEEN = {"synchronize_session": False}


class Device(Model):
    """A signed-in client. `refresh_id` names its unspent refresh token; a spent one that comes back revokes the device."""

    __tablename__ = "devices"
    __table_args__ = (Index(None, "user_id", "created_at"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    user_id: Mapped[str] = mapped_column(Id, ForeignKey("users.id"))
    name: Mapped[str] = mapped_column(String(64))
    refresh_id: Mapped[str] = mapped_column(Id, default=new_id)
    created_at: Mapped[datetime] = mapped_column(Moment)
    last_seen_at: Mapped[datetime] = mapped_column(Moment)
    revoked_at: Mapped[datetime | None] = mapped_column(Moment)

    @classmethod
    def sign_in(cls, user_id: str, name: str, now: datetime) -> "Device":
        """A new device of this person."""
        device = cls(id=new_id(), user_id=user_id, name=name, refresh_id=new_id(), created_at=now, last_seen_at=now)
        db.session.add(device)
        return device

    def revoke(self, now: datetime) -> None:
        """No token of it is good from the commit on."""
        self.revoked_at = now

    def spend_refresh(self) -> None:
        """The refresh token in use is spent; the next one has another name."""
        self.refresh_id = new_id()

    @classmethod
    def signed_in(cls, user_id: str) -> list["Device"]:
        """The person's devices that may act, oldest first."""
        query = select(cls).where(cls.user_id == user_id, cls.revoked_at.is_(None)).order_by(cls.created_at, cls.id)
        return list(db.session.scalars(query))

    @classmethod
    def of(cls, device_id: str) -> "Device | None":
        return db.session.get(cls, device_id)

    @classmethod
    def locked(cls, device_id: str) -> "Device | None":
        """The device with its row locked, so that of two refreshes with one token only one finds it unspent."""
        query = select(cls).where(cls.id == device_id).with_for_update(key_share=True)
        return db.session.scalar(query.execution_options(populate_existing=True))

    @classmethod
    def by_ids(cls, device_ids: Iterable[str]) -> dict[str, "Device"]:
        return {device.id: device for device in db.session.scalars(select(cls).where(cls.id.in_(list(device_ids))))}

    @classmethod
    def seen(cls, devices: Iterable["Device"], now: datetime) -> None:
        """Note that these acted, at most once a minute each."""
        due = [device.id for device in devices if now - device.last_seen_at >= SEEN_EVERY]
        if due:
            db.session.execute(update(cls).where(cls.id.in_(due)).values(last_seen_at=now), execution_options=UNSEEN)
