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
