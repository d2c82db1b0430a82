"""How long a message lasts: until it expires or is deleted, and longer where somebody keeps it."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, ColumnElement, and_, or_, text
from sqlalchemy.orm import Mapped, mapped_column

from chatx.models.base import Moment, in_json, moment

EXPIRES = text("expires_at IS NOT NULL")


class Expiring:
    """A message, as far as it ends.

    expires_at: when it is emptied; null also while it is kept, and then `kept` knows it. An overdue one is never loaded but as
    its tombstone, whether a worker was there already or not.
    """

    deleted_at: Mapped[datetime | None] = mapped_column(Moment)
    expires_at: Mapped[datetime | None] = mapped_column(Moment)
    kept: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))

    @property
    def kept_by(self) -> str | None:
        """Who asked to keep it, so that it does not expire."""
        by: str | None = self.kept["by"] if self.kept is not None else None
        return by

    @classmethod
    def stands(cls) -> ColumnElement[bool]:
        """The condition that it is neither deleted nor overdue."""
        return and_(cls.deleted_at.is_(None), or_(cls.expires_at.is_(None), cls.expires_at > datetime.now(UTC)))

    def keep(self, user_id: str, change_seq: int) -> None:
        """Have it not expire, by the change that takes this seq."""
        assert self.expires_at is not None
        self.kept = {"by": user_id, "expires_at": in_json(self.expires_at), "seq": change_seq, "refused": False}
        self.expires_at = None

    def let_go(self, *, refused: bool) -> datetime:
        """Have it expire when it was to; refused: who said it wants nobody else to keep it again."""
        assert self.kept is not None
        self.expires_at = moment(self.kept["expires_at"])
        self.kept = {**self.kept, "by": None, "refused": True} if refused else None
        return self.expires_at
