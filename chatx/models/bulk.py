"""Many rows in one statement. PostgreSQL takes each column as one array, so that neither side reads a list of a thousand values;
SQLite, which has no wire to cross, takes a row at a time.
"""

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

from sqlalchemy import ARRAY, ColumnElement, TableValuedAlias, bindparam, cast, column, func, insert, select, tuple_, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import InstrumentedAttribute

from chatx.extensions import Model, db


def insert_all(table: type[Model], rows: Sequence[dict[str, Any]]) -> None:
    """Insert these rows, all with the same columns."""
    if not rows:
        return
    if _has_arrays():
        db.session.execute(_insert(table, tuple(rows[0])), _arrays(rows))
    else:
        db.session.execute(insert(table.__table__), rows)  # type: ignore[arg-type]


def upsert_all(table: type[Model], rows: Sequence[dict[str, Any]], *, on: tuple[str, ...]) -> None:
    """Insert these rows, all with the same columns; where one stands with the same `on`, set all but its id and those."""
    if not rows:
        return
    if _has_arrays():
        db.session.execute(_upsert(table, tuple(rows[0]), on), _arrays(rows))
    else:
        statement = sqlite.insert(table.__table__)  # type: ignore[arg-type]
        db.session.execute(statement.on_conflict_do_update(index_elements=on, set_=_others(statement, rows[0], on)), rows)


def update_all(table: type[Model], rows: Sequence[dict[str, Any]]) -> None:
    """Set these columns of the rows with these ids. What the session holds of them is not touched."""
    if not rows:
        return
    if _has_arrays():
        db.session.execute(_update(table, tuple(rows[0])), _arrays(rows), execution_options={"synchronize_session": False})
    else:
        db.session.execute(update(table), rows)


def among(columns: Sequence[InstrumentedAttribute[Any]], places: Iterable[tuple[Any, ...]]) -> ColumnElement[bool]:
    """The condition that these columns together are one of these places."""
    wanted = sorted(set(places))
    if not _has_arrays():
        return tuple_(*columns).in_(wanted)
    values = zip(*wanted, strict=True) if wanted else ([] for _ in columns)
    arrays = [cast(list(each), ARRAY(one.type)) for one, each in zip(columns, values, strict=True)]
    given = func.unnest(*arrays).table_valued(*(one.key for one in columns), name="given").render_derived()
    return tuple_(*columns).in_(select(given))


def spread(columns: Sequence[InstrumentedAttribute[Any]], rows: Sequence[tuple[Any, ...]]) -> list[Sequence[Any]]:
    """What a condition is to be written with so that it holds for any of these rows, whose values are such as these columns have.

    PostgreSQL gets them as a table of their own to join, and the condition once; SQLite the condition for each.
    """
    if not _has_arrays():
        return list(rows)
    kinds = {f"given_{number}": column.type for number, column in enumerate(columns)}
    arrays = [cast(list(each), ARRAY(kind)) for each, kind in zip(zip(*rows, strict=True), kinds.values(), strict=True)]
    given = func.unnest(*arrays).table_valued(*(column(name, kind) for name, kind in kinds.items()), name="given")
    return [tuple(given.render_derived().c)]


def _has_arrays() -> bool:
    return db.engine.dialect.name == "postgresql"


def _arrays(rows: Sequence[dict[str, Any]]) -> dict[str, list[Any]]:
    return {f"all_{name}": [row[name] for row in rows] for name in rows[0]}


@cache
def _insert(table: type[Model], names: tuple[str, ...]) -> Any:
    return insert(table.__table__).from_select(list(names), select(_unnested(table, names)))  # type: ignore[arg-type]


@cache
def _upsert(table: type[Model], names: tuple[str, ...], on: tuple[str, ...]) -> Any:
    statement = postgresql.insert(table.__table__).from_select(list(names), select(_unnested(table, names)))  # type: ignore[arg-type]
    return statement.on_conflict_do_update(index_elements=on, set_=_others(statement, names, on))


def _others(statement: Any, names: Iterable[str], on: tuple[str, ...]) -> dict[str, Any]:
    return {name: statement.excluded[name] for name in names if name not in ("id", *on)}


@cache
def _update(table: type[Model], names: tuple[str, ...]) -> Any:
    rows = _unnested(table, names)
    values = {name: rows.c[name] for name in names if name != "id"}
    return update(table).where(table.__table__.c.id == rows.c.id).values(values)


def _unnested(table: type[Model], names: tuple[str, ...]) -> TableValuedAlias:
    types = {name: table.__table__.c[name].type for name in names}
    # One dimension, or a list that is a JSON value would be taken for a part of the array.
    arrays = [cast(bindparam(f"all_{name}", type_=ARRAY(kind, dimensions=1)), ARRAY(kind)) for name, kind in types.items()]
    return func.unnest(*arrays).table_valued(*(column(name, kind) for name, kind in types.items()), name="given").render_derived()
