"""The database behind a server, where a test cannot wait: messages said long ago, and all that is stored anywhere."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from chatx.models import Message, Room, SearchEntry, SearchMark, SearchSlice, Timer
from chatx.models.base import Id, new_id
from chatx.models.lasting import EXPIRY
from settings import database_url
from tests.support.server import Server


@contextmanager
def connected(server: Server) -> Iterator[sa.Connection]:
    engine = sa.create_engine(database_url(server.environ["CHATX_DATABASE_URL"]))
    try:
        with engine.begin() as connection:
            yield connection
    finally:
        engine.dispose()


def make_older(server: Server, room_id: str, seq: int, seconds: int) -> None:
    """Have a message been said that much earlier, also for the search index, if it is there already."""
    with connected(server) as connection:
        # Whoever takes it in at this moment is waited for, or waits.
        connection.execute(sa.update(SearchMark).where(SearchMark.room_id == room_id).values(seq=SearchMark.seq))
        said = sa.and_(Message.room_id == room_id, Message.seq == seq)
        created_at = connection.scalar(sa.select(Message.created_at).where(said))
        earlier = created_at - timedelta(seconds=seconds)
        connection.execute(sa.update(Message).where(said).values(created_at=earlier))
        entry = SearchEntry.row(connection.execute(sa.select(Message.__table__).where(said)).one())
        there = sa.and_(SearchEntry.room_id == room_id, SearchEntry.seq == seq)
        connection.execute(sa.update(SearchEntry).where(there).values(at=entry["at"], grams=entry["grams"]))
        later = sa.and_(SearchSlice.room_id == room_id, SearchSlice.first_at > earlier)
        connection.execute(sa.update(SearchSlice).where(later).values(first_at=earlier))


def let_last(server: Server, room_id: str, seconds: int) -> None:
    """Have new messages of a room, whose timer is on, last for so short a time."""
    with connected(server) as connection:
        settings = connection.scalar(sa.select(Room.settings).where(Room.id == room_id))
        assert settings["expire_seconds"], "the timer is on, or processes take its messages for lasting ones"
        shorter = settings | {"expire_seconds": seconds}
        connection.execute(sa.update(Room).where(Room.id == room_id).values(settings=shorter))


def make_overdue(server: Server, room_id: str, *seqs: int) -> datetime:
    """Have the time of messages be over, while no worker knows of it; when it ended."""
    now = datetime.now(UTC)
    over = now.replace(microsecond=now.microsecond // 1_000 * 1_000) - timedelta(seconds=1)
    with connected(server) as connection:
        these = sa.and_(Message.room_id == room_id, Message.seq.in_(seqs))
        connection.execute(sa.update(Message).where(these).values(expires_at=over))
    return over


def let_expire(server: Server, room_id: str, *seqs: int) -> datetime:
    """Have the time of messages be over, and a worker told so; when it ended."""
    over = make_overdue(server, room_id, *seqs)
    timer = {"id": new_id(), "kind": EXPIRY, "key": room_id, "due_at": over, "data": {}, "attempts": 0}
    with connected(server) as connection:
        connection.execute(sa.delete(Timer).where(Timer.kind == EXPIRY, Timer.key == room_id))
        connection.execute(sa.insert(Timer).values(timer))
    return over


def rows_about(server: Server, table: str, room_id: str) -> list[Any]:
    """The rows of a table that are about this room, or about something in it."""
    with connected(server) as connection:
        rows = sa.Table(table, sa.MetaData(), autoload_with=connection)
        about = rows.c.key.startswith(room_id) if table == "timers" else rows.c.room_id == sa.literal(room_id, Id)
        return list(connection.execute(sa.select(rows).where(about)))


def stored_words(server: Server, pattern: str) -> set[str]:
    """All that fits this pattern, in any column of any row of any table that there is."""
    found: set[str] = set()
    with connected(server) as connection:
        for table in sa.inspect(connection).get_table_names():
            rows = connection.execute(sa.text(f'SELECT * FROM "{table}"'))
            for row in rows:
                found.update(re.findall(pattern, " ".join(_readable(value) for value in row)))
    return found


def _readable(value: object) -> str:
    return bytes(value).decode("latin-1") if isinstance(value, bytes | memoryview) else str(value)
