"""Taking a backup: every table as it stood in one moment, however long the writing takes, while people go on talking."""

from datetime import UTC, datetime
from pathlib import Path

from chatx.backup import schema
from chatx.backup.archive import writing
from chatx.backup.manifest import Entry, Manifest
from chatx.backup.sheet import BackupError, Sheet
from chatx.dispatch.transaction import in_snapshot
from chatx.extensions import db
from config import VERSION


def take(place: Path) -> tuple[Path, Manifest]:
    """Back up into this file, or into a new one in this folder; which one it is, and what stands in it."""
    now = datetime.now(UTC)
    path = place / f"chatx-{now:%Y%m%dT%H%M%SZ}.zip" if place.is_dir() else place
    if path.suffix != ".zip":
        raise BackupError(f"{place} is neither a folder that exists nor a file called .zip.")
    return path, in_snapshot(lambda: _write(path, now))


def _write(path: Path, now: datetime) -> Manifest:
    connection = db.session.connection()
    revision = schema.present(connection)
    if revision != schema.head():
        raise BackupError(
            f"The database has schema {revision or 'none'}, this code {schema.head()}: run `flask db upgrade`, or back up with "
            "the code that the database belongs to."
        )
    # What is derived from the rest is made again by the server that the backup is restored for.
    sheets = [Sheet.of(table) for table in db.metadata.sorted_tables if not table.info.get("derived")]
    with writing(path) as file:
        tallies = [(sheet, file.add(f"{sheet.name}.jsonl", sheet.lines(connection))) for sheet in sheets]
        entries = [Entry(sheet, tally.rows, tally.sha256) for sheet, tally in tallies]
        manifest = Manifest(revision, now.isoformat(timespec="seconds"), connection.dialect.name, VERSION, entries)
        file.finish(manifest)
    return manifest
