"""Whether this process can serve: its database and its Redis answer, and it is not going away."""

import threading
from collections.abc import Callable

from redis import RedisError
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from chatx.dispatch.transaction import in_snapshot
from chatx.errors import Unavailable
from chatx.extensions import db, redis

_going = threading.Event()


def drain() -> None:
    """From now on this process is not ready, so that no new client is sent to it."""
    _going.set()


def health() -> dict[str, str]:
    """{"status": ok, unavailable or draining, "database": …, "redis": …}; nothing about why, which is in the logs."""
    state = {"database": _answers(_ask_database), "redis": _answers(_ask_redis) if redis.client else "none"}
    status = "draining" if _going.is_set() else "unavailable" if "lost" in state.values() else "ok"
    return {"status": status, **state}


def _answers(ask: Callable[[], None]) -> str:
    try:
        ask()
        return "ok"
    except (SQLAlchemyError, RedisError, Unavailable):
        return "lost"


def _ask_database() -> None:
    in_snapshot(lambda: db.session.execute(text("SELECT 1")))


def _ask_redis() -> None:
    assert redis.client is not None
    redis.client.ping()
