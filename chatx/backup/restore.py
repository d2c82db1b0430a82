"""Restoring a backup into an empty database, and comparing one with a database that may be anywhere."""

from collections.abc import Iterator
from pathlib import Path

import sqlalchemy as sa

from chatx.backup import schema
from chatx.backup.archive import Reader, reading
from chatx.backup.manifest import Entry, Manifest
from chatx.backup.sheet import BackupError, Sheet, Tally
from chatx.dispatch.transaction import in_snapshot, in_transaction
from chatx.extensions import db


def restore(path: Path) -> Manifest:
    """Bring an empty database to the backup's schema, fill it in one transaction, and then bring it to the present schema."""
    with reading(path) as backup:
        in_snapshot(lambda: _must_fit(backup.manifest))
        schema.upgrade(revision=backup.manifest.revision)
        in_transaction(lambda: _fill(backup))
        schema.upgrade()
        return backup.manifest


def verify(path: Path) -> Manifest:
    """Raise unless the backup is whole, and the database has exactly its rows."""
    with reading(path) as backup:
        backup.is_whole()
        in_snapshot(lambda: _compare(backup.manifest))
        return backup.manifest


def _must_fit(manifest: Manifest) -> None:
    """Nothing is ever written over, and no table is there that the backup's schema does not know."""
    connection = db.session.connection()
    there = set(sa.inspect(connection).get_table_names())
    known = [entry.sheet for entry in manifest.tables] + [Sheet.of(table) for table in db.metadata.sorted_tables]
    if filled := sorted({sheet.name for sheet in known if sheet.name in there and not sheet.is_empty(connection)}):
        raise BackupError(f"The database is not empty, and nothing is written over: there are rows in {', '.join(filled)}.")
    if not schema.knows(manifest.revision):
        raise BackupError(f"Its schema {manifest.revision} is not known here: restore it with the code that made it, or newer.")
    present = schema.present(connection)
    if not schema.brings(present, manifest.revision):
        raise BackupError(
            f"The database has schema {present} already, the backup {manifest.revision}: restore into a database without tables."
        )


def _fill(backup: Reader) -> None:
    connection = db.session.connection()
    for entry in backup.manifest.tables:
        entry.sheet.fill(connection, backup.lines(entry))
    _compare(backup.manifest)


def _compare(manifest: Manifest) -> None:
    connection = db.session.connection()
    present = schema.present(connection)
    if present != manifest.revision:
        raise BackupError(
            f"The database has schema {present or 'none'}, the backup {manifest.revision}: only rows of the same schema compare."
        )
    if differing := list(_differences(connection, manifest.tables)):
        raise BackupError("The database differs from it:\n" + "\n".join(f"  {each}" for each in differing))


def _differences(connection: sa.Connection, entries: list[Entry]) -> Iterator[str]:
    for entry in entries:
        tally = Tally()
        for _ in tally.of(entry.sheet.lines(connection)):
            continue
        if tally.rows != entry.rows:
            yield f"{entry.sheet.name}: {entry.rows:,} rows in the backup, {tally.rows:,} in the database"
        elif tally.sha256 != entry.sha256:
            yield f"{entry.sheet.name}: as many rows, but other content"
