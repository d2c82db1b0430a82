"""History by seq: before, after and around a place, and never more than the caller may see."""

import pytest

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


def test_two_places_at_once_are_refused(alice: Person, notes: str) -> None:
    answer = alice.get(f"/rooms/{notes}/messages", before=5, after=2)
    assert (answer.status, list(answer.body["fields"])) == (422, ["around"])


@pytest.mark.parametrize("query", [{"limit": 0}, {"limit": 101}, {"before": -1}, {"before": "5x"}, {"after": 2**53}, {"seq": 1}])
def test_a_place_that_cannot_be_is_refused_by_name(alice: Person, notes: str, query: dict[str, int]) -> None:
    answer = alice.get(f"/rooms/{notes}/messages", **query)
    assert (answer.status, answer.body["fields"].keys()) == (422, query.keys())


def test_a_stranger_reads_nothing(alice: Person, bob: Person, mallory: Person) -> None:
    room = alice.direct(bob)
    alice.say(room)
    assert mallory.get(f"/rooms/{room}/messages").code == "not_found"
    with pytest.raises(Refused, match="not_found"):
        mallory.ask("history", {"room_id": room})
