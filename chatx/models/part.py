"""What hangs on a message: rows of other tables that are about it, and go when it is deleted for everybody."""

from collections.abc import Collection
from typing import Any, ClassVar

from sqlalchemy import ColumnElement, and_, delete, or_
from sqlalchemy.orm import Mapped, mapped_column

from chatx.extensions import db
from chatx.models.base import Id
from chatx.models.membership import Membership


class PartOfMessage:
    """A row that stands beside a message under the same room_id and seq; each table of such rows is erased with it."""

    tables: ClassVar[list[type["PartOfMessage"]]] = []

    room_id: Mapped[str]
    seq: Mapped[int]

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "__tablename__" in cls.__dict__:
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


class SharedPart(PartOfMessage):
    """One that the members hear of, by the change at `change_seq`.

    only_for: the one person who sees it; None for all. Whoever blocks the other one of a direct room is deaf to them, and they
    must not notice: what they do meanwhile is theirs alone, and what they undo stays for the blocker.
    """

    change_seq: Mapped[int]
    only_for: Mapped[str | None] = mapped_column(Id)

    @classmethod
    def is_for(cls, user_id: str) -> ColumnElement[bool]:
        """The condition that this person sees it where they see what happens in the room."""
        return or_(cls.only_for.is_(None), cls.only_for == user_id)

    @classmethod
    def seen_in(cls, stay: Membership) -> ColumnElement[bool]:
        """The condition that this person sees it if they see its message: who has left sees no more of what came later."""
        mine = and_(cls.room_id == stay.room_id, cls.is_for(stay.user_id))
        return mine if stay.left_seq is None else and_(mine, cls.change_seq <= stay.left_seq)

    def withdraw(self, deaf: str | None) -> bool:
        """Take it away, but not from the one of a pair who is deaf to it; whether nothing of it is left."""
        gone = deaf is None or self.only_for not in (None, deaf)
        if gone:
            db.session.delete(self)
        else:
            self.only_for = deaf
        return gone


def at_places(table: type[PartOfMessage], places: Collection[tuple[str, int]]) -> ColumnElement[bool]:
    """The condition that a row is about one of these messages, which are at least one."""
    by_room: dict[str, list[int]] = {}
    for room_id, seq in places:
        by_room.setdefault(room_id, []).append(seq)
    return or_(*(and_(table.room_id == room_id, table.seq.in_(seqs)) for room_id, seqs in by_room.items()))
