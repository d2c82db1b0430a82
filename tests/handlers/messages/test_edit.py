"""Editing: one's own words, for a while, heard by those who may see the message, and by nobody else."""

import uuid
from itertools import pairwise
from typing import Any

import pytest

from config import LIMITS
from tests.support.database import make_older
from tests.support.people import Answer, Cast, Person, Refused


def edit(person: Person, message: dict[str, Any], text: str, **more: Any) -> Answer:
    return person.patch(f"/rooms/{message['room_id']}/messages/{message['seq']}", {"text": text, **more})


def edits(person: Person, message: dict[str, Any], **query: Any) -> Any:
    return person.get(f"/rooms/{message['room_id']}/messages/{message['seq']}/edits", **query).body


def test_an_edit_is_heard_by_all_members_and_keeps_the_message_in_its_place(alice: Person, bob: Person) -> None:
    room = alice.group(bob)
    said = alice.say(room, "at nine")
    reply = bob.say(room, "fine", reply_to_seq=said["seq"])
    bob.ask("receipt:read", {"room_id": room, "seq": said["seq"]})
    bob.live().forget()
    edited = alice.ask("message:edit", {"room_id": room, "seq": said["seq"], "text": "at ten"})
    assert edited == said | {"text": "at ten", "edited_at": edited["edited_at"]}
    heard = bob.hears("message:edited", feed=room)
    assert (heard["message"], heard["actor_id"], heard["seq"]) == (edited, alice.id, reply["seq"] + 1)
    quote = reply["reply_to"] | {"text": "at ten"}
    assert bob.history(room) == [edited, reply | {"reply_to": quote}]
    assert bob.get(f"/rooms/{room}").body["me"]["read_seq"] == said["seq"]


def test_what_it_said_before_is_listed_latest_first_and_page_by_page(alice: Person, bob: Person, mallory: Person) -> None:
    said = alice.say(alice.direct(bob), "one")
    answers = [edit(alice, said, text).body for text in ("two", "three", "four")]
    listed = edits(bob, said)["items"]
    assert [each["text"] for each in listed] == ["three", "two", "one"]
    times = [said["created_at"], *(answer["edited_at"] for answer in answers)]
    assert [(each["written_at"], each["replaced_at"]) for each in listed[::-1]] == list(pairwise(times))
    first = edits(bob, said, limit=2)
    second = bob.ask("message:edits", {"room_id": said["room_id"], "seq": said["seq"], "limit": 2, "cursor": first["next"]})
    assert (first["items"] + second["items"], second["next"]) == (listed, None)
    assert edits(mallory, said)["code"] == "not_found"


def test_the_same_words_again_change_nothing(alice: Person, bob: Person) -> None:
    said = alice.say(alice.direct(bob), "hello", mentions=[bob.id])
    bob.live().forget()
    assert edit(alice, said, "hello").body == said
    assert edit(alice, said, "hello", mentions=[bob.id]).body == said
    assert bob.events("message:edited") == []
    assert edits(alice, said)["items"] == []


def test_other_mentions_count_from_the_edit_on(alice: Person, bob: Person, mallory: Person, cast: Cast) -> None:
    carol = cast.person("carol")
    room = alice.group(bob, carol)
    said = alice.say(room, "bob?", mentions=[bob.id])
    assert edit(alice, said, "carol?", mentions=[carol.id]).body["mentions"] == [carol.id]
    mentions = [person.get(f"/rooms/{room}").body["me"]["mentions"] for person in (bob, carol)]
    assert mentions == [0, 1]
    assert edit(alice, said, "carol!").body["mentions"] == [carol.id]
    refused = edit(alice, said, "mallory?", mentions=[mallory.id])
    assert (refused.status, list(refused.body["fields"])) == (422, ["mentions"])
    alice.delete(f"/rooms/{room}/members/{carol.id}")
    assert edit(alice, said, "carol has left", mentions=[carol.id]).status == 200


def test_it_is_too_late_after_a_quarter_of_an_hour(alice: Person, bob: Person) -> None:
    said = alice.say(alice.direct(bob), "young")
    make_older(alice.server, said["room_id"], said["seq"], LIMITS["edit_seconds"] - 60)
    assert edit(alice, said, "still in time").status == 200
    make_older(alice.server, said["room_id"], said["seq"], 61)
    late = edit(alice, said, "too late")
    assert (late.status, late.code, late.body["detail"]) == (409, "window_closed", "Later than edit_seconds: 900.")
    assert bob.history(said["room_id"])[-1]["text"] == "still in time"


