"""Forwarding: said again elsewhere, once, by whoever may speak there, and without a word of who said it first."""

import uuid
from textwrap import dedent
from typing import Any

import pytest

from config import LIMITS
from tests.support.patched import run_patched
from tests.support.people import Answer, Cast, Person, Refused


def forward(person: Person, messages: list[dict[str, Any]], *rooms: str, client_id: str | None = None) -> Answer:
    body = {"seqs": [message["seq"] for message in messages], "to_room_ids": rooms, "client_id": client_id or uuid.uuid4().hex}
    return person.post(f"/rooms/{messages[0]['room_id']}/forward", body)


def copies(answer: Answer) -> list[list[dict[str, Any]]]:
    assert answer.status == 201, answer.body
    return [result["messages"] for result in answer.body["items"]]


def test_what_was_said_is_said_again_in_each_room(alice: Person, bob: Person, cast: Cast) -> None:
    carol = cast.person("carol").live()
    source, group, notes = alice.direct(bob), alice.group(carol, bob), alice.direct(alice)
    question = bob.say(source, "when?")
    answer = bob.say(source, "at ten, alice", reply_to_seq=question["seq"], mentions=[alice.id])
    carol.forget()
    result = forward(alice, [answer, question, question], group, notes, client_id="once")
    assert [(each["room_id"], each["ok"], each["error"]) for each in result.body["items"]] == [
        (group, True, None),
        (notes, True, None),
    ]
    for number, (room, said) in enumerate(zip((group, notes), copies(result), strict=True)):
        assert [each["text"] for each in said] == ["when?", "at ten, alice"]
        assert [each["client_id"] for each in said] == [f"once/{number}/0", f"once/{number}/1"]
        for each in said:
            assert (each["sender_id"], each["room_id"], each["forward_score"]) == (alice.id, room, 1)
            assert (each["mentions"], each["reply_to"], each["data"], each["reactions"]) == ([], None, {}, [])
        assert alice.history(room)[-2:] == said
    assert bob.id not in str(result.body)
    heard = carol.events("message:created")
    assert [(each["message"], each["actor_id"], each["seq"]) for each in heard] == [
        (each, alice.id, each["seq"]) for each in copies(result)[0]
    ]
    me = carol.get(f"/rooms/{group}").body["me"]
    assert (me["unread"], me["mentions"]) == (2, 0)


def test_a_repeat_answers_the_same_and_says_nothing_again(alice: Person, bob: Person, mallory: Person) -> None:
    source, group, theirs = alice.direct(alice), alice.group(bob), mallory.group()
    said = alice.say(source)
    blocked = alice.direct(mallory)
    alice.put(f"/users/me/blocks/{mallory.id}")
    first = forward(alice, [said], group, theirs, blocked, client_id="x" * LIMITS["client_id_characters"])
    outcomes = [(each["ok"], each["error"] and each["error"]["code"]) for each in first.body["items"]]
    assert outcomes == [(True, None), (False, "not_found"), (False, "forbidden")]
    mallory.post(f"/rooms/{theirs}/members", {"user_ids": [alice.id]})
    alice.delete(f"/users/me/blocks/{mallory.id}")
    bob.put(f"/rooms/{group}/messages/{first.body['items'][0]['messages'][0]['seq']}/reaction", {"emoji": "👍"})
    seqs = {"room_id": source, "seqs": [said["seq"]], "client_id": "x" * LIMITS["client_id_characters"]}
    repeat = alice.ask("message:forward", seqs | {"to_room_ids": [group, theirs, blocked]})
    assert repeat.pop("duplicate")
    assert repeat["items"][1:] == first.body["items"][1:]
    (copy,) = repeat["items"][0]["messages"]
    assert [each["count"] for each in copy["reactions"]] == [1]
    assert copy | {"reactions": []} == first.body["items"][0]["messages"][0]
    for other in ({"to_room_ids": [group, theirs]}, {"to_room_ids": [group, theirs, blocked], "seqs": [said["seq"], 3]}):
        with pytest.raises(Refused, match="client_id_reused"):
            alice.ask("message:forward", seqs | other)
    assert len(alice.history(group)) == 1
    taken = alice.say(group, client_id="taken/0/0")
    assert forward(alice, [said], group, client_id="taken").code == "client_id_reused"
    assert alice.history(group)[-1] == taken
    body = {"client_id": "x" * LIMITS["client_id_characters"], "text": said["text"]}
    assert alice.post(f"/rooms/{group}/messages", body).code == "client_id_reused"


def test_what_went_through_many_hands_goes_to_one_room_at_a_time(alice: Person, bob: Person) -> None:
    rooms = [alice.group(bob) for _ in range(3)]
    hops = [alice.say(rooms[0])]
    for hop in range(LIMITS["forward_many_score"]):
        (said,) = copies(forward((alice, bob)[hop % 2], hops[-1:], rooms[hop % 2]))[0]
        hops.append(said)
    assert [each["forward_score"] for each in hops] == list(range(LIMITS["forward_many_score"] + 1))
    refused = forward(alice, hops[-1:], *rooms[:2])
    assert (refused.status, refused.code, refused.body["detail"]) == (409, "conflict", "More than forward_many_rooms: 1.")
    assert forward(alice, hops[-1:], rooms[2]).status == 201
    assert len(copies(forward(alice, hops[-2:-1], *rooms))) == 3
    assert len(alice.history(rooms[2])) == 2


