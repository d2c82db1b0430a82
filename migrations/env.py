"""How Alembic runs here: on the application's own engine, one upgrade at a time, all its steps in one transaction."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from alembic import context
from flask import current_app
from sqlalchemy import Connection, text

LOCK = 7_226_184_119  # any number, as long as all versions of this file agree on it
LONGEST_WAIT = "10min"  # for another upgrade
# For a table. While a migration waits for one, everybody who comes after it waits too: so it gives up and changes nothing.
LONGEST_TABLE_WAIT = "5s"

database = current_app.extensions["migrate"].db
arguments = current_app.extensions["migrate"].configure_args


def without_empty(context_, revision, directives) -> None:
    """`flask db migrate` writes nothing when models and migrations agree."""
    if getattr(context.config.cmd_opts, "autogenerate", False) and directives[0].upgrade_ops.is_empty():
        directives[:] = []


def is_ours(object_, name, type_, reflected, compare_to) -> bool:
    """Not what only another database has, nor what SQLite's full-text search needs, which is in no model: `fts_…`."""
    if reflected:
        return not (name or "").startswith("fts_")
    return object_.info.get("only", database.engine.dialect.name) == database.engine.dialect.name


@contextmanager
def one_at_a_time() -> Iterator[Connection]:
    """A connection whose upgrade no other one overlaps; which steps are left is read when its turn has come.

    PostgreSQL: an advisory lock of a connection that ends with it. SQLite: each writer begins with the lock of the file.
    `-x lock_timeout=30s` waits longer for a table.
    """
    with database.engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            connection.detach()
            table_wait = context.get_x_argument(as_dictionary=True).get("lock_timeout", LONGEST_TABLE_WAIT)
            if not re.fullmatch(r"\d{1,6}(ms|s|min)", table_wait):
                raise SystemExit(f"lock_timeout must be like 500ms, 30s or 2min, not {table_wait!r}.")
            connection.execute(text(f"SET lock_timeout = '{LONGEST_WAIT}'"))
            connection.execute(text("SELECT pg_advisory_lock(:lock)"), {"lock": LOCK})
            connection.execute(text(f"SET lock_timeout = '{table_wait}'"))
            connection.commit()
        with connection.begin():
            yield connection


with one_at_a_time() as connection:
    context.configure(
        connection=connection,
        target_metadata=database.metadata,
        transactional_ddl=True,
        process_revision_directives=without_empty,
        include_object=is_ours,
        **arguments,
    )
    with context.begin_transaction():
        context.run_migrations()
