"""How far people are: marks that only rise; and typing, which is never kept."""

import pytest

from tests.support.people import Person, Refused


def test_reading_is_heard_by_the_room_and_clears_what_was_unread(alice: Person, bob: Person) -> None:
    room = alice.direct(bob)
    said = alice.say(room)
    alice.live()
    mark = bob.ask("receipt:read", {"room_id": room, "seq": said["seq"]})
    assert mark == {"room_id": room, "user_id": bob.id, "delivered_seq": said["seq"], "read_seq": said["seq"]}
    assert alice.hears("receipt") == mark
    assert bob.get(f"/rooms/{room}").body["me"]["unread"] == 0


def test_delivery_is_told_for_many_rooms_at_once(alice: Person, bob: Person) -> None:
    direct, group = alice.direct(bob), alice.group(bob)
    marks = {room: alice.say(room)["seq"] for room in (direct, group)}
    answer = bob.ask("receipt:delivered", {"marks": marks})
    assert {each["room_id"]: each["delivered_seq"] for each in answer["items"]} == marks
    assert bob.get(f"/rooms/{group}").body["me"]["unread"] == 1
    assert bob.post("/receipts/delivered", {"marks": marks}).body == answer


def test_marks_only_rise_and_never_beyond_the_room(alice: Person, bob: Person) -> None:
    room = alice.direct(bob)
    for _ in range(3):
        alice.say(room)
    alice.live()
    assert bob.ask("receipt:read", {"room_id": room, "seq": 3})["read_seq"] == 3
    assert bob.ask("receipt:read", {"room_id": room, "seq": 2})["read_seq"] == 3
    assert bob.post(f"/rooms/{room}/read", {"seq": 999}).body["read_seq"] == 4
    assert [each["read_seq"] for each in alice.events("receipt")] == [3, 4]


def test_a_receipt_takes_no_seq(alice: Person, bob: Person) -> None:
    room = alice.direct(bob)
    seq = alice.say(room)["seq"]
    bob.ask("receipt:read", {"room_id": room, "seq": seq})
    assert alice.get(f"/rooms/{room}").body["seq"] == seq


def test_typing_is_heard_by_the_others_only(alice: Person, bob: Person, mallory: Person) -> None:
    room = alice.group(bob)
    for person in (alice, bob, mallory):
        person.live().forget()
    alice.ask("typing", {"room_id": room, "kind": "voice"})
    assert bob.hears("typing") == {"room_id": room, "user_id": alice.id, "kind": "voice"}
    assert alice.post(f"/rooms/{room}/typing", {"kind": "stop"}).status == 204
    assert len(bob.events("typing")) == 2
    assert alice.events("typing") == mallory.events("typing") == []


@pytest.mark.parametrize(
    ("event", "payload"),
    [("receipt:read", {"seq": 1}), ("typing", {"kind": "text"})],
)
def test_strangers_tell_nothing(alice: Person, bob: Person, mallory: Person, event: str, payload: dict) -> None:
    room = alice.direct(bob)
    with pytest.raises(Refused, match="not_found"):
        mallory.ask(event, {"room_id": room, **payload})
    with pytest.raises(Refused, match="not_found"):
        mallory.ask("receipt:delivered", {"marks": {room: 1}})


def test_one_room_that_is_not_theirs_fails_all_marks(alice: Person, bob: Person, mallory: Person) -> None:
    own, other = mallory.direct(mallory), alice.direct(bob)
    mallory.say(own)
    with pytest.raises(Refused, match="not_found"):
        mallory.ask("receipt:delivered", {"marks": {own: 2, other: 1}})
    assert mallory.get(f"/rooms/{own}").body["me"]["delivered_seq"] == 1
