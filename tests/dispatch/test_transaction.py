"""Transactions: one commit a call, nothing kept of a call that fails, and a database that goes away is said so."""

from collections.abc import Iterator

import pytest

from tests.support.backends import Postgres
from tests.support.patched import run_patched
from tests.support.server import Server


@pytest.fixture
def own_database(postgres: Postgres) -> Iterator[str]:
    url = postgres.new_database()
    yield url
    postgres.drop_database(url)


def test_a_slow_query_does_not_stop_the_others(own_database: str) -> None:
    """Catches in one: the driver, the order of patching, and what its environment needs."""
    script = """
    import time
    from sqlalchemy import text
    from chatx import create_app
    from chatx.extensions import db
    gap, last = 0.0, time.perf_counter()
    def tick():
        global gap, last
        while True:
            eventlet.sleep(0.005)
            gap, last = max(gap, time.perf_counter() - last), time.perf_counter()
    app = create_app()
    with app.app_context():
        db.session.execute(text("SELECT 1"))
        eventlet.spawn(tick)
        eventlet.sleep(0.02)
        gap = 0.0
        db.session.execute(text("SELECT pg_sleep(0.3)"))
        print(gap)
    """
    assert float(run_patched(script, own_database)) < 0.1


def test_hashing_does_not_stop_the_others(fresh_sqlite: str) -> None:
    script = """
    import time
    from chatx import create_app
    from chatx.services.passwords import passwords
    app = create_app()
    ticks = 0
    def tick():
        global ticks
        while True:
            eventlet.sleep(0.001)
            ticks += 1
    eventlet.spawn(tick)
    eventlet.sleep(0.01)
    before = ticks
    began = time.perf_counter()
    for _ in range(5):
        passwords.hash("a password to hash")
    print((ticks - before) / (time.perf_counter() - began))
    """
    assert float(run_patched(script, fresh_sqlite)) > 50  # turns of the loop a second, while hashes are made


def test_a_lost_deadlock_is_tried_again(own_database: str) -> None:
    server = Server(own_database)
    assert server.flask("db", "upgrade").returncode == 0
    script = """
    from sqlalchemy import text
    from chatx import create_app
    from chatx.dispatch.transaction import in_transaction
    from chatx.extensions import db
    app = create_app()
    with app.app_context():
        db.session.execute(text("CREATE TABLE pairs (id int primary key, n int)"))
        db.session.execute(text("INSERT INTO pairs VALUES (1, 0), (2, 0)"))
        db.session.commit()
    def change(first, second):
        def attempt():
            db.session.execute(text("UPDATE pairs SET n = n + 1 WHERE id = :id"), {"id": first})
            eventlet.sleep(0.05)
            db.session.execute(text("UPDATE pairs SET n = n + 1 WHERE id = :id"), {"id": second})
        with app.app_context():
            in_transaction(attempt)
    workers = [eventlet.spawn(change, 1, 2), eventlet.spawn(change, 2, 1)]
    for worker in workers:
        worker.wait()
    with app.app_context():
        print(db.session.execute(text("SELECT sum(n) FROM pairs")).scalar())
    """
    assert run_patched(script, own_database) == "4"


def test_what_a_failed_call_changed_is_undone_and_untold(fresh_sqlite: str) -> None:
    server = Server(fresh_sqlite)
    assert server.flask("db", "upgrade").returncode == 0
    script = """
    from chatx import create_app, registry
    from chatx.context import Actor
    from chatx.dispatch import dispatch
    from chatx.errors import Conflict
    from chatx.schemas.base import Nothing
    from chatx.services.live import live
    from chatx import access
    told = []
    class Ear:
        def deliver(self, frame): told.append(frame.event)
        def close(self, device_id): told.append("close")
    @registry.handles("test:fail", takes=Nothing, raises=(Conflict,))
    def fail(ctx):
        "Change and tell, then fail."
        me = access.own_feeds([ctx.user_id])[ctx.user_id]
        me.about = "changed"
        ctx.change(me, "profile:updated", me.id, user=me)
        raise Conflict
    app = create_app()
    with app.app_context():
        account = {"username": "alice", "password": "correct horse", "display_name": "Alice"}
        session = dispatch("auth:register", None, account)
        actor = Actor(session["user"]["id"], session["device"]["id"])
        live.listen_here(Ear())
        try:
            dispatch("test:fail", actor, {})
        except Conflict:
            pass
        assert dispatch("user:me", actor, {})["about"] == ""
        assert dispatch("sync", actor, {})["cursors"] == {"me": 0}
        dispatch("user:update", actor, {"about": "works again"})
        print(told)
    """
    assert run_patched(script, fresh_sqlite) == "['profile:updated']"
