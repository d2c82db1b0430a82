"""Expiry: which messages are overdue, and emptying many of them at once.

A batch names rooms and the spans in which something of them is due, never each message: so its statements stay short.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, delete, exists, func, or_, select, update
from sqlalchemy.dialects.postgresql import aggregate_order_by

from chatx.extensions import db
from chatx.models.bulk import spread
from chatx.models.content import Content
from chatx.models.message import NOTHING, Message
from chatx.models.part import PartOfMessage
from chatx.models.room import Room

# The session holds none of these rows.
UNSEEN = {"synchronize_session": False}


class Overdue(NamedTuple):
    """What of a room is to be emptied: all that was to last until then at most; how many messages of which types that are."""

    room_id: str
    until: datetime
    number: int
    types: frozenset[str]


def go_by_index() -> None:
    """On PostgreSQL, for this transaction: rooms are found by index, where its statistics would have it read all messages."""
    if db.engine.dialect.name == "postgresql":
        db.session.execute(select(func.set_config("enable_seqscan", "off", True)))


def overdue_in(room_ids: Collection[str], now: datetime, most: int) -> list[Overdue]:
    """What of these rooms is to be emptied by now, about so many messages at most: room after room, the longest overdue first."""
    some = select(Message.room_id, Message.type, Message.expires_at)
    some = some.where(Message.room_id.in_(room_ids), Message.expires_at <= now)
    each = some.order_by(Message.room_id, Message.expires_at).limit(most).subquery().c
    alike = select(each.room_id, func.max(each.expires_at), func.count(), each.type).group_by(each.room_id, each.type)
    found: dict[str, Overdue] = {}
    for room_id, until, number, kind in db.session.execute(alike):
        other = found.get(room_id, Overdue(room_id, until, 0, frozenset()))
        found[room_id] = Overdue(room_id, max(until, other.until), number + other.number, other.types | {kind})
    return list(found.values())


class Emptied(NamedTuple):
    """What of a room was emptied: which messages, in their order, and when the first of them was to be."""

    room_id: str
    seqs: list[int]
    due_at: datetime


def empty_all(overdue: Sequence[Overdue]) -> list[Emptied]:
    """Leave tombstones, as `Message.erase` does one by one; what that was of each room."""
    if not overdue:
        return []
    these = _any(_until, (Message.room_id, Message.expires_at), [(some.room_id, some.until) for some in overdue])
    # Mostly nothing is among it that has a timer.
    if any(some.types & Content.known.keys() for some in overdue):
        timed = select(Message.room_id, Message.seq, Message.type).where(these, Message.type.in_(Content.known))
        Content.unset_timers(db.session.execute(timed))
    values: dict[str, Any] = {**NOTHING, "deleted_at": Message.expires_at}
    table = Message.__table__  # so that no row passes the session, which takes as long as emptying it
    emptied = update(table).where(these).values(values).returning(table.c.room_id, table.c.seq, table.c.deleted_at)  # type: ignore[arg-type]
    rooms = _by_room(emptied)
    _erase_parts(rooms)
    return rooms


def _by_room(emptied: Any) -> list[Emptied]:
    """PostgreSQL makes one row of a room: thousands of them take longer to read than to make."""
    if db.engine.dialect.name == "postgresql":
        gone = emptied.cte("gone").c
        seqs = func.array_agg(aggregate_order_by(gone.seq, gone.seq.asc()))
        return [
            Emptied(*row)
            for row in db.session.execute(select(gone.room_id, seqs, func.min(gone.deleted_at)).group_by(gone.room_id))
        ]
    rooms: dict[str, list[tuple[int, datetime]]] = defaultdict(list)
    for room_id, seq, due_at in db.session.execute(emptied):
        rooms[room_id].append((seq, due_at))
    return [Emptied(room_id, sorted(seq for seq, _ in some), min(at for _, at in some)) for room_id, some in rooms.items()]


def next_expiries(room_ids: Iterable[str], after: datetime) -> dict[str, datetime]:
    """When the next message of each of these rooms expires, where one does; each found from the beginning of its own."""
    first = select(func.min(Message.expires_at)).where(Message.room_id == Room.id, Message.expires_at > after).scalar_subquery()
    found = db.session.execute(select(Room.id, first).where(Room.id.in_(room_ids)))
    return {room_id: at for room_id, at in found if at is not None}


def _erase_parts(rooms: Sequence[Emptied]) -> None:
    """Delete what is about these messages. They are many, and stand close together: so by the spans in which they do.

    A span may hold what lasts as well. Of most tables nothing stands there at all, which one look tells.
    """
    if not rooms:
        return
    spans = [(room.room_id, room.seqs[0], room.seqs[-1]) for room in rooms]
    for table in PartOfMessage.tables:
        table.hold([room.room_id for room in rooms])
    columns = (Message.room_id, Message.seq, Message.seq)
    there = {table: _any(partial(_between, table), columns, spans) for table in PartOfMessage.tables}
    found = db.session.execute(select(*(exists().where(condition) for condition in there.values()))).one()
    for (table, condition), anything in zip(there.items(), found, strict=True):
        if anything:
            deleted = exists().where(Message.room_id == table.room_id, Message.seq == table.seq, Message.deleted_at.is_not(None))
            db.session.execute(delete(table).where(condition, deleted), execution_options=UNSEEN)


def _any(condition: Callable[..., ColumnElement[bool]], columns: Sequence[Any], rows: Sequence[Any]) -> ColumnElement[bool]:
    """That the condition holds for any of these rows."""
    return or_(*(condition(*row) for row in spread(columns, rows)))


def _until(room_id: Any, until: Any) -> ColumnElement[bool]:
    return and_(Message.room_id == room_id, Message.expires_at <= until)


def _between(table: Any, room_id: Any, low: Any, high: Any) -> ColumnElement[bool]:
    return and_(table.room_id == room_id, table.seq.between(low, high))
