"""What hangs on a message: rows of other tables that are about it, and go when it is deleted for everybody."""

from typing import Any, ClassVar

from sqlalchemy import delete
from sqlalchemy.orm import Mapped

from chatx.extensions import db


class PartOfMessage:
    """A row that stands beside a message under the same room_id and seq; each table of such rows is erased with it."""

    tables: ClassVar[list[type["PartOfMessage"]]] = []

    room_id: Mapped[str]
    seq: Mapped[int]

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        PartOfMessage.tables.append(cls)

    @classmethod
    def erase(cls, room_id: str, seq: int) -> None:
        """Delete the rows of all such tables that are about this message."""
        for table in cls.tables:
            table.forget(room_id, seq)

    @classmethod
    def forget(cls, room_id: str, seq: int) -> None:
        """Delete the rows of this table that are about this message."""
        db.session.execute(delete(cls).where(cls.room_id == room_id, cls.seq == seq))
