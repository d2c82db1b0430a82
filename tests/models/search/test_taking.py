"""The index: filled after the commit, whoever does it and however often it is interrupted, and never with what is gone."""

from textwrap import dedent

from tests.support.patched import run_patched

HEAD = """
import itertools
from datetime import UTC, datetime, timedelta
from chatx.dispatch.transaction import in_transaction
from chatx.models import Message, Room, SearchEntry, SearchMark, Timer
from chatx.models.search.steps import LOWEST_ID
from chatx.models.search.taking import take_in
from chatx.worker import Worker
import chatx.dispatch.following
def do(work, *args):
    with app.app_context():
        return in_transaction(lambda: work(*args))
def rows(query):
    return do(lambda: db.session.execute(text(query)).all())
def say(words, numbers=itertools.count()):
    return ask(alice, "message:send", {"room_id": room, "client_id": str(next(numbers)), "text": words})
def found(words, **more):
    return [hit["message"]["text"] for hit in ask(bob, "search", {"q": words, **more})["items"]]
def indexed():
    "Every message that is not deleted has one entry, as it would be made now, up to the mark."
    def look():
        mark = db.session.get(SearchMark, room).seq
        entries = {each.seq: set(each.grams) for each in db.session.scalars(db.select(SearchEntry))}
        said = [each for each in db.session.scalars(db.select(Message)) if each.deleted_at is None and each.seq <= mark]
        assert entries.keys() == {each.seq for each in said}
        for each in said:
            assert entries[each.seq] == set(SearchEntry.row(each)["grams"])
        return len(entries)
    return do(look)
"""


def run(script: str, database: str) -> str:
    return run_patched(HEAD + dedent(script), database, people=True)


def test_what_a_process_did_not_take_in_before_it_died_the_worker_takes_in(fresh_database: str) -> None:
    script = """
    chatx.dispatch.following.Following.add = lambda *_: None
    for number in range(300):
        say(f"boat {number}")
    assert rows("SELECT * FROM search_entries") == []
    assert found("boat", limit=3) == ["boat 299", "boat 298", "boat 297"]
    worker = Worker(app)
    eventlet.spawn(worker.run)
    eventlet.sleep(1)
    assert rows("SELECT * FROM search_entries") == []
    now = datetime.now(UTC)
    do(lambda: db.session.execute(db.update(Room).values(active_at=now - timedelta(minutes=2))))
    do(Timer.set, "search:index", "", now)
    while rows("SELECT max(seq) FROM search_marks") != [(301,)]:
        eventlet.sleep(0.05)
    assert rows("SELECT kind FROM timers WHERE kind = 'search:index'") == [("search:index",)]
    worker.stop()
    worker.wait()
    assert indexed() == 300
    assert found("boat", limit=3) == ["boat 299", "boat 298", "boat 297"]
    assert ask(None, "search:index", {"after": LOWEST_ID}) is None
    """
    run(script, fresh_database)


def test_each_page_of_what_is_far_behind_looks_at_so_much_and_none_is_lost(fresh_database: str) -> None:
    script = """
    chatx.dispatch.following.Following.add = lambda *_: None
    import chatx.models.search.candidates
    chatx.models.search.candidates.MOST_NEW = 10
    for number in range(50):
        say(f"boat {number}" if number % 10 == 0 else "harbour")
    seen, pages, cursor = [], 0, {}
    while cursor is not None:
        page = ask(bob, "search", {"q": "boat", **cursor})
        seen += [hit["message"]["text"] for hit in page["items"]]
        pages += 1
        cursor = page["next"] and {"cursor": page["next"]}
        if pages == 3:
            do(take_in, [room], 128)
    assert seen == ["boat 40", "boat 30", "boat 20", "boat 10", "boat 0"]
    assert pages >= 4
    """
    run(script, fresh_database)


def test_several_at_once_take_in_each_message_once_and_nothing_that_changes_meanwhile(fresh_database: str) -> None:
    script = """
    said = [say(f"boat {number}") for number in range(60)]
    def take():
        for _ in range(20):
            do(take_in, [room], 8)
            eventlet.sleep(0)
    def change():
        for message in said[::3]:
            ask(alice, "message:delete", {"room_id": room, "seq": message["seq"], "scope": "all"})
        for message in said[1::3]:
            ask(alice, "message:edit", {"room_id": room, "seq": message["seq"], "text": message["text"].replace("boat", "raft")})
    def talk():
        return [say("boat again") for _ in range(20)]
    for each in [eventlet.spawn(work) for work in (take, take, change, talk, take)]:
        each.wait()
    take()
    assert indexed() == 60
    assert found("raft", limit=100) == [f"raft {number}" for number in range(58, 0, -3)]
    assert len(found("boat", limit=100)) == 40
    """
    run(script, fresh_database)


def test_an_index_that_cannot_be_written_costs_nothing_but_itself(fresh_database: str) -> None:
    script = """
    import chatx.registry
    from dataclasses import replace
    follower = chatx.registry.followers["message:created"]
    def fail(room_ids):
        raise ZeroDivisionError
    chatx.dispatch.following._followings["message:created"] = chatx.dispatch.following.Following(replace(follower, run=fail))
    assert say("the first boat")["seq"] == 2
    eventlet.sleep(0.4)
    assert found("boat") == ["the first boat"]
    chatx.dispatch.following._followings.clear()
    say("the second boat")
    while rows("SELECT seq FROM search_marks") != [(3,)]:
        eventlet.sleep(0.05)
    assert indexed() == 2
    """
    run(script, fresh_database)


def test_what_is_deleted_or_edited_leaves_the_index_with_that_commit(fresh_database: str) -> None:
    script = """
    from sqlalchemy import inspect
    from chatx.models.search.folding import fold
    from chatx.models.search.grams import grams_of
    sqlite = database_name == "sqlite"
    def holders(words):
        "How many entries have a gram of these words; and how many are found by one."
        numbers = grams_of(fold(words))
        entries = do(lambda: [{*each} for each in db.session.scalars(db.select(SearchEntry.grams))])
        match = " OR ".join(f'"{number}"' for number in numbers)
        found = len(rows(f"SELECT rowid FROM fts_search WHERE fts_search MATCH '{match}'")) if sqlite else None
        return sum(bool(each & numbers) for each in entries), found
    def kept():
        "All that stands in the tables of the index."
        names = [name for name in do(lambda: inspect(db.engine).get_table_names()) if "search" in name]
        assert len(names) >= (7 if sqlite else 3)
        return " ".join(str(row) for name in names for row in rows(f"SELECT * FROM {name}"))
    gone, changed, stays = say("zebra"), say("quagga"), say("okapi")
    do(take_in, [room], 64)
    assert holders("zebra")[0] == holders("quagga")[0] == holders("okapi")[0] == 1
    assert ask(alice, "message:delete", {"room_id": room, "seq": gone["seq"], "scope": "all"}) is None
    ask(alice, "message:edit", {"room_id": room, "seq": changed["seq"], "text": "gnu"})
    none, one = (0, 0 if sqlite else None), (1, 1 if sqlite else None)
    assert holders("zebra") == holders("quagga") == none
    assert holders("gnu") == holders("okapi") == one
    assert not any(word in kept() for word in ("zebra", "quagga", "okapi", "gnu"))
    assert indexed() == 2
    """
    kind = "sqlite" if fresh_database.startswith("sqlite") else "postgresql"
    run(f"database_name = {kind!r}\n" + dedent(script), fresh_database)
