"""Old changes are forgotten: who was away for longer starts anew, and nobody loses a message."""

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
    assert bob.history(room) == [said]
    assert away.copy().sync(limit=1).comparable() == State.fetched(bob).comparable()


def test_what_is_told_after_trimming_is_replayed_as_ever(alice: Person, bob: Person, cast: Cast) -> None:
    room = alice.group(bob)
    cast.server.flask("chatx", "trim", "--days", "0")
    known = State.fetched(bob)
    alice.say(room, "new")
    alice.patch(f"/rooms/{room}", {"description": "new too"})
    answer = bob.post("/sync", {"cursors": known.cursors}).body
    assert [change["type"] for change in answer["changes"]] == ["message:created", "room:updated"]
    assert known.sync(limit=1).comparable() == State.fetched(bob).comparable()


def test_what_is_young_is_kept(alice: Person, cast: Cast) -> None:
    alice.group()
    before = alice.post("/sync", {"cursors": {"me": 0}}).body["changes"]
    assert cast.server.flask("chatx", "trim").returncode == 0
    assert alice.post("/sync", {"cursors": {"me": 0}}).body["changes"] == before