def test_nobody_edits_what_others_said_or_what_is_gone(alice: Person, bob: Person, mallory: Person) -> None:
    room = alice.group(bob)
    said = bob.say(room, "mine")
    assert edit(alice, said, "yours").code == "forbidden"
    assert edit(mallory, said, "ours").code == edit(alice, said | {"seq": 1}, "x").code == "not_found"
    assert edit(alice, said | {"room_id": str(uuid.uuid4())}, "x").code == "not_found"
    assert bob.delete(f"/rooms/{room}/messages/{said['seq']}?scope=all").status == 204
    assert edit(bob, said, "mine again").code == "conflict"
    assert bob.history(room)[-1]["text"] is None


def test_who_came_later_does_not_hear_what_was_edited(alice: Person, bob: Person, cast: Cast) -> None:
    """Neither the message, nor the quote of it in one that they may see; the others do, in the same order."""
    carol, dave = cast.person("carol"), cast.person("dave")
    room = alice.group(bob)
    said = alice.say(room, "the first secret")
    alice.post(f"/rooms/{room}/members", {"user_ids": [carol.id, dave.id]})
    for person in (bob, carol, dave):
        person.live()
    cursor = carol.post("/sync").body["cursors"][room]
    reply = bob.say(room, "I heard", reply_to_seq=said["seq"])
    edit(alice, said, "the second secret")
    edited = edit(bob, reply, "I have heard").body
    assert edited["reply_to"]["text"] == "the second secret"
    assert [heard["message"] for heard in bob.events("message:edited")] == [edit(alice, said, "the second secret").body, edited]
    for person in (carol, dave):
        told = person.events("message:created", "message:edited")
        assert [each["message"] and each["message"]["reply_to"] for each in told] == [None, None, None]
        assert [each["message"] and each["message"]["text"] for each in told] == ["I heard", None, "I have heard"]
        assert "secret" not in str(told)
        assert "secret" not in str([person.history(room), person.get(f"/rooms/{room}").body])
        assert edits(person, said)["code"] == "not_found"
        replayed = person.post("/sync", {"cursors": {room: cursor}}).body["changes"]
        assert replayed[1:] == told[1:]
        assert replayed[0] == told[0] | {"message": edited | {"reply_to": None}}


def test_who_came_back_hears_of_what_was_said_before_they_left(alice: Person, bob: Person) -> None:
    room = alice.group(bob)
    said = alice.say(room, "before")
    alice.delete(f"/rooms/{room}/members/{bob.id}")
    missed = alice.say(room, "meanwhile")
    alice.post(f"/rooms/{room}/members", {"user_ids": [bob.id]})
    bob.live().forget()
    edit(alice, said, "before, edited")
    edit(alice, missed, "meanwhile, edited")
    heard = bob.events("message:edited")
    assert [each["message"] and each["message"]["text"] for each in heard] == ["before, edited", None]


def test_an_edit_reaches_only_those_who_are_there_when_it_is_made(alice: Person, bob: Person) -> None:
    """Who has left keeps the words that they know, and who comes back hears the next ones."""
    room = alice.group(bob)
    said = alice.say(room, "one")
    two = edit(alice, said, "two").body
    reply = bob.say(room, "three?", reply_to_seq=said["seq"])
    alice.delete(f"/rooms/{room}/members/{bob.id}")
    edit(alice, said, "three")
    assert bob.history(room) == [two, reply]
    assert edits(bob, said)["items"] == []
    alice.post(f"/rooms/{room}/members", {"user_ids": [bob.id]})
    bob.live().forget()
    again = alice.say(room, "no", reply_to_seq=said["seq"])
    assert (again["reply_to"]["text"], bob.hears("message:created")["message"]["reply_to"]["text"]) == ("three", "two")
    assert bob.history(room)[0] == two
    four = edit(alice, said, "four").body
    assert bob.hears("message:edited")["message"] == bob.history(room)[0] == four
    assert alice.history(room)[0] == four


def test_the_blocked_reach_nobody_by_an_edit(alice: Person, bob: Person) -> None:
    room = alice.direct(bob)
    said = alice.say(room, "hello")
    bob.put(f"/users/me/blocks/{alice.id}")
    assert edit(alice, said, "insult", mentions=[bob.id]).status == 200
    seen = bob.get(f"/rooms/{room}").body
    assert (seen["last_message"], bob.history(room), seen["me"]["mentions"]) == (said, [said], 0)
    bob.delete(f"/users/me/blocks/{alice.id}")
    assert "insult" not in str([bob.history(room), bob.get(f"/rooms/{room}").body, bob.post("/sync").body])
    assert alice.history(room)[0]["text"] == "insult"


def test_the_blocker_edits_nothing_there_until_they_unblock(alice: Person, bob: Person) -> None:
    said = bob.say(bob.direct(alice), "hello")
    bob.put(f"/users/me/blocks/{alice.id}")
    with pytest.raises(Refused, match="forbidden"):
        bob.ask("message:edit", {"room_id": said["room_id"], "seq": said["seq"], "text": "go away"})
    assert alice.history(said["room_id"]) == [said]
