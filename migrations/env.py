"""How Alembic runs here: on the application's own engine, all steps of one upgrade in one transaction."""

from alembic import context
from flask import current_app

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


with database.engine.begin() as connection:
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
