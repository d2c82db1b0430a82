"""Timers: one for each kind and key, taken once, by whoever comes first."""

from textwrap import dedent

from tests.support.backends import Postgres
from tests.support.patched import run_patched

HEAD = """
from datetime import UTC, datetime, timedelta
from chatx.dispatch.transaction import in_transaction
from chatx.extensions import alarm
from chatx.models.timer import Setting, Timer
now, second = datetime.now(UTC), timedelta(seconds=1)
def do(work, *args):
    with app.app_context():
        return in_transaction(lambda: work(*args))
def take(kind="test:a", most=500, keys=None):
    return do(Timer.take, kind, now, most, keys)
"""


def test_a_timer_is_set_moved_cancelled_and_taken(fresh_database: str) -> None:
    script = """
    do(Timer.set, "test:a", "1", now + second, {"n": 1})
    do(Timer.set, "test:b", "1", now - second)
    assert take() == []
    with app.app_context():
        assert Timer.earliest(["test:a", "test:b", "test:c"]) == {"test:a": now + second, "test:b": now - second}
        assert Timer.earliest([]) == {}
    do(Timer.set, "test:a", "1", now - second, {"n": 2})
    do(Timer.set_all, [Setting("test:a", str(n), now - n * second, {"list": [n, None]}) for n in range(2, 6)])
    do(Timer.set_all, [])
    do(Timer.cancel, "test:a", "3")
    do(Timer.cancel_all, "test:a", ["5", "unknown"])
    do(Timer.cancel_all, "test:a", [])
    (longest,) = take(most=1)
    assert (longest.key, longest.due_at, longest.data, longest.attempts) == ("4", now - 4 * second, {"list": [4, None]}, 0)
    assert [due.key for due in take(keys=["1", "4"])] == ["1"]
    assert [(due.key, due.data) for due in take()] == [("2", {"list": [2, None]})]
    assert take() == []
    assert [due.key for due in take("test:b")] == ["1"]
    for _ in range(2):
        do(Timer.ensure, "test:c", now)
    assert [due.key for due in take("test:c")] == [""]
    print("ok")
    """
    assert run_patched(HEAD + dedent(script), fresh_database, people=True) == "ok"


def test_what_failed_is_put_off_unless_it_was_set_anew(fresh_database: str) -> None:
    script = """
    def put_off(between):
        do(Timer.set, "test:a", "1", now)
        def fail():
            due = Timer.take("test:a", now, 1)[0]
            db.session.rollback()
            return due
        due = do(fail)
        between()
        do(Timer.postpone, due, now + second)
        return due
    put_off(lambda: None)
    with app.app_context():
        assert Timer.earliest(["test:a"]) == {"test:a": now + second}
        assert db.session.scalar(text("SELECT attempts FROM timers WHERE kind = 'test:a'")) == 1
    put_off(lambda: do(Timer.set, "test:a", "1", now + 5 * second))
    with app.app_context():
        assert Timer.earliest(["test:a"]) == {"test:a": now + 5 * second}
    print("ok")
    """
    assert run_patched(HEAD + dedent(script), fresh_database, people=True) == "ok"


def test_the_alarm_rings_after_the_commit_for_the_earliest_and_never_without_one(fresh_database: str) -> None:
    script = """
    rung = []
    alarm.bind(lambda due_at: rung.append((due_at, take())))
    def fail():
        Timer.set("test:a", "lost", now)
        raise ZeroDivisionError
    try:
        do(fail)
    except ZeroDivisionError:
        pass
    do(Timer.cancel, "test:a", "nothing")
    assert rung == []
    rung_at = []
    alarm.bind(rung_at.append)
    do(lambda: [Timer.set("test:a", "1", now + second), Timer.set("test:a", "2", now), Timer.set("test:a", "3", now + second)])
    assert rung_at == [now]
    assert [due.key for due in take()] == ["2"]
    print("ok")
    """
    assert run_patched(HEAD + dedent(script), fresh_database, people=True) == "ok"


def test_two_who_take_at_once_take_others_and_a_cancellation_does_not_wait_for_them(postgres: Postgres) -> None:
    script = """
    do(Timer.set_all, [Setting("test:a", str(n), now - (10 - n) * second) for n in range(4)])
    both_have = []
    def take_slowly():
        mine = Timer.take("test:a", now, 2)
        both_have.append(mine)
        while len(both_have) < 2:
            eventlet.sleep(0.01)
        assert Timer.take("test:a", now, 2) == []
        Timer.cancel_all("test:a", ["0", "1", "2", "3"])
        return [due.key for due in mine]
    takers = [eventlet.spawn(do, take_slowly) for _ in range(2)]
    assert sorted(taker.wait() for taker in takers) == [["0", "1"], ["2", "3"]]
    print("ok")
    """
    url = postgres.new_database()
    assert run_patched(HEAD + dedent(script), url, people=True) == "ok"
    postgres.drop_database(url)
