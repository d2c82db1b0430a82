"""A connection of its own for statements that are transactions of their own: nothing is begun, reset or asked around them."""

from collections.abc import Callable
from typing import Any, TypeVar

import psycopg2
from flask import Flask
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from chatx.extensions import db

T = TypeVar("T")


class Line:
    """Keeps one connection to PostgreSQL beside the pool, and what is prepared on it, as long as it works."""

    def __init__(self, app: Flask) -> None:
        with app.app_context():
            self._engine = db.engine
        self._kept: list[tuple[Any, set[str]]] = []

    def once(self, prepare: str, run: Callable[[Any], T]) -> T | None:
        """Run a statement; None where it came to nothing, which then has changed nothing.

        prepare: the PREPARE of it, done once for each connection; run: executes it with the cursor of psycopg2 that it gets.
        None too on SQLite, whose statements cost no journey. If the connection is lost nobody knows: ask before trying again.
        """
        if self._engine.dialect.name != "postgresql":
            return None
        try:
            connection, prepared = self._kept.pop() if self._kept else (self._connection(), set())
            with connection.cursor() as cursor:
                if prepare not in prepared:
                    cursor.execute(prepare)
                    prepared.add(prepare)
                answer = run(cursor)
        except psycopg2.IntegrityError:
            answer = None
        except (psycopg2.OperationalError, psycopg2.InterfaceError, DBAPIError, PoolTimeout):
            return None
        # Only one that is done with its statement is kept: an interrupted one still waits for an answer.
        if self._kept:
            connection.close()
        else:
            self._kept.append((connection, prepared))
        return answer

    def _connection(self) -> Any:
        pooled = self._engine.raw_connection()
        connection: Any = pooled.dbapi_connection
        pooled.detach()
        connection.autocommit = True
        return connection


def line_of(app: Flask) -> Line:
    """The one line of an application."""
    line: Line | None = app.extensions.get("chatx-line")
    if line is None:
        line = app.extensions["chatx-line"] = Line(app)
    return line
