"""Migrations build, from nothing, exactly what the models say, and can be taken back."""

import pytest
import sqlalchemy as sa

from config import database_url
from tests.support.backends import Postgres
from tests.support.server import Server


@pytest.fixture
def empty(backend: str, request: pytest.FixtureRequest) -> Server:
    """A server that was not started, over an empty database."""
    if backend == "sqlite":
        return Server(request.getfixturevalue("fresh_sqlite"))
    postgres: Postgres = request.getfixturevalue("postgres")
    return Server(postgres.new_database())


def tables(server: Server) -> set[str]:
    engine = sa.create_engine(database_url(server.environ["CHATX_DATABASE_URL"]))
    try:
        return set(sa.inspect(engine).get_table_names())
    finally:
        engine.dispose()


def test_models_and_migrations_agree(empty: Server) -> None:
    assert empty.flask("db", "upgrade").returncode == 0
    checked = empty.flask("db", "check")
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_upgrading_again_changes_nothing(empty: Server) -> None:
    for _ in range(2):
        assert empty.flask("db", "upgrade").returncode == 0
    assert {"users", "rooms", "messages", "changes"} <= tables(empty)


def test_every_step_can_be_taken_back(empty: Server) -> None:
    assert empty.flask("db", "upgrade").returncode == 0
    assert empty.flask("db", "downgrade", "base").returncode == 0
    assert tables(empty) == {"alembic_version"}
    assert empty.flask("db", "upgrade").returncode == 0


def test_there_is_one_line_of_migrations(fresh_sqlite: str) -> None:
    heads = Server(fresh_sqlite).flask("db", "heads")
    assert len(heads.stdout.strip().splitlines()) == 1, heads.stdout


def test_what_was_read_before_read_receipts_could_be_switched_off_stays_shown(fresh_sqlite: str) -> None:
    server = Server(fresh_sqlite)
    assert server.flask("db", "upgrade", "0005").returncode == 0
    engine = sa.create_engine(fresh_sqlite)
    rows = {
        "users": {"id": "u", "username": "u", "password_hash": "", "display_name": "U", "about": "", "created_at": 0}
        | dict.fromkeys(("seq", "floor"), 0),
        "rooms": {"id": "r", "kind": "group", "description": "", "settings": "{}", "created_at": 0, "created_by": "u"}
        | dict.fromkeys(("active_at", "member_count", "members_version", "seq", "floor"), 0),
        "memberships": {"room_id": "r", "user_id": "u", "role": "member", "joined_at": 0, "joined_seq": 1, "past_stays": "[]"}
        | {"delivered_seq": 9, "read_seq": 7}
        | dict.fromkeys(("pinned", "archived", "marked_unread"), 0),
    }
    with engine.begin() as connection:
        for table, row in rows.items():
            columns, values = ", ".join(row), ", ".join(f":{name}" for name in row)
            connection.execute(sa.text(f"INSERT INTO {table} ({columns}) VALUES ({values})"), row)
    assert server.flask("db", "upgrade").returncode == 0
    with engine.begin() as connection:
        assert connection.execute(sa.text("SELECT shown_read_seq, deaf_from FROM memberships")).one() == (7, None)
    engine.dispose()
