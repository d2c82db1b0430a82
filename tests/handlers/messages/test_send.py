"""Sending: once, in order, to exactly the members, over both wires alike."""

import pytest

from tests.support.people import Person, Refused


def test_a_message_posted_over_rest_is_heard_live(alice: Person, bob: Person) -> None:
    bob.live()
    room = alice.direct(bob)
    said = alice.say(room, "over REST")
    heard = bob.hears("message:created", feed=room)
    assert heard["message"] == said
    assert (heard["seq"], heard["actor_id"]) == (said["seq"], alice.id)


def test_a_message_sent_over_the_socket_is_in_the_history(alice: Person, bob: Person) -> None:
    room = alice.direct(bob)
    said = alice.ask("message:send", {"room_id": room, "client_id": "1", "text": "over the socket"})
    assert bob.history(room) == [said]


def test_strangers_hear_nothing(alice: Person, bob: Person, mallory: Person) -> None:
    mallory.live().forget()
    alice.say(alice.direct(bob))
    assert mallory.events("message:created", "room:created", "room:added") == []


def test_a_repeat_answers_with_the_first_message_and_tells_nobody_again(alice: Person, bob: Person) -> None:
    bob.live()
    room = alice.direct(bob)
    body = {"client_id": "once", "text": "one"}
    first = alice.post(f"/rooms/{room}/messages", body)
    repeat = alice.post(f"/rooms/{room}/messages", body)
    over_the_socket = alice.ask("message:send", {"room_id": room, **body})
    assert (first.status, repeat.status) == (201, 200)
    assert repeat.body == over_the_socket == {**first.body, "duplicate": True}
    assert len(bob.events("message:created")) == 1


def test_one_client_id_cannot_mean_two_things(alice: Person, bob: Person) -> None:
    room, notes = alice.direct(bob), alice.direct(alice)
    alice.say(room, "one", client_id="same")
    for place, text in ((room, "two"), (notes, "one")):
        answer = alice.post(f"/rooms/{place}/messages", {"client_id": "same", "text": text})
        assert (answer.status, answer.code) == (409, "client_id_reused")
    assert [message["text"] for message in alice.history(room)] == ["one"]


def test_two_people_may_use_the_same_client_id(alice: Person, bob: Person) -> None:
    room = alice.direct(bob)
    alice.say(room, "from alice", client_id="1")
    bob.say(room, "from bob", client_id="1")
    assert len(alice.history(room)) == 2


def test_a_reply_quotes_the_message_as_it_is(alice: Person, bob: Person) -> None:
    room = alice.direct(bob)
    question = alice.say(room, "when?")
    reply = bob.say(room, "at ten", reply_to_seq=question["seq"])
    quote = {
        "room_id": room,
        "seq": question["seq"],
        "sender_id": alice.id,
        "type": "text",
        "text": "when?",
        "fallback_text": None,
    }
    assert reply["reply_to"] == quote
    assert alice.history(room)[-1]["reply_to"] == quote


def test_a_reply_to_nothing_is_not_found(alice: Person, bob: Person) -> None:
    room = alice.direct(bob)
    answer = alice.post(f"/rooms/{room}/messages", {"client_id": "1", "text": "what?", "reply_to_seq": 7})
    assert answer.code == "not_found"


def test_only_members_can_be_mentioned(alice: Person, bob: Person, mallory: Person) -> None:
    room = alice.group(bob)
    assert alice.say(room, "hi @bob", mentions=[bob.id])["mentions"] == [bob.id]
    refused = alice.post(f"/rooms/{room}/messages", {"client_id": "1", "text": "hi", "mentions": [mallory.id]})
    assert (refused.status, list(refused.body["fields"])) == (422, ["mentions"])
    assert bob.get(f"/rooms/{room}").body["me"]["mentions"] == 1


def test_text_is_kept_as_sent_but_composed(alice: Person) -> None:
    notes = alice.direct(alice)
    assert alice.say(notes, "  cafe\u0301 \n")["text"] == "  café \n"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "needs a text"),
        ("   ", "needs a text"),
        ("x" * 65_537, "text_bytes: 65536"),
        ("é" * 32_769, "text_bytes"),
        ("a\0b", "U+0000"),
    ],
)
def test_a_text_that_cannot_be_kept_is_refused_by_name_and_limit(alice: Person, text: str, reason: str) -> None:
    notes = alice.direct(alice)
    answer = alice.post(f"/rooms/{notes}/messages", {"client_id": "1", "text": text})
    assert answer.status == 422
    assert reason in " ".join(answer.body["fields"]["text"])
    with pytest.raises(Refused, match="validation_failed"):
        alice.ask("message:send", {"room_id": notes, "client_id": "1", "text": text})
    assert alice.history(notes) == []


def test_the_longest_text_is_kept_whole(alice: Person) -> None:
    notes = alice.direct(alice)
    alice.ask("message:send", {"room_id": notes, "client_id": "1", "text": "x" * 65_536})
    assert len(alice.history(notes)[0]["text"]) == 65_536
