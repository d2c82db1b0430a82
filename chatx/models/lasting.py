"""How long messages of a room last, and the one timer that has them expire."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import JSON
from sqlalchemy.orm import Mapped, mapped_column

from chatx.models.base import Moment
from chatx.models.timer import Setting, Timer

EXPIRY = "message:expire"


class Lasting:
    """A room, as far as its messages expire. next_expiry_at: what its timer is set to; None: it has none."""

    id: Mapped[str]
    settings: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    next_expiry_at: Mapped[datetime | None] = mapped_column(Moment)

    expects_sooner = False

    @property
    def expire_seconds(self) -> int | None:
        """For how long new messages last; None: for ever."""
        seconds: int | None = self.settings.get("expire_seconds")
        return seconds

    def expiry(self, now: datetime, at_most: int | None = None) -> datetime | None:
        """When a message expires that is said here now, and lasts for so many seconds at most; None: never."""
        seconds = min(filter(None, (self.expire_seconds, at_most)), default=None)
        if seconds is None:
            return None
        self.expect(now + timedelta(seconds=seconds))
        return now + timedelta(seconds=seconds)

    def expect(self, at: datetime) -> None:
        """Something expires then. A timer that is due sooner finds it too, so that few messages set one."""
        if self.next_expiry_at is None or at < self.next_expiry_at:
            self.next_expiry_at, self.expects_sooner = at, True

    @classmethod
    def set_timers(cls, rooms: Iterable["Lasting"]) -> None:
        """Have their messages expire in time."""
        Timer.set_all(Setting(EXPIRY, room.id, room.next_expiry_at) for room in rooms if room.next_expiry_at is not None)
