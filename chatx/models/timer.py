"""Timers: what is due later. A row each, deleted in the transaction that does what it stands for, so that this happens once."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ColumnElement, Index, Integer, String, and_, delete, func, select, update
from sqlalchemy.orm import Mapped, mapped_column

from chatx.extensions import Model, db
from chatx.models.base import Id, Moment, insert_once, new_id
from chatx.models.bulk import upsert_all

# The session holds none of these rows.
UNSEEN = {"synchronize_session": False}


class Timer(Model):
    """One thing that is due. key: what it is about, once for each kind; data: only what cannot be looked up then.

    attempts: how often it failed. When it is due, a worker hands it to the function that is registered as `@due(kind)`.
    """

    __tablename__ = "timers"
    __table_args__ = (Index(None, "kind", "key", unique=True), Index(None, "kind", "due_at"))

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    kind: Mapped[str] = mapped_column(String(32))
    key: Mapped[str] = mapped_column(String(128))
    due_at: Mapped[datetime] = mapped_column(Moment)
    data: Mapped[dict[str, Any]] = mapped_column(JSON)
    attempts: Mapped[int] = mapped_column(Integer)

    @classmethod
    def set(cls, kind: str, key: str, due_at: datetime, data: dict[str, Any] | None = None) -> None:
        """Have it happen at that time, and no other time that was set before."""
        cls.set_all([Setting(kind, key, due_at, data or {})])

    @classmethod
    def set_all(cls, settings: Iterable["Setting"]) -> None:
        """The same for many, in one statement."""
        chosen = {(each.kind, each.key): each for each in settings}
        # In one order everywhere, so that two who set the same ones never wait for each other.
        upsert_all(cls, [chosen[place].row() for place in sorted(chosen)], on=("kind", "key"))
        if chosen:
            _note(min(each.due_at for each in chosen.values()))

    @classmethod
    def cancel(cls, kind: str, key: str) -> None:
        """Have it not happen."""
        cls.cancel_all(kind, [key])

    @classmethod
    def cancel_all(cls, kind: str, keys: Collection[str]) -> None:
        """The same for many. One that a worker works on now is not waited for: it waits for us, and looks what stands then."""
        if keys:
            free = select(cls.id).where(cls.kind == kind, cls.key.in_(keys)).with_for_update(skip_locked=True)
            _delete(db.session.scalars(free).all())

    @classmethod
    def ensure(cls, kind: str, due_at: datetime) -> None:
        """Have this kind happen at that time unless it is set already; for what comes again and again, and is one row."""
        insert_once(cls, Setting(kind, "", due_at).row())

    @classmethod
    def earliest(cls, kinds: Sequence[str]) -> dict[str, datetime]:
        """When the next one of each of these kinds is due, where there is one; in one query, however many wait."""
        if not kinds:
            return {}
        firsts = [select(func.min(cls.due_at)).where(cls.kind == kind).scalar_subquery() for kind in kinds]
        found = db.session.execute(select(*firsts)).one()
        return {kind: first for kind, first in zip(kinds, found, strict=True) if first is not None}

    @classmethod
    def take(cls, kind: str, now: datetime, most: int, keys: Collection[str] | None = None) -> list["Due"]:
        """Take those that are due off the table, the longest due first, or of those with these keys; others take others."""
        ripe: list[ColumnElement[bool]] = [cls.kind == kind, cls.due_at <= now]
        if keys is not None:
            ripe.append(cls.key.in_(keys))
        taken = cls._locked(most, *ripe)
        _delete([each.id for each in taken])
        return taken

    @classmethod
    def lease(cls, kind: str, now: datetime, most: int, until: datetime) -> list["Due"]:
        """Those that are due, which stay on the table and are nobody else's until then."""
        leased = cls._locked(most, cls.kind == kind, cls.due_at <= now)
        held = {"due_at": until, "attempts": cls.attempts + 1}
        db.session.execute(update(cls).where(cls.id.in_([each.id for each in leased])).values(held), execution_options=UNSEEN)
        return [replace(each, stands_at=until) for each in leased]

    @classmethod
    def take_leased(cls, leased: Sequence["Due"]) -> list["Due"]:
        """Take those of these off the table that are still ours: neither cancelled, nor set anew, nor leased by others since."""
        held = cls.due_at == leased[0].stands_at
        found = {each.id for each in cls._locked(len(leased), held, cls.id.in_([each.id for each in leased]))}
        _delete(found)
        return [each for each in leased if each.id in found]

    @classmethod
    def _locked(cls, most: int, *conditions: ColumnElement[bool]) -> list["Due"]:
        query = select(cls.id, cls.key, cls.due_at, cls.data, cls.attempts, cls.due_at).where(*conditions)
        query = query.order_by(cls.due_at).limit(most).with_for_update(skip_locked=True)
        return [Due(*row) for row in db.session.execute(query)]

    @classmethod
    def postpone(cls, due: "Due", until: datetime) -> None:
        """One that failed comes again then, unless somebody has set it anew meanwhile."""
        unchanged = and_(cls.id == due.id, cls.due_at == due.stands_at)
        postponed = {"due_at": until, "attempts": due.attempts + 1}
        db.session.execute(update(cls).where(unchanged).values(postponed), execution_options=UNSEEN)


@dataclass(frozen=True, slots=True)
class Setting:
    """A timer to set."""

    kind: str
    key: str
    due_at: datetime
    data: dict[str, Any] = field(default_factory=dict)

    def row(self) -> dict[str, Any]:
        row = {"id": new_id(), "kind": self.kind, "key": self.key, "due_at": self.due_at}
        return row | {"data": self.data, "attempts": 0}


@dataclass(frozen=True, slots=True)
class Due:
    """A timer that was taken, or leased; stands_at: what its row says then."""

    id: str
    key: str
    due_at: datetime
    data: dict[str, Any]
    attempts: int
    stands_at: datetime


def _delete(ids: Collection[str]) -> None:
    if ids:
        db.session.execute(delete(Timer).where(Timer.id.in_(ids)), execution_options=UNSEEN)


def _note(due_at: datetime) -> None:
    """For the worker of this process, which is told after the commit."""
    info = db.session.info
    info["due"] = min(info.get("due", due_at), due_at)
