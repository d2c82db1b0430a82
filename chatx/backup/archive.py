"""A backup on disk: a zip that only its owner may read, and that has its name only once it is whole."""

import os
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from chatx.backup.manifest import NAME, Entry, Manifest
from chatx.backup.sheet import BackupError, Tally

OWNER_ONLY = 0o600  # it holds what everybody said, and how they sign in
UNREADABLE = (zipfile.BadZipFile, zlib.error, EOFError, KeyError)  # KeyError: a file that should be in it is not


class Writer:
    """A new backup; `add` its tables, then `finish` it."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive

    def add(self, file: str, lines: Iterable[bytes]) -> Tally:
        tally = Tally()
        with self._archive.open(file, "w", force_zip64=True) as member:
            for line in tally.of(lines):
                member.write(line)
        return tally

    def finish(self, manifest: Manifest) -> None:
        self._archive.writestr(NAME, manifest.dump())


@contextmanager
def writing(path: Path) -> Iterator[Writer]:
    """Write under another name, and take the right one when all is on disk."""
    if path.exists():
        raise BackupError(f"{path} exists; a backup is never written over.")
    unfinished = path.with_name(f"{path.name}.unfinished")
    try:
        unfinished.unlink(missing_ok=True)
        with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY), "wb") as file:
            with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
                yield Writer(archive)
            file.flush()
            os.fsync(file.fileno())
        unfinished.rename(path)
    except OSError as error:
        raise BackupError(f"{path} cannot be written: {error.strerror or error}.") from error
    finally:
        unfinished.unlink(missing_ok=True)


class Reader:
    """A backup that was made before."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self.manifest = Manifest.load(archive.read(NAME))

    def lines(self, entry: Entry) -> Iterator[bytes]:
        """The rows of a table; raises if they are not those that were written."""
        tally = Tally()
        try:
            with self._archive.open(entry.file) as member:
                yield from tally.of(member)
        except UNREADABLE as error:
            raise BackupError(f"{entry.file} of the backup is damaged: {error}") from error
        if (tally.rows, tally.sha256) != (entry.rows, entry.sha256):
            raise BackupError(
                f"{entry.file} of the backup is damaged: it has {tally.rows:,} rows of {entry.rows:,}, or other ones."
            )

    def is_whole(self) -> None:
        """Read everything once, and raise if anything is damaged."""
        for entry in self.manifest.tables:
            for _ in self.lines(entry):
                continue


@contextmanager
def reading(path: Path) -> Iterator[Reader]:
    with ExitStack() as stack:
        try:
            reader = Reader(stack.enter_context(zipfile.ZipFile(path)))
        except BackupError as error:
            raise BackupError(f"{path}: {error}") from error
        except (OSError, *UNREADABLE) as error:
            raise BackupError(f"{path} cannot be read as a backup: {error}") from error
        yield reader
