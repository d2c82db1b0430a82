"""The index: for each message the grams of its text, filled after the commit by `taking`. No text stands in it.

PostgreSQL finds rows by `grams` with a GIN index; SQLite with FTS5, in tables beside these that triggers keep (migration 0013).
Only marks refer to rooms by a key of the database: checking it for each entry would lock a row that sends wait for.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ARRAY,
    JSON,
    BigInteger,
    ColumnElement,
    ForeignKey,
    Index,
    Integer,
    Select,
    and_,
    column,
    insert,
    literal_column,
    select,
    table,
    text,
    type_coerce,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, mapped_column

from chatx.extensions import Model, db
from chatx.models.base import Id, Moment
from chatx.models.membership import Membership
from chatx.models.part import PartOfMessage
from chatx.models.search import labels
from chatx.models.search.folding import fold
from chatx.models.search.grams import grams_of
from chatx.models.search.words import words_of

_INSERT = text("""
    INSERT INTO search_entries (room_id, seq, at, grams) SELECT room_id, seq, at, CAST(grams AS integer[])
    FROM unnest(CAST(:room_id AS uuid[]), CAST(:seq AS bigint[]), CAST(:at AS timestamptz[]), CAST(:grams AS text[]))
    AS given (room_id, seq, at, grams)
""")
DERIVED = {"info": {"derived": True}}  # no part of a backup
PENDING_KB = 64  # GIN's list of what is not sorted in yet, which every search reads through


class SearchMark(Model):
    """How far a room is in the index: all its messages up to this seq. Whoever changes what is in there locks this first."""

    __tablename__ = "search_marks"
    __table_args__ = DERIVED

    room_id: Mapped[str] = mapped_column(Id, ForeignKey("rooms.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger)

    @classmethod
    def hold(cls, room_id: str) -> int:
        """Keep the index of this room as it is until the commit; how far it goes. Rooms are locked before it, never after."""
        made = postgresql.insert if db.engine.dialect.name == "postgresql" else sqlite.insert
        taken = made(cls).values(room_id=room_id, seq=0)
        taken = taken.on_conflict_do_update(index_elements=[cls.room_id], set_={"seq": cls.seq})
        return db.session.execute(taken.returning(cls.seq)).scalar_one()


class SearchSlice(Model):
    """So many seqs of a room (`labels.SLICE`), as far as they are in the index: when the first and the last of them were said."""

    __tablename__ = "search_slices"
    __table_args__ = DERIVED

    room_id: Mapped[str] = mapped_column(Id, primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    first_at: Mapped[datetime] = mapped_column(Moment)
    last_at: Mapped[datetime] = mapped_column(Moment)


class SearchEntry(PartOfMessage, Model):
    """The grams of one message, and its labels, as numbers."""

    __tablename__ = "search_entries"
    __table_args__ = (
        Index(
            None,
            "grams",
            postgresql_using="gin",
            postgresql_with={"gin_pending_list_limit": PENDING_KB},
            info={"only": "postgresql"},
        ),
        DERIVED,
    )

    room_id: Mapped[str] = mapped_column(Id, primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(Moment)
    grams: Mapped[list[int]] = mapped_column(JSON().with_variant(ARRAY(Integer), "postgresql"))

    @classmethod
    def row(cls, message: Any, earlier: Iterable[int] = ()) -> dict[str, Any]:
        """What stands in the index of a message; earlier: what it had before it was changed, as some still see it."""
        at, slice_number = message.created_at, message.seq // labels.SLICE
        numbers = {
            *earlier,
            *cls.content(message.type, message.text, message.data),
            labels.of_slice(message.room_id, slice_number),
            *labels.of_hours(at, at),
            *labels.of_days(at, at),
            labels.of_sender(message.sender_id),
            labels.of_type(message.type),
        }
        return {"room_id": message.room_id, "seq": message.seq, "at": at, "grams": sorted(numbers)}

    @staticmethod
    def content(message_type: str, text: str | None, data: dict[str, Any]) -> set[int]:
        """Of it what comes from the text and the data."""
        grams = [grams_of(fold(words)) for words in (text or "", *words_of(data))]
        return set(map(labels.of_kind, labels.kinds_of(message_type, text))).union(*grams)

    @classmethod
    def keep_all(cls, rows: Sequence[dict[str, Any]]) -> None:
        """Put these rows into the index, in one statement."""
        if rows and db.engine.dialect.name == "postgresql":
            given = {name: [row[name] for row in rows] for name in ("room_id", "seq", "at")}
            # An array of arrays would have to be a matrix, so they travel as text.
            db.session.execute(_INSERT, given | {"grams": [f"{{{','.join(map(str, row['grams']))}}}" for row in rows]})
        elif rows:
            db.session.execute(insert(cls.__table__), [*rows])  # type: ignore[arg-type]

    @classmethod
    def revise(cls, message: Any) -> None:
        """It says something else now, but not to who was away. What is not in the index yet comes there as it is then."""
        if message.seq <= SearchMark.hold(message.room_id):
            earlier: list[int] = []
            if Membership.where_some_were_away([message.room_id]):
                place = (cls.room_id == message.room_id, cls.seq == message.seq)
                earlier = db.session.scalar(select(cls.grams).where(*place)) or []
            super().forget(message.room_id, message.seq)
            cls.keep_all([cls.row(message, earlier)])

    @classmethod
    def forget(cls, room_id: str, seq: int) -> None:
        SearchMark.hold(room_id)
        super().forget(room_id, seq)

    @classmethod
    def has(cls, grams: Iterable[int], *alternatives: Sequence[int]) -> ColumnElement[bool]:
        """The condition to have all of these grams, and of each list of alternatives at least one."""
        if db.engine.dialect.name == "postgresql":
            numbers = type_coerce(cls.grams, postgresql.ARRAY(Integer))
            return and_(numbers.contains(sorted(grams)), *(numbers.overlap(each) for each in alternatives))
        one_of = [f"({' OR '.join(map(_word, each))})" for each in alternatives]
        words: ColumnElement[bool] = literal_column("fts_search").match(" AND ".join([*map(_word, sorted(grams)), *one_of]))
        found: Select[Any] = select(column("rowid")).select_from(table("fts_search")).where(words)
        return literal_column("search_entries.fts_id").in_(found)


def _word(number: int) -> str:
    """As FTS5 reads it."""
    return f'"{number}"'
