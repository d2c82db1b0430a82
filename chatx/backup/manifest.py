"""The manifest of a backup: which schema it has, and what stands in each of its tables."""

import json
from dataclasses import asdict, dataclass
from typing import Any

from chatx.backup.sheet import KINDS, BackupError, Sheet

FORMAT = 1
NAME = "manifest.json"


@dataclass(frozen=True)
class Entry:
    """One table. sha256: of its file in the backup, which is the same for the same rows whichever database has them."""

    sheet: Sheet
    rows: int
    sha256: str

    @property
    def file(self) -> str:
        return f"{self.sheet.name}.jsonl"


@dataclass(frozen=True)
class Manifest:
    """Tables stand in the order in which their rows may be inserted."""

    revision: str
    taken_at: str
    database: str
    version: str
    tables: list[Entry]

    @property
    def rows(self) -> int:
        return sum(entry.rows for entry in self.tables)

    def dump(self) -> str:
        return json.dumps({"format": FORMAT, **asdict(self)}, indent=2) + "\n"

    @classmethod
    def load(cls, text: bytes) -> "Manifest":
        try:
            known: dict[str, Any] = json.loads(text)
            if known.pop("format") != FORMAT:
                raise BackupError("It was made by a Chat-X that writes backups in another way.")
            tables = [Entry(Sheet(**each.pop("sheet")), **each) for each in known.pop("tables")]
            manifest = cls(tables=tables, **known)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise BackupError("Its manifest cannot be read, so it is no backup of Chat-X.") from error
        if unknown := {kind for entry in tables for kind in entry.sheet.columns.values()} - KINDS.keys():
            raise BackupError(f"It has columns of a kind that is not known here: {', '.join(sorted(unknown))}.")
        return manifest
