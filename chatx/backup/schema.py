"""Which schema a database has, and which this code knows, as Alembic counts them."""

import sqlalchemy as sa
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from flask_migrate import upgrade

from chatx.extensions import migrate

__all__ = ["brings", "head", "knows", "present", "upgrade"]


def present(connection: sa.Connection) -> str | None:
    """Of this database; None if it has none yet."""
    return MigrationContext.configure(connection).get_current_revision()


def head() -> str:
    """Of this code."""
    newest = _scripts().get_current_head()
    assert newest is not None
    return newest


def knows(revision: str) -> bool:
    try:
        return _scripts().get_revision(revision) is not None
    except CommandError:
        return False


def brings(start: str | None, revision: str) -> bool:
    """Whether migrations lead from there to this one, or it is there already."""
    return start is None or start in {step.revision for step in _scripts().iterate_revisions(revision, "base")}


def _scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(migrate.get_config())