def test_the_score_has_an_end(fresh_sqlite: str) -> None:
    script = """
    config.LIMITS["forward_score"] = 2
    said = ask(alice, "message:send", {"room_id": room, "client_id": "1", "text": "hi"})
    for number in range(4):
        what = {"room_id": room, "seqs": [said["seq"]], "to_room_ids": [room], "client_id": f"f{number}"}
        (said,) = ask(bob, "message:forward", what)["items"][0]["messages"]
        print(said["forward_score"])
    """
    assert run_patched(dedent(script), fresh_sqlite, people=True).split() == ["1", "2", "2", "2"]


def test_what_cannot_be_seen_cannot_be_forwarded(alice: Person, bob: Person, mallory: Person) -> None:
    room, own = alice.group(), bob.direct(bob)
    before = alice.say(room, "before bob")
    alice.post(f"/rooms/{room}/members", {"user_ids": [bob.id]})
    said, gone = alice.say(room, "with bob"), alice.say(room, "a slip")
    alice.delete(f"/rooms/{room}/messages/{gone['seq']}?scope=all")
    assert forward(bob, [said, before], own).code == forward(bob, [said | {"seq": 1}], own).code == "not_found"
    assert forward(bob, [said, gone], own).code == "conflict"
    assert forward(mallory, [said], mallory.direct(mallory)).code == "not_found"
    assert bob.history(own) == []
    alice.delete(f"/rooms/{room}/members/{bob.id}")
    later = alice.say(room, "without bob")
    assert forward(bob, [later], own).code == "not_found"
    assert [each["text"] for each in copies(forward(bob, [said], own))[0]] == ["with bob"]


def test_what_a_message_carries_goes_along_but_not_what_others_make_of_it(alice: Person, bob: Person) -> None:
    room, notes = alice.direct(bob), alice.direct(alice)
    spot = alice.send(room, "location", {"latitude": 47.4, "longitude": 8.5, "name": "Lake"})
    card = alice.send(room, "contact", {"contacts": [{"display_name": "Bob", "user_id": bob.id}]})
    for message, copy in zip((spot, card), copies(forward(bob, [spot, card], bob.direct(bob)))[0], strict=True):
        same = ("type", "text", "data", "fallback_text")
        assert {name: copy[name] for name in same} == {name: message[name] for name in same}
    poll = alice.send(room, "poll", {"question": "When?", "options": ["now", "later"]})
    assert forward(alice, [spot, poll], notes).code == "conflict"
    assert alice.history(notes) == []


def test_who_was_away_forwards_the_words_that_they_know(alice: Person, bob: Person) -> None:
    room = alice.group(bob)
    said = alice.say(room, "one")
    alice.delete(f"/rooms/{room}/members/{bob.id}")
    alice.patch(f"/rooms/{room}/messages/{said['seq']}", {"text": "two"})
    assert [each["text"] for each in copies(forward(bob, [said], bob.direct(bob)))[0]] == ["one"]


def test_who_is_blocked_forwards_and_is_not_heard(alice: Person, bob: Person) -> None:
    room = alice.direct(bob)
    said = alice.say(room)
    bob.put(f"/users/me/blocks/{alice.id}")
    assert len(copies(forward(alice, [said], room))[0]) == 1
    assert bob.history(room) == [said]


def test_forwards_of_many_at_once_each_have_one_effect(fresh_database: str) -> None:
    script = """
    from itertools import product
    groups = [ask(alice, "room:create", {"title": "g", "member_ids": [bob.user_id]})["id"] for _ in range(5)]
    seqs = [ask(bob, "message:send", {"room_id": room, "client_id": str(n), "text": f"{n}"})["seq"] for n in range(5)]
    def what(number):
        to = groups[number % 5:] + groups[:number % 5]
        return {"room_id": room, "seqs": seqs, "to_room_ids": to, "client_id": f"f{number}"}
    calls = [(who, "message:forward", what(number)) for number, who in product(range(6), (alice, bob, alice))]
    calls += [(bob, "message:send", {"room_id": each, "client_id": f"s{n}", "text": "hi"}) for n, each in enumerate(groups * 4)]
    answers = together(*calls)
    assert all(type(answer) is dict for answer in answers), answers
    forwards = answers[:18]
    assert sum("duplicate" in answer for answer in forwards) == 6
    for one, other in zip(forwards[0::3], forwards[2::3]):
        assert one["items"] == other["items"]
    for each in groups:
        page = ask(bob, "history", {"room_id": each, "after": 0, "limit": 100})["items"]
        assert [message["seq"] for message in page] == list(range(2, 66)), page
    print("ok")
    """
    assert run_patched(dedent(script), fresh_database, people=True) == "ok"
