"""Sync: everything missed, page by page, and honest about what cannot be filled."""

import uuid

import pytest

from chatx.models.any_of import AT_ONCE
from tests.support.people import Person, Refused


def test_a_client_that_begins_gets_its_rooms_and_a_place_in_each_feed(alice: Person, bob: Person) -> None:
    room = alice.direct(bob)
    said = alice.say(room)
    answer = bob.post("/sync").body
    assert [each["id"] for each in answer["rooms"]] == [room]
    assert answer["cursors"] == {"me": 1, room: said["seq"]}
    assert answer["marks"] == {room: {alice.id: [1, 1], bob.id: [1, 1]}}
    assert (answer["changes"], answer["reset"], answer["gone"], answer["has_more"]) == ([], [], [], False)


def test_the_very_envelopes_that_were_heard_are_replayed(alice: Person, bob: Person) -> None:
    room = alice.direct(bob)
    bob.live().forget()
    cursors = bob.post("/sync").body["cursors"]
    alice.say(room, "one")
    bob.say(room, "two", reply_to_seq=2)
    bob.settle()
    heard = [data for _, data in bob.heard if data.get("feed") == room]
    replayed = [change for change in bob.ask("sync", {"cursors": cursors})["changes"] if change["feed"] == room]
    assert replayed == heard


@pytest.mark.parametrize("limit", [1, 3, 500])
def test_what_was_said_is_replayed_with_its_reactions_also_where_the_page_ends_before_them(
    alice: Person, bob: Person, limit: int
) -> None:
    room = alice.direct(bob)
    said, plain, taken_back = (alice.say(room, text) for text in ("one", "two", "three"))
    for message in (said, taken_back):
        bob.put(f"/rooms/{room}/messages/{message['seq']}/reaction", {"emoji": "👍"})
    bob.delete(f"/rooms/{room}/messages/{taken_back['seq']}/reaction")
    reactions = {}
    for message in (said, plain, taken_back):
        answer = bob.ask("sync", {"cursors": {room: message["seq"] - 1}, "limit": limit})
        reactions[message["seq"]] = answer["changes"][0]["message"]["reactions"]
    thumb = {"emoji": "👍", "count": 1, "user_ids": [bob.id], "mine": None}
    assert reactions == {said["seq"]: [thumb], plain["seq"]: [], taken_back["seq"]: []}


def test_more_rooms_than_one_statement_asks_for_are_all_filled(alice: Person, bob: Person) -> None:
    rooms = [alice.group(bob) for _ in range(AT_ONCE + 1)]
    said = {room: alice.say(room, room)["seq"] for room in rooms}
    answer = bob.ask("sync", {"cursors": {room: seq - 1 for room, seq in said.items()}})
    assert [(change["feed"], change["message"]["text"]) for change in answer["changes"]] == [
        (room, room) for room in sorted(rooms)
    ]
    assert answer["marks"].keys() == set(rooms)


def test_pages_hold_at_most_the_limit_and_end_where_the_next_begins(alice: Person, bob: Person) -> None:
    rooms = [alice.direct(bob), alice.group(bob), alice.group(bob)]
    cursors = {"me": 0} | dict.fromkeys(rooms, 0)
    for room in rooms:
        for _ in range(4):
            alice.say(room)
    seen = []
    while True:
        answer = bob.ask("sync", {"cursors": cursors, "limit": 3})
        assert len(answer["changes"]) <= 3
        seen += [(change["feed"], change["seq"]) for change in answer["changes"]]
        cursors = answer["cursors"]
        if not answer["has_more"]:
            break
        assert answer["marks"] == {}
    assert len(seen) == len(set(seen))
    for room in rooms:
        assert [seq for feed, seq in seen if feed == room] == [1, 2, 3, 4, 5]
    # Four changes of bob's own: three rooms were added for him.
    assert [seq for feed, seq in seen if feed == "me"] == [1, 2, 3]


def test_a_room_that_is_no_longer_theirs_is_gone(alice: Person, bob: Person) -> None:
    room = alice.group(bob)
    cursors = bob.post("/sync").body["cursors"]
    alice.delete(f"/rooms/{room}/members/{bob.id}")
    alice.say(room, "without bob")
    answer = bob.post("/sync", {"cursors": cursors}).body
    assert answer["gone"] == [room]
    assert {change["type"] for change in answer["changes"]} == {"room:removed"}
    assert room not in answer["cursors"]


def test_nobody_learns_by_syncing_whether_a_room_exists(alice: Person, bob: Person, mallory: Person) -> None:
    room, missing = alice.direct(bob), str(uuid.uuid4())
    answer = mallory.post("/sync", {"cursors": {room: 0, missing: 0}}).body
    assert sorted(answer["gone"]) == sorted([room, missing])
    assert answer["changes"] == answer["rooms"] == []


def test_a_hole_that_cannot_be_filled_is_a_reset_with_the_whole_room(alice: Person, bob: Person) -> None:
    room = alice.group(bob)
    before = bob.post("/sync").body["cursors"]
    bob.delete(f"/rooms/{room}/members/{bob.id}")
    alice.say(room, "without bob")
    alice.post(f"/rooms/{room}/members", {"user_ids": [bob.id]})
    answer = bob.post("/sync", {"cursors": before}).body
    assert answer["reset"] == [room]
    assert [each["id"] for each in answer["rooms"]] == [room]
    assert "without bob" not in str(answer)


def test_a_cursor_from_the_future_is_a_reset(alice: Person) -> None:
    notes = alice.direct(alice)
    answer = alice.post("/sync", {"cursors": {"me": 99, notes: 99}}).body
    assert sorted(answer["reset"]) == sorted(["me", notes])
    assert answer["cursors"] == {"me": 1, notes: 1}


@pytest.mark.parametrize(
    "wrong",
    [{"cursors": {"you": 1}}, {"cursors": {"me": -1}}, {"cursors": {"me": "1"}}, {"cursors": []}, {"limit": 0}, {"limit": 1_001}],
    ids=str,
)
def test_wrong_cursors_are_refused_by_name(alice: Person, wrong: dict) -> None:
    answer = alice.post("/sync", wrong)
    assert (answer.status, answer.body["fields"].keys()) == (422, wrong.keys())
    with pytest.raises(Refused, match="validation_failed"):
        alice.ask("sync", wrong)
