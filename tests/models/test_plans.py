"""What is read often is found by an index, however much is stored: no plan looks through all messages or changes."""

from collections.abc import Iterator

import pytest

from tests.support.backends import Postgres
from tests.support.patched import run_patched

STORED = 30_000


@pytest.fixture
def database(postgres: Postgres) -> Iterator[str]:
    url = postgres.new_database()
    yield url
    postgres.drop_database(url)


def test_history_sync_and_unread_are_read_by_index(database: str) -> None:
    script = f"""
    import re
    with app.app_context():
        rooms = [dispatch("room:create", alice, {{"title": str(n), "member_ids": [bob.user_id]}})["id"] for n in range(30)]
        columns = "room_id, seq, id, sender_id, client_id, type, text, data, mentions, forward_score, created_at"
        said = "SELECT r, s + 1, gen_random_uuid(), :who, s, 'text', 'x', '{{}}', '[]', 0, now()"
        places = "unnest(CAST(:rooms AS uuid[])) r, generate_series(1, {STORED} / 30) s"
        fill = f"INSERT INTO messages ({{columns}}) {{said}} FROM {{places}}"
        db.session.execute(text(fill), {{"rooms": rooms, "who": bob.user_id}})
        last = "seq = {STORED} / 30 + 1, last_message_seq = {STORED} / 30 + 1"
        db.session.execute(text(f"UPDATE rooms SET {{last}} WHERE kind = 'group'"))
        db.session.commit()
        for table in ("messages", "changes", "rooms", "memberships"):
            db.session.execute(text(f"ANALYZE {{table}}"))
        db.session.commit()
        engine = db.engine
    seen = []
    event.listen(engine, "before_cursor_execute", lambda connection, cursor, sql, values, *more: seen.append((sql, values)))
    behind = {{room: {STORED} // 30 - 20 for room in rooms}}
    assert ask(alice, "history", {{"room_id": rooms[0], "before": 700}})["has_before"]
    assert ask(alice, "history", {{"room_id": rooms[0], "around": 500}})["has_after"]
    assert len(ask(alice, "sync", {{"cursors": behind, "limit": 500}})["changes"]) > 490
    assert len(ask(alice, "sync", {{"cursors": {{}}}})["rooms"]) == 31
    ask(alice, "room:list", {{}}), ask(alice, "room:unread", {{}})
    ask(alice, "message:receipts", {{"room_id": rooms[0], "seq": 500}})
    read = [(sql, values) for sql, values in seen if re.search(r"(FROM|JOIN) (messages|changes|mentions|receipt_moves)", sql)]
    assert len(read) > 10, len(read)
    with engine.connect() as connection:
        for sql, values in read:
            plan = "\\n".join(row[0] for row in connection.exec_driver_sql("EXPLAIN " + sql, values))
            assert not re.search(r"Seq Scan on (messages|changes)", plan), sql + plan
    print("ok")
    """
    assert run_patched(script, database, people=True) == "ok"


