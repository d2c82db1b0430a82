"""Privacy: whether others are told that one reads, which in direct rooms holds for both or for nobody."""

import pytest

from tests.handlers.test_message_info import info
from tests.support.people import Person

LINKS = {"link_previews": True}


def tells(person: Person, told: bool) -> None:
    assert person.patch("/users/me/privacy", {"read_receipts": told}).status == 200


def shown(person: Person, room: str, other: Person) -> list[int]:
    """[delivered_seq, read_seq] of the other one, which the list of members and sync must agree on."""
    members = {
        each["user_id"]: [each["delivered_seq"], each["read_seq"]] for each in person.get(f"/rooms/{room}/members").body["items"]
    }
    assert person.post("/sync").body["marks"][room] == members
    return members[other.id]


def test_people_tell_that_they_read_until_they_say_otherwise(alice: Person, bob: Person) -> None:
    laptop = alice.another_device().live()
    bob.live().forget()
    assert alice.get("/users/me/privacy").body == alice.ask("privacy:get") == {"read_receipts": True} | LINKS
    assert alice.patch("/users/me/privacy", {"read_receipts": False}).body == {"read_receipts": False} | LINKS
    assert laptop.hears("privacy:updated")["privacy"] == {"read_receipts": False} | LINKS == alice.ask("privacy:get")
    assert alice.ask("privacy:set", {"read_receipts": False}) == alice.ask("privacy:set") == {"read_receipts": False} | LINKS
    assert len(laptop.events("privacy:updated")) == 1
    assert bob.events("privacy:updated") == []


@pytest.mark.parametrize("wrong", [{"read_receipt": True}, {"read_receipts": 0}, {"read_receipts": None}], ids=str)
def test_what_cannot_be_chosen_is_refused_by_name(alice: Person, wrong: dict) -> None:
    answer = alice.patch("/users/me/privacy", wrong)
    assert (answer.status, answer.body["fields"].keys()) == (422, wrong.keys())


@pytest.mark.parametrize("who", ["the reader", "the sender"])
def test_off_on_one_side_tells_neither_that_the_other_read(alice: Person, bob: Person, who: str) -> None:
    room, laptop = alice.direct(bob), bob.another_device().live()
    tells(bob if who == "the reader" else alice, False)
    seq = alice.say(room)["seq"]
    alice.live().forget()
    bob.ask("receipt:delivered", {"marks": {room: seq}})
    assert alice.hears("receipt")["delivered_seq"] == seq
    mark = bob.ask("receipt:read", {"room_id": room, "seq": seq})
    assert (mark["delivered_seq"], mark["read_seq"]) == (seq, seq)
    assert laptop.hears("receipt", read_seq=seq) == mark
    assert bob.get(f"/rooms/{room}").body["me"]["unread"] == 0
    assert shown(bob, room, bob) == [seq, seq]
    assert len(alice.events("receipt")) == 1
    assert shown(alice, room, bob) == [seq, 1]
    delivered, read = info(alice, room, seq)[bob.id]
    assert delivered is not None
    assert read is None


def test_groups_are_told_in_any_case(alice: Person, bob: Person) -> None:
    room = alice.group(bob)
    tells(bob, False)
    seq = alice.live().say(room)["seq"]
    bob.ask("receipt:read", {"room_id": room, "seq": seq})
    assert alice.hears("receipt", user_id=bob.id)["read_seq"] == seq
    assert shown(alice, room, bob) == [seq, seq]
    assert info(alice, room, seq)[bob.id][1] is not None


def test_switching_on_again_tells_nothing_of_what_was_read_meanwhile(alice: Person, bob: Person) -> None:
    room = alice.direct(bob)
    tells(bob, False)
    first = alice.live().say(room)["seq"]
    bob.ask("receipt:read", {"room_id": room, "seq": first})
    tells(bob, True)
    alice.forget()
    bob.ask("receipt:read", {"room_id": room, "seq": first})
    assert alice.events("receipt") == []
    assert shown(alice, room, bob)[1] < first
    assert info(alice, room, first)[bob.id][1] is None
    second = alice.say(room)["seq"]
    bob.ask("receipt:read", {"room_id": room, "seq": second})
    assert alice.hears("receipt", user_id=bob.id)["read_seq"] == second
    assert shown(alice, room, bob) == [second, second]


def test_delivery_is_told_with_what_was_shown_and_not_with_what_was_read(alice: Person, bob: Person) -> None:
    room = alice.direct(bob)
    tells(alice, False)
    first, second = alice.say(room)["seq"], alice.say(room)["seq"]
    bob.ask("receipt:read", {"room_id": room, "seq": first})
    alice.live().forget()
    bob.forget()
    bob.ask("receipt:delivered", {"marks": {room: second}})
    assert [(each["delivered_seq"], each["read_seq"]) for each in alice.events("receipt")] == [(second, 1)]
    assert [(each["delivered_seq"], each["read_seq"]) for each in bob.events("receipt")] == [(second, first)]
