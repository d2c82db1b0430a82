"""Drafts: kept on all own devices until one of them sends, and no longer."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from config import LIMITS
from tests.support.people import Person, Refused
from tests.support.verify import verify_action


def draft(person: Person, room: str, text: str | None, **more: int | None) -> dict:
    answer = person.patch(f"/rooms/{room}/me", {"draft": text, **more})
    assert answer.status == 200, answer.body
    return answer.body["me"]


def drafted(person: Person, room: str) -> tuple[str | None, int | None]:
    me = person.get(f"/rooms/{room}").body["me"]
    return me["draft"], me["draft_reply_to_seq"]


def test_sending_from_any_device_ends_the_draft_on_all(alice: Person, bob: Person) -> None:
    room, other = alice.direct(bob), alice.group(bob)
    phone, laptop = alice.another_device(), alice.another_device().live()
    for each in (room, other):
        draft(alice, each, "I wanted to say")
        assert laptop.hears("room:me")["me"]["draft"] == "I wanted to say"
    phone.say(room, "I say")
    told = laptop.hears("room:me")
    assert (told["room_id"], told["me"]["draft"]) == (room, None)
    assert (drafted(alice, room), drafted(alice, other)) == ((None, None), ("I wanted to say", None))
    laptop.ask("message:send", {"room_id": other, "client_id": "1", "text": "I say"})
    assert drafted(alice, other) == (None, None)


def test_what_others_say_leaves_a_draft_alone_and_they_learn_nothing_of_it(alice: Person, bob: Person) -> None:
    room = alice.direct(bob)
    draft(alice, room, "well")
    bob.live().forget()
    bob.say(room)
    assert drafted(alice, room) == ("well", None)
    alice.say(room)
    assert bob.events("room:me") == []
    assert drafted(bob, room) == (None, None)


def test_a_draft_may_answer_a_message_and_forgets_it_with_its_text(alice: Person, bob: Person) -> None:
    room = alice.direct(bob)
    seq = bob.say(room, "?")["seq"]
    assert draft(alice, room, "wel", draft_reply_to_seq=seq)["draft_reply_to_seq"] == seq
    assert draft(alice, room, "well")["draft_reply_to_seq"] == seq
    assert alice.patch(f"/rooms/{room}/me", {"draft_reply_to_seq": None}).body["me"]["draft"] == "well"
    draft(alice, room, "well", draft_reply_to_seq=seq)
    alice.say(room, "well!", reply_to_seq=seq)
    assert drafted(alice, room) == (None, None)
    draft(alice, room, "well", draft_reply_to_seq=seq)
    assert draft(alice, room, "") | {"draft": None, "draft_reply_to_seq": None} == draft(alice, room, None)
    assert drafted(alice, room) == (None, None)


def test_a_draft_answers_only_what_one_may_see_and_only_if_there_is_one(alice: Person, bob: Person) -> None:
    room = alice.direct(bob)
    seq = bob.say(room)["seq"]
    answer = alice.patch(f"/rooms/{room}/me", {"draft_reply_to_seq": seq})
    assert (answer.status, set(answer.body["fields"])) == (422, {"draft_reply_to_seq"})
    assert alice.patch(f"/rooms/{room}/me", {"draft": "x", "draft_reply_to_seq": 99}).code == "not_found"
    bob.delete(f"/rooms/{room}/messages/{seq}?scope=me")
    assert bob.patch(f"/rooms/{room}/me", {"draft": "x", "draft_reply_to_seq": seq}).code == "not_found"
    assert drafted(alice, room) == drafted(bob, room) == (None, None)


def test_a_draft_too_long_is_refused_by_name(alice: Person) -> None:
    notes, most = alice.direct(alice), LIMITS["draft_characters"]
    answer = alice.patch(f"/rooms/{notes}/me", {"draft": "x" * (most + 1)})
    assert answer.body["fields"] == {"draft": [f"Longer than draft_characters: {most}."]}
    assert draft(alice, notes, "x" * most)["draft"] == "x" * most


def test_what_is_said_by_schedule_or_refused_leaves_the_draft_alone(alice: Person, bob: Person) -> None:
    room = alice.direct(bob)
    at = (datetime.now(UTC) + timedelta(seconds=0.4)).isoformat()
    alice.live().ask("scheduled:create", {"room_id": room, "client_id": "1", "text": "good morning", "at": at})
    draft(alice, room, "well")
    alice.hears("scheduled:sent")
    with pytest.raises(Refused, match="not_found"):
        alice.ask("message:send", {"room_id": room, "client_id": "2", "text": "?", "reply_to_seq": 99})
    assert drafted(alice, room) == ("well", None)
    first = alice.say(room, "once", client_id="3")
    draft(alice, room, "next")
    again = alice.post(f"/rooms/{room}/messages", {"client_id": "3", "text": "once"})
    assert again.body == {**first, "duplicate": True}
    assert drafted(alice, room) == ("next", None)


def test_drafting_and_sending_at_once_ends_alike_on_all_devices(alice: Person, bob: Person) -> None:
    room = alice.live().direct(bob.live())
    laptop, phone, tablet = (alice.another_device() for _ in range(3))

    def meet() -> None:
        with ThreadPoolExecutor(4) as pool:
            jobs = [pool.submit(draft, laptop, room, f"draft {number}") for number in range(15)]
            jobs += [pool.submit(phone.say, room) for _ in range(15)]
            jobs += [pool.submit(tablet.patch, f"/rooms/{room}/me", {"pinned": number % 2 == 0}) for number in range(15)]
            jobs += [pool.submit(bob.say, room) for _ in range(15)]
            for job in jobs:
                job.result()

    verify_action(meet, alice, bob)
