"""The database behind a server, where a test cannot wait: messages said long ago, and all that is stored anywhere."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import sqlalchemy as sa

from chatx.models import Message
from config import database_url
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
