"""A table as lines of JSON: one for each row, in the order of its key, written alike whichever database it comes from."""

import base64
import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import Any

import sqlalchemy as sa
from sqlalchemy.types import TypeDecorator, TypeEngine

AT_ONCE = 1_000


class BackupError(Exception):
    """A sentence for whoever backs up or restores."""


@dataclass(frozen=True)
class Kind:
    """What may stand in a column: its type on both databases, and how JSON says its values where it has no word for them."""

    type: TypeEngine[Any]
    said: Callable[[Any], Any] | None = None
    meant: Callable[[Any], Any] | None = None


def _utc(moment: datetime) -> str:
    """SQLite keeps times without their zone, which is UTC."""
    return (moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)).isoformat()


KINDS = {
    "id": Kind(sa.Uuid(as_uuid=False)),
    "text": Kind(sa.Text()),
    "integer": Kind(sa.BigInteger()),
    "real": Kind(sa.Double()),
    "boolean": Kind(sa.Boolean()),
    "moment": Kind(sa.DateTime(timezone=True), _utc, datetime.fromisoformat),
    "bytes": Kind(sa.LargeBinary(), lambda raw: base64.b64encode(raw).decode(), base64.b64decode),
    "json": Kind(sa.JSON(none_as_null=True)),
    "integers": Kind(sa.JSON(none_as_null=True).with_variant(sa.ARRAY(sa.BigInteger()), "postgresql")),
}
KIND_OF: tuple[tuple[type[TypeEngine[Any]], str], ...] = (
    (sa.Uuid, "id"),
    (sa.String, "text"),
    (sa.Integer, "integer"),
    (sa.Float, "real"),
    (sa.Boolean, "boolean"),
    (sa.DateTime, "moment"),
    (sa.LargeBinary, "bytes"),
    (sa.JSON, "json"),
)


def kind_of(column_type: TypeEngine[Any]) -> str:
    """The kind of a column of ours."""
    if isinstance(column_type, TypeDecorator) and not isinstance(column_type, sa.Interval):
        return kind_of(column_type.impl_instance)
    if isinstance(column_type._variant_mapping.get("postgresql"), sa.ARRAY):
        return "integers"
    for known, kind in KIND_OF:
        if isinstance(column_type, known):
            return kind
    raise BackupError(f"A backup does not know how to write a {column_type!r}.")


@dataclass(frozen=True)
class Sheet:
    """One table: its columns with their kinds, and those that its rows are ordered by."""

    name: str
    columns: dict[str, str]
    key: list[str]

    @classmethod
    def of(cls, table: sa.Table) -> "Sheet":
        columns = {column.name: kind_of(column.type) for column in table.columns if column.computed is None}
        return cls(table.name, columns, [column.name for column in table.primary_key])

    @property
    def _table(self) -> sa.TableClause:
        return sa.table(self.name, *(sa.column(name, KINDS[kind].type) for name, kind in self.columns.items()))

    def lines(self, connection: sa.Connection) -> Iterator[bytes]:
        """The rows as they stand, some at a time however many there are."""
        table = self._table
        order: list[sa.ColumnElement[Any]] = [table.c[name] for name in self.key]
        if connection.dialect.name == "postgresql":  # which else sorts texts as its locale does
            order = [sa.collate(column, "C") if self.columns[column.name] == "text" else column for column in order]
        said = [KINDS[kind].said for kind in self.columns.values()]
        rows = connection.execute(sa.select(table).order_by(*order), execution_options={"yield_per": AT_ONCE})
        for row in rows:
            values = [say(value) if say and value is not None else value for say, value in zip(said, row, strict=True)]
            yield json.dumps(values, sort_keys=True, separators=(",", ":")).encode() + b"\n"

    def fill(self, connection: sa.Connection, lines: Iterable[bytes]) -> None:
        """Insert what the lines say."""
        insert, remaining = sa.insert(self._table), iter(lines)
        while rows := [self._row(line) for line in islice(remaining, AT_ONCE)]:
            connection.execute(insert, rows)

    def is_empty(self, connection: sa.Connection) -> bool:
        return connection.execute(sa.select(sa.literal(1)).select_from(self._table).limit(1)).first() is None

    def _row(self, line: bytes) -> dict[str, Any]:
        pairs = zip(self.columns.items(), json.loads(line), strict=True)
        return {name: _meant(KINDS[kind], value) for (name, kind), value in pairs}


def _meant(kind: Kind, value: Any) -> Any:
    return kind.meant(value) if kind.meant and value is not None else value


class Tally:
    """The number and the hash of lines that pass."""

    def __init__(self) -> None:
        self.rows, self._sha = 0, hashlib.sha256()

    def of(self, lines: Iterable[bytes]) -> Iterator[bytes]:
        """Hand the lines on."""
        for line in lines:
            self.rows += 1
            self._sha.update(line)
            yield line

    @property
    def sha256(self) -> str:
        return self._sha.hexdigest()
