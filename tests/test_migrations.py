"""Migrations build, from nothing, exactly what the models say, and can be taken back."""

import subprocess
import sys
import time

import psycopg2
import pytest
import sqlalchemy as sa

from settings import database_url
from tests.support.backends import Postgres
from tests.support.server import ROOT, Server

LONGEST = 60


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


def upgrading(server: Server, *arguments: str) -> subprocess.Popen[str]:
    """An upgrade that runs beside us."""
    command = [sys.executable, "-m", "flask", "db", "upgrade", *arguments]
    return subprocess.Popen(command, cwd=ROOT, env=server.environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def wait_for(cursor, query: str, number: int) -> None:
    """Until the query counts so many."""
    deadline = time.monotonic() + LONGEST
    while time.monotonic() < deadline:
        cursor.execute(query)
        if cursor.fetchone()[0] == number:
            return
        time.sleep(0.02)
    raise AssertionError(f"never {number}: {query}")


WAITING = "SELECT count(*) FROM pg_locks JOIN pg_database d ON d.oid = database WHERE datname = current_database() AND "


def test_upgrades_at_the_same_time_run_one_after_the_other(postgres: Postgres) -> None:
    url = postgres.new_database()
    server = Server(url)
    owner = psycopg2.connect(url)
    owner.autocommit = True
    with owner.cursor() as cursor:
        # Somebody else is at it: both wait, and have touched nothing.
        cursor.execute("SELECT pg_advisory_lock(7226184119)")
        both = [upgrading(server), upgrading(server)]
        wait_for(cursor, WAITING + "locktype = 'advisory' AND NOT granted", 2)
        assert tables(server) == set()
        cursor.execute("SELECT pg_advisory_unlock(7226184119)")
        told = [one.communicate(timeout=LONGEST)[1] for one in both]
        # The second one read what was left to do after the first one's end, or it would make what exists.
        assert [one.returncode for one in both] == [0, 0], told
        wait_for(cursor, WAITING + "locktype = 'advisory'", 0)
    owner.close()
    assert {"users", "rooms", "messages", "changes"} <= tables(server)


def test_an_upgrade_gives_up_on_a_table_that_stays_locked_and_changes_nothing(postgres: Postgres) -> None:
    url = postgres.new_database()
    server = Server(url)
    assert server.flask("db", "upgrade", "0005").returncode == 0
    reader = psycopg2.connect(url)
    with reader.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM memberships")
        refused = server.flask("db", "upgrade", "-x", "lock_timeout=100ms")
        assert refused.returncode != 0
        assert "lock timeout" in refused.stderr
    reader.rollback()
    assert server.flask("db", "current").stdout.split()[0] == "0005"
    assert server.flask("db", "upgrade").returncode == 0
    reader.close()


@pytest.mark.parametrize("wait", ["soon", "1s'; DROP TABLE users; --"])
def test_how_long_to_wait_for_a_table_is_a_time(postgres: Postgres, wait: str) -> None:
    refused = Server(postgres.new_database()).flask("db", "upgrade", "-x", f"lock_timeout={wait}")
    assert refused.returncode != 0
    assert refused.stderr.splitlines()[-1].startswith("lock_timeout must be like 500ms")
