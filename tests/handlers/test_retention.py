"""Old changes are forgotten: who was away for longer starts anew, and nobody loses a message."""

from textwrap import dedent

from tests.support.patched import run_patched
from tests.support.people import Cast, Person
from tests.support.state import State


def test_a_cursor_below_the_floor_is_a_reset(alice: Person, bob: Person, cast: Cast) -> None:
    room = alice.group(bob)
    said = alice.say(room, "stays")
    alice.patch(f"/rooms/{room}", {"title": "Lake"})
    away = State.fetched(bob)
    old = {feed: 0 for feed in away.cursors}
    trimmed = cast.server.flask("chatx", "trim", "--days", "0")
    assert trimmed.returncode == 0, trimmed.stderr
    answer = bob.post("/sync", {"cursors": old}).body
    assert sorted(answer["reset"]) == sorted(old)
    assert answer["changes"] == []
    assert bob.history(room)[0] == said
    assert away.copy().sync(limit=1).comparable() == State.fetched(bob).comparable()


def test_what_is_told_after_trimming_is_replayed_as_ever(alice: Person, bob: Person, cast: Cast) -> None:
    room = alice.group(bob)
    cast.server.flask("chatx", "trim", "--days", "0")
    known = State.fetched(bob)
    alice.say(room, "new")
    alice.patch(f"/rooms/{room}", {"description": "new too"})
    answer = bob.post("/sync", {"cursors": known.cursors}).body
    assert [change["type"] for change in answer["changes"]] == ["message:created", "room:updated", "message:created"]
    assert known.sync(limit=1).comparable() == State.fetched(bob).comparable()


def test_what_is_young_is_kept(alice: Person, cast: Cast) -> None:
    alice.group()
    before = alice.post("/sync", {"cursors": {"me": 0}}).body["changes"]
    assert cast.server.flask("chatx", "trim").returncode == 0
    assert alice.post("/sync", {"cursors": {"me": 0}}).body["changes"] == before


def test_the_worker_forgets_them_by_itself_some_feeds_at_a_time(fresh_sqlite: str) -> None:
    """ "changes:trim" is due when a worker starts for the first time, goes on while there is more, and comes back in an hour."""
    script = """
    from datetime import UTC, datetime, timedelta
    from chatx.dispatch.transaction import in_transaction
    from chatx.handlers import retention
    from chatx.models.timer import Timer
    from chatx.worker import Worker
    retention.FEEDS_AT_ONCE = 1
    ask(bob, "user:update", {"about": "young"})
    long_ago = {"at": datetime.now(UTC).replace(tzinfo=None) - timedelta(days=31)}
    with app.app_context():
        in_transaction(lambda: db.session.execute(text("UPDATE changes SET at = :at WHERE type LIKE 'room:%'"), long_ago))
    def changes():
        with app.app_context():
            return db.session.execute(text("SELECT type, count(*) FROM changes GROUP BY type")).all()
    assert changes() == [("profile:updated", 1), ("room:added", 2), ("room:created", 1)]
    worker = Worker(app)
    eventlet.spawn(worker.run)
    while len(changes()) > 1:
        eventlet.sleep(0.01)
    assert changes() == [("profile:updated", 1)]
    worker.stop()
    worker.wait()
    assert ask(bob, "sync", {"cursors": {"me": 0, room: 1}})["reset"] == ["me"]
    with app.app_context():
        back_in = Timer.earliest(["changes:trim"])["changes:trim"] - datetime.now(UTC)
    assert timedelta(minutes=59) < back_in < timedelta(hours=1), back_in
    print("ok")
    """
    assert run_patched(dedent(script), fresh_sqlite, people=True) == "ok"
