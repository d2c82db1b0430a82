"""A table as lines: the same for the same rows on both databases, whatever may stand in a column."""

import json
from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from chatx.backup.sheet import KINDS, BackupError, Sheet, Tally, kind_of
from chatx.extensions import db
from chatx.models.base import Id, Moment
from settings import database_url

SHEET = Sheet("everything", {"key": "text", **{kind: kind for kind in KINDS}}, ["key"])
FULL = {
    "id": "01a214c7-5a34-7441-9a25-818ea7ca19ba",
    "text": 'Grüße 🛶 "quoted" \\ and\nmore',
    "integer": 2**62,
    "real": 0.1,
    "boolean": True,
    "moment": "2026-11-25T12:00:00.123000+00:00",
    "bytes": "AP8=",
    "json": {"b": [1, None, 2**70], "a": {"ü": 0.5}},
    "integers": [1, -2, 3],
}


@pytest.fixture
def connection(backend: str, request: pytest.FixtureRequest) -> Iterator[sa.Connection]:
    """To a database with a table that has a column of every kind."""
    postgres = request.getfixturevalue("postgres") if backend == "postgres" else None
    url = postgres.new_database() if postgres else "sqlite://"
    engine = sa.create_engine(database_url(url))
    columns = [sa.Column(name, KINDS[kind].type, primary_key=name == "key") for name, kind in SHEET.columns.items()]
    table = sa.Table("everything", sa.MetaData(), *columns)
    with engine.begin() as begun:
        table.create(begun)
        yield begun
    engine.dispose()
    if postgres:
        postgres.drop_database(url)


def line(key: str, **values: object) -> bytes:
    row = [key, *(values.get(kind) for kind in KINDS)]
    return json.dumps(row, sort_keys=True, separators=(",", ":")).encode() + b"\n"


def test_what_is_filled_in_is_read_again(connection: sa.Connection) -> None:
    assert SHEET.is_empty(connection)
    lines = [line("full", **FULL), line("nothing")]
    SHEET.fill(connection, lines)
    assert list(SHEET.lines(connection)) == lines
    assert not SHEET.is_empty(connection)


def test_rows_come_in_one_order_whatever_the_locale_says(connection: sa.Connection) -> None:
    keys = ["B", "a", "ä", "Z", "_", "10", "9", "z"]
    SHEET.fill(connection, [line(key) for key in keys])
    assert [json.loads(each)[0] for each in SHEET.lines(connection)] == sorted(keys)


def test_more_rows_than_are_taken_at_once(connection: sa.Connection) -> None:
    lines = [line(f"{number:05}", integer=number) for number in range(2_500)]
    SHEET.fill(connection, lines)
    tally = Tally()
    assert list(tally.of(SHEET.lines(connection))) == lines
    assert tally.rows == 2_500


def test_every_column_of_ours_has_a_kind() -> None:
    kinds = {kind for table in db.metadata.sorted_tables for kind in Sheet.of(table).columns.values()}
    assert {"id", "text", "integer", "boolean", "moment", "json"} <= kinds <= set(KINDS)


def test_types_are_known_by_what_they_hold() -> None:
    known = {
        "id": Id,
        "moment": Moment(),
        "text": sa.String(3),
        "integer": sa.Integer(),
        "real": sa.Float(),
        "boolean": sa.Boolean(),
        "bytes": sa.LargeBinary(),
        "json": sa.JSON(),
        "integers": sa.JSON().with_variant(sa.ARRAY(sa.Integer()), "postgresql"),
    }
    assert {kind: kind_of(known[kind]) for kind in KINDS} == {kind: kind for kind in KINDS}
    for unknown in (sa.Interval(), sa.Time(), sa.ARRAY(sa.Integer())):
        with pytest.raises(BackupError, match="does not know how to write"):
            kind_of(unknown)