def test_what_expires_is_found_by_index(database: str) -> None:
    """Also while almost all of a room is still to come, and messages of other rooms are due."""
    script = f"""
    import re
    from datetime import UTC, datetime
    from chatx.models import Timer
    from chatx.registry import timers
    from chatx.worker.batch import work_off
    with app.app_context():
        rooms = [dispatch("room:create", alice, {{"title": str(n), "member_ids": [bob.user_id]}})["id"] for n in range(300)]
        columns = "room_id, seq, id, sender_id, client_id, type, text, data, mentions, forward_score, created_at, expires_at"
        said = "SELECT r, s + 1, gen_random_uuid(), :who, s, 'text', 'x', '{{}}', '[]', 0, now()"
        expires = "CASE WHEN s % 100 = 0 THEN NULL WHEN s < 50 THEN now() ELSE now() + interval '1 day' END"
        places = "unnest(CAST(:rooms AS uuid[])) r, generate_series(1, {STORED} / 300) s"
        fill = f"INSERT INTO messages ({{columns}}) {{said}}, {{expires}} FROM {{places}}"
        db.session.execute(text(fill), {{"rooms": rooms, "who": bob.user_id}})
        last = "seq = {STORED} / 300 + 1, last_message_seq = {STORED} / 300 + 1"
        db.session.execute(text(f"UPDATE rooms SET {{last}} WHERE kind = 'group'"))
        for each in rooms[:5]:
            Timer.set("message:expire", each, datetime.now(UTC))
        db.session.commit()
        db.session.execute(text("ANALYZE messages"))
        db.session.commit()
        engine = db.engine
        seen = []
        event.listen(engine, "before_cursor_execute", lambda connection, cursor, sql, values, *more: seen.append((sql, values)))
        assert work_off(timers["message:expire"]) == 5
    read = [(sql, values) for sql, values in seen if re.search(r"(FROM|UPDATE) messages", sql)]
    assert len(read) == 3, [sql for sql, _ in read]
    with engine.connect() as connection:
        for sql, values in read:
            plan = "\\n".join(row[0] for row in connection.exec_driver_sql("EXPLAIN " + sql, values))
            assert "Seq Scan on messages" not in plan, sql + plan
        assert connection.scalar(text("SELECT count(*) FROM messages WHERE type = 'deleted'")) == 5 * 49
    print("ok")
    """
    assert run_patched(script, database, people=True) == "ok"


def test_who_is_stirred_by_a_message_is_found_in_the_index_of_these_few(database: str) -> None:
    """As psycopg2 prepares it: with the plan that PostgreSQL keeps for all rooms, among which are large ones."""
    script = """
    from chatx.models.plain import PREPARE
    from datetime import UTC, datetime
    with app.app_context():
        rooms = [dispatch("room:create", alice, {"title": str(n), "member_ids": [bob.user_id]})["id"] for n in range(20)]
        person = "gen_random_uuid(), 'many_' || n, '', 'x', '', now(), 0, 0"
        columns = "id, username, password_hash, display_name, about, created_at, seq, floor"
        db.session.execute(text(f"INSERT INTO users ({columns}) SELECT {person} FROM generate_series(1, 1000) n"))
        columns = "room_id, user_id, role, joined_at, joined_seq, past_stays, delivered_seq, read_seq"
        columns += ", pinned, archived, marked_unread"
        stay = "r, id, 'member', now(), 1, '[]', 1, 1, false, false, false"
        many = "FROM users, unnest(CAST(:rooms AS uuid[])) r WHERE username LIKE 'many_%'"
        db.session.execute(text(f"INSERT INTO memberships ({columns}) SELECT {stay} {many}"), {"rooms": rooms})
        db.session.execute(text("UPDATE memberships SET draft = 'x' WHERE user_id IN (SELECT id FROM users LIMIT 20)"))
        db.session.commit()
        for table in ("memberships", "rooms"):
            db.session.execute(text(f"ANALYZE {table}"))
        db.session.commit()
        connection = db.engine.raw_connection().cursor()
    connection.execute("SET plan_cache_mode = force_generic_plan")
    connection.execute(PREPARE)
    one = [rooms[0], 1, datetime.now(UTC), rooms[0], alice.user_id, "1", "", "hi"]
    many = [rooms, [1] * 20, [1] * 20, datetime.now(UTC), rooms, [0] * 20, rooms, [alice.user_id] * 20, *[["x"] * 20] * 3]
    kinds = {"chatx_say_one": (one, ["uuid", "bigint", "timestamptz", "uuid", "uuid", "text", "text", "text"])}
    kinds["chatx_say"] = (many, "uuid[] bigint[] int[] timestamptz uuid[] int[] uuid[] uuid[] text[] text[] text[]".split())
    for name, (values, types) in kinds.items():
        places = ", ".join(f"%s::{kind}" for kind in types)
        connection.execute(f"EXPLAIN EXECUTE {name} ({places})", values)
        plan = "\\n".join(row[0] for row in connection.fetchall())
        assert "ix_memberships_stirred" in plan, plan
        assert "Seq Scan on memberships" not in plan and "pk_memberships" not in plan, plan
    print("ok")
    """
    assert run_patched(script, database, people=True) == "ok"
