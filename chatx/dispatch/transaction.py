"""Where transactions begin and end: the only commit of a call stands here."""

import threading
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any, TypeVar

from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from chatx.errors import Unavailable
from chatx.extensions import alarm, db

T = TypeVar("T")

ATTEMPTS = 4
# PostgreSQL: serialization_failure, deadlock_detected, and unique_violation, which here means that another transaction
# took the key a moment before. Nothing was changed, so the call may simply run again, and finds it taken.
TRANSIENT = ("40001", "40P01", "23505")

# SQLite has one writer: two transactions of this process would wait for each other inside its C code, for ever.
_one_writer = threading.Lock()


def in_snapshot(question: Callable[[], T]) -> T:
    """Run a question in one read-only snapshot of the database."""
    postgres = db.engine.dialect.name == "postgresql"
    options: dict[str, Any] = {"isolation_level": "REPEATABLE READ"} if postgres else {"chatx_reads": True}
    for left in reversed(range(ATTEMPTS)):
        try:
            db.session.connection(execution_options=options)
            return question()
        except (DBAPIError, PoolTimeout) as error:
            if _has_lost_its_connection(error) and left:
                continue
            if _is_lost(error):
                raise Unavailable("The database does not answer.", retry_after=1) from error
            raise
        finally:
            db.session.close()
    raise AssertionError("unreachable")


def in_transaction(attempt: Callable[[], T]) -> T:
    """Run a change and commit it, again when it lost against another one; raising anything undoes all of it."""
    for left in reversed(range(ATTEMPTS)):
        committing = False
        try:
            with _one_writer if db.engine.dialect.name == "sqlite" else nullcontext():
                try:
                    result = attempt()
                    db.session.flush()
                    committing = True
                    db.session.commit()
                    if (due_at := db.session.info.get("due")) is not None:
                        alarm.ring(due_at)
                    return result
                finally:
                    db.session.info.clear()
                    db.session.close()
        except (DBAPIError, PoolTimeout) as error:
            # A connection that was lost before the commit has changed nothing; after it, only the caller can tell.
            again = _is_transient(error) or (_has_lost_its_connection(error) and not committing)
            if again and left:
                continue
            if again or _is_lost(error):
                raise Unavailable("The database does not answer.", retry_after=1) from error
            raise
    raise AssertionError("unreachable")


def _is_lost(error: DBAPIError | PoolTimeout) -> bool:
    return isinstance(error, OperationalError | PoolTimeout) or error.connection_invalidated


def _has_lost_its_connection(error: DBAPIError | PoolTimeout) -> bool:
    return isinstance(error, DBAPIError) and error.connection_invalidated


def _is_transient(error: DBAPIError | PoolTimeout) -> bool:
    return isinstance(error, DBAPIError) and getattr(error.orig, "pgcode", None) in TRANSIENT
