"""The database behind a server, where a test cannot wait: messages said long ago, and all that is stored anywhere."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from chatx.models import Message
from chatx.models.base import Id
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
    """Have a message been said that much earlier."""
    with connected(server) as connection:
        said = sa.and_(Message.room_id == room_id, Message.seq == seq)
        created_at = connection.scalar(sa.select(Message.created_at).where(said))
        earlier = created_at - timedelta(seconds=seconds)
        connection.execute(sa.update(Message).where(said).values(created_at=earlier))


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
