"""History by seq, by date and from the first unread message, and never more than the caller may see."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.handlers.test_search import taken_in
from tests.support.database import make_older
from tests.support.people import Person, Refused


@pytest.fixture
def notes(alice: Person) -> str:
    """alice's notes with messages at seq 2 … 11."""
    room = alice.direct(alice)
    for number in range(2, 12):
        alice.say(room, f"note {number}")
    return room


@pytest.mark.parametrize(
    ("query", "seqs", "has_before", "has_after"),
    [
        ({}, range(2, 12), False, False),
        ({"limit": 3}, [9, 10, 11], True, False),
        ({"before": 5}, [2, 3, 4], False, True),
        ({"before": 9, "limit": 2}, [7, 8], True, True),
        ({"before": 2}, [], False, True),
        ({"before": 0}, [], False, True),
        ({"after": 9}, [10, 11], True, False),
        ({"after": 0, "limit": 2}, [2, 3], False, True),
        ({"after": 11}, [], True, False),
        ({"after": 2**53 - 1}, [], True, False),
        ({"around": 6, "limit": 4}, [4, 5, 6, 7], True, True),
        ({"around": 2, "limit": 4}, [2, 3], False, True),
        ({"around": 100, "limit": 4}, [10, 11], True, False),
        ({"around": 6, "limit": 1}, [6], True, True),
    ],
    ids=str,
)
def test_a_place_in_the_history(
    alice: Person, notes: str, query: dict[str, int], seqs: list[int], has_before: bool, has_after: bool
) -> None:
    answer = alice.get(f"/rooms/{notes}/messages", **query).body
    assert [message["seq"] for message in answer["items"]] == list(seqs)
    assert (answer["has_before"], answer["has_after"]) == (has_before, has_after)
    assert alice.ask("history", {"room_id": notes, **query}) == answer


@pytest.fixture
def diary(alice: Person, bob: Person) -> tuple[str, datetime]:
    """A group with messages of six days, one a day at seq 4 … 9, and the time of the last."""
    room = alice.group(bob)
    alice.patch(f"/rooms/{room}", {"title": "Diary"})
    alice.patch(f"/rooms/{room}", {"title": "Our diary"})
    said = [(alice, bob)[day % 2].say(room, f"day {day}") for day in range(6)]
    for day, message in enumerate(said):
        make_older(alice.server, room, message["seq"], (5 - day) * 86_400)
    return room, datetime.fromisoformat(said[-1]["created_at"])


def shown(person: Person, room: str, **query: Any) -> tuple[int | None, list[int]]:
    """(the anchor, the seqs around it)."""
    in_url = {name: "true" if value is True else value for name, value in query.items()}
    answer = person.get(f"/rooms/{room}/messages", **in_url).body
    assert person.ask("history", {"room_id": room, **query}) == answer
    return answer["anchor"], [message["seq"] for message in answer["items"]]


def test_a_date_is_where_its_first_message_stands(alice: Person, diary: tuple[str, datetime]) -> None:
    room, last = diary

    def since(**ago: float) -> tuple[int | None, list[int]]:
        moment = (last - timedelta(**ago)).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        return shown(alice, room, date=moment, limit=4)

    for _ in range(2):
        assert since(days=3, hours=1) == (6, [4, 5, 6, 7])
        assert since(days=2, hours=23) == (7, [5, 6, 7, 8])
        assert since(days=900) == (4, [4, 5])
        assert since(hours=-1) == (None, [6, 7, 8, 9])
        taken_in(alice, room)


def test_a_date_that_one_may_not_see_is_the_next_that_one_may(alice: Person, bob: Person, diary: tuple[str, datetime]) -> None:
    room, _ = diary
    assert alice.delete(f"/rooms/{room}/members/{bob.id}").status == 204
    alice.say(room, "without bob")
    assert shown(bob, room, date="2099-01-01T00:00:00Z", limit=2) == (None, [8, 9])
    assert alice.post(f"/rooms/{room}/members", {"user_ids": [bob.id]}).status == 200
    back = alice.say(room, "with bob again")["seq"]
    hour_ago = (datetime.now().astimezone() - timedelta(hours=1)).isoformat()
    assert shown(bob, room, date=hour_ago, limit=2)[0] == 9
    assert shown(bob, room, date=alice.history(room)[-1]["created_at"], limit=2) == (back, [9, back])


def test_the_first_unread_message_is_the_first_of_others_beyond_the_mark(alice: Person, bob: Person) -> None:
    room = alice.group(bob)
    said = [alice.say(room, "one"), bob.say(room, "two"), alice.say(room, "three"), alice.say(room, "four")]
    seqs = [message["seq"] for message in said]
    assert shown(bob, room, first_unread=True, limit=2) == (seqs[0], seqs[:1])
    bob.post(f"/rooms/{room}/read", {"seq": seqs[0]})
    assert shown(bob, room, first_unread=True, limit=2) == (seqs[2], seqs[1:3])
    assert alice.delete(f"/rooms/{room}/messages/{seqs[2]}?scope=all").status == 204
    assert shown(bob, room, first_unread=True, limit=2) == (seqs[3], seqs[2:])
    bob.post(f"/rooms/{room}/read", {"seq": seqs[3]})
    assert shown(bob, room, first_unread=True, limit=2) == (None, seqs[2:])
    assert shown(alice, room, first_unread=True, limit=1) == (seqs[1], [seqs[1]])


def test_two_places_at_once_are_refused(alice: Person, notes: str) -> None:
    answer = alice.get(f"/rooms/{notes}/messages", before=5, after=2)
    assert (answer.status, list(answer.body["fields"])) == (422, ["around"])


@pytest.mark.parametrize(
    "query",
    [
        {"limit": 0},
        {"limit": 101},
        {"before": -1},
        {"before": "5x"},
        {"after": 2**53},
        {"seq": 1},
        {"date": "today"},
        {"first_unread": "yes"},
        {"first_unread": "false"},
    ],
)
def test_a_place_that_cannot_be_is_refused_by_name(alice: Person, notes: str, query: dict[str, int]) -> None:
    answer = alice.get(f"/rooms/{notes}/messages", **query)
    assert (answer.status, answer.body["fields"].keys()) == (422, query.keys())


def test_a_stranger_reads_nothing(alice: Person, bob: Person, mallory: Person) -> None:
    room = alice.direct(bob)
    alice.say(room)
    assert mallory.get(f"/rooms/{room}/messages").code == "not_found"
    with pytest.raises(Refused, match="not_found"):
        mallory.ask("history", {"room_id": room})
