"""What all tables share: ids, times, and the insert that a repeat leaves alone."""

from datetime import UTC, datetime
from typing import Any

import uuid_utils
from sqlalchemy import DateTime, Dialect, TypeDecorator, Uuid
from sqlalchemy.dialects import postgresql, sqlite

from chatx.extensions import Model, db

Id = Uuid(as_uuid=False)


def in_json(at: datetime) -> str:
    """A time as JSON has it: RFC 3339 in UTC with milliseconds and Z."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def moment(text: str) -> datetime:
    """The time that JSON tells so."""
    return datetime.fromisoformat(text)


def new_id() -> str:
    """A UUIDv7: ordered by time, so that indexes grow at one end."""
    return str(uuid_utils.uuid7())


class Moment(TypeDecorator[datetime]):
    """A time in UTC with milliseconds, aware on both databases."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is not None and dialect.name == "sqlite":
            return value.astimezone(UTC).replace(tzinfo=None)
        return value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is not None:
            return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
        return value


def insert_once(table: type[Model], row: dict[str, Any]) -> bool:
    """Insert a row unless its key is taken, also by a transaction that is still running; whether it was inserted."""
    insert = postgresql.insert if db.engine.dialect.name == "postgresql" else sqlite.insert
    done: Any = db.session.execute(insert(table).values(row).on_conflict_do_nothing())
    return bool(done.rowcount == 1)
