"""The worker: what is due happens once, in time, also when others fail, die or were away."""

from textwrap import dedent

from tests.support.patched import run_patched

HEAD = """
from datetime import UTC, datetime, timedelta
from chatx import registry
from chatx.dispatch.transaction import in_transaction
from chatx.models.timer import Setting, Timer
from chatx.worker import Worker
now, second = datetime.now(UTC), timedelta(seconds=1)
ran = []
def run(calls):
    "Note what ran."
    if any(call.data.get("bad") for call in calls):
        raise ZeroDivisionError
    ran.append([call.key for call in calls])
registry.due("test:one")(run)
registry.due("test:two", most=10)(run)
def do(work, *args):
    with app.app_context():
        return in_transaction(lambda: work(*args))
def left():
    with app.app_context():
        return db.session.execute(text("SELECT kind, key, attempts FROM timers WHERE kind LIKE 'test:%' ORDER BY key")).all()
worker = Worker(app)
"""


def test_what_fails_is_put_off_and_its_neighbours_are_not(fresh_database: str) -> None:
    script = """
    timers = [Setting("test:one", f"{n:03}", now - second, {"bad": n in (7, 77)}) for n in range(200)]
    do(Timer.set_all, timers + [Setting("test:two", str(n), now) for n in range(30)])
    eventlet.spawn(worker.run)
    while sum(map(len, ran)) < 228:
        eventlet.sleep(0.01)
    assert sorted(key for keys in ran for key in keys if len(key) == 3) == [f"{n:03}" for n in range(200) if n not in (7, 77)]
    assert max(len(keys) for keys in ran if len(keys[0]) < 3) == 10
    failed = left()
    assert [(kind, key) for kind, key, _ in failed] == [("test:one", "007"), ("test:one", "077")]
    assert all(attempts >= 1 for _, _, attempts in failed)
    while left()[0].attempts < 2:
        eventlet.sleep(0.01)
    from chatx.services.metrics import metrics
    shown = metrics.shown()[0].decode()
    (failures,) = [line for line in shown.splitlines() if line.startswith('chatx_timers_failed_total{kind="test:one"}')]
    assert float(failures.split()[1]) >= 3, failures
    do(Timer.set, "test:one", "007", now)
    while len(left()) > 1:
        eventlet.sleep(0.01)
    assert ran[-1] == ["007"]
    worker.stop()
    worker.wait()
    print("ok")
    """
    assert run_patched(HEAD + dedent(script), fresh_database, people=True) == "ok"


def test_a_timer_set_here_is_not_slept_over(fresh_database: str) -> None:
    script = """
    import time
    eventlet.spawn(worker.run)
    eventlet.sleep(0.3)
    late = []
    for _ in range(5):
        due_at = datetime.now(UTC) + 0.1 * second
        do(Timer.set, "test:one", "1", due_at)
        while not ran:
            eventlet.sleep(0.005)
        ran.clear()
        late.append((datetime.now(UTC) - due_at).total_seconds())
    assert all(0 <= each < 0.9 for each in late), late
    assert sorted(late)[2] < 0.2, late
    worker.stop()
    worker.wait()
    print("ok")
    """
    assert run_patched(HEAD + dedent(script), fresh_database, people=True) == "ok"


def test_what_comes_again_and_again_is_one_timer_however_many_workers_ensure_it(fresh_database: str) -> None:
    """ "changes:trim" and "search:index" are two of these."""
    script = """
    registry.due("test:often", every=3600)(lambda calls: run(calls))
    registry.due("test:again", every=3600)(
        lambda calls: run(calls) or (len(ran) < 6 and Timer.set("test:again", "", calls[0].ctx.now))
    )
    workers = [Worker(app) for _ in range(3)]
    for each in workers:
        eventlet.spawn(each.run)
    while sum(map(len, ran)) < 6:
        eventlet.sleep(0.01)
    eventlet.sleep(0.2)
    assert len(ran) == 6 and all(keys == [""] for keys in ran), ran
    with app.app_context():
        rows = dict(db.session.execute(text("SELECT kind, count(*) FROM timers GROUP BY kind")).all())
        assert rows == {"test:often": 1, "test:again": 1, "changes:trim": 1, "search:index": 1}, rows
        assert all(due_at > now + 3000 * second for kind, due_at in Timer.earliest(list(rows)).items() if kind != "search:index")
    for each in workers:
        each.stop()
        each.wait()
    print("ok")
    """
    assert run_patched(HEAD + dedent(script), fresh_database, people=True) == "ok"


SLOW = """
prepared = []
def prepare(calls):
    prepared.append([call.key for call in calls])
    eventlet.sleep(0.3)
    if any(call.data.get("worse") for call in calls):
        raise ZeroDivisionError
    return [OSError(call.key) if call.data.get("bad") else call.key * 2 for call in calls]
registry.due("test:slow", most=4, prepares=prepare)(lambda calls: ran.append([(call.key, call.prepared) for call in calls]))
worker = Worker(app)
def set_slow(*keys, **data):
    do(Timer.set_all, [Setting("test:slow", key, now, data) for key in keys])
"""


def test_what_is_prepared_slowly_keeps_nobody_waiting_and_what_fails_in_it_is_put_off_alone(fresh_database: str) -> None:
    script = """
    set_slow("a", "b")
    set_slow("x", bad=True)
    set_slow("y", worse=True)
    eventlet.spawn(worker.run)
    while not prepared:
        eventlet.sleep(0.005)
    do(Timer.set, "test:one", "quick", datetime.now(UTC))
    while not ran:
        eventlet.sleep(0.005)
    assert ran == [["quick"]] and len(prepared) == 1, (ran, prepared)
    while len(left()) > 2 or any(attempts < 2 for _, _, attempts in left()):
        eventlet.sleep(0.01)
    assert sorted(pair for each in ran[1:] for pair in each) == [("a", "aa"), ("b", "bb")], ran
    assert [key for _, key, _ in left()] == ["x", "y"]
    worker.stop()
    worker.wait()
    print("ok")
    """
    assert run_patched(HEAD + SLOW + dedent(script), fresh_database, people=True) == "ok"


def test_what_is_prepared_twice_is_done_once_and_what_was_cancelled_or_moved_meanwhile_is_not(fresh_database: str) -> None:
    """The lease ends before the preparation does, so that a second worker prepares the same."""
    script = """
    from chatx.worker import batch
    batch.LEASE = second * 0.1
    set_slow("a", "b", "c")
    workers = [Worker(app) for _ in range(2)]
    for each in workers:
        eventlet.spawn(each.run)
    while len(prepared) < 2:
        eventlet.sleep(0.005)
    do(Timer.cancel, "test:slow", "b")
    do(Timer.set, "test:slow", "c", now + 100 * second)
    batch.LEASE = second * 60
    while [key for _, key, _ in left()] != ["c"]:
        eventlet.sleep(0.005)
    eventlet.sleep(0.5)
    assert ran == [[("a", "aa")]], ran
    for each in workers:
        each.stop()
        each.wait()
    print("ok")
    """
    assert run_patched(HEAD + SLOW + dedent(script), fresh_database, people=True) == "ok"
