"""Messages to be opened once: each of the others reads them on one device, and nothing else ever tells what they say."""

from datetime import datetime, timedelta
from textwrap import dedent
from typing import Any

import pytest

from config import LIMITS
from tests.handlers.test_expiry import DAY, place, set_timer, words
from tests.support.database import make_overdue, rows_about, stored_words
from tests.support.patched import run_patched
from tests.support.people import Answer, Cast, Person, Refused

WORD = "gone0123456789abcdef"


def seal(person: Person, room: str, word: str = WORD, **more: Any) -> dict[str, Any]:
    return person.say(room, f"look: {word}", view_once=True, **more)


def open_once(person: Person, message: dict[str, Any]) -> Answer:
    return person.post(f"{place(message)}/open")


def opened(person: Person, room: str) -> list[dict[str, Any]]:
    return person.get(f"/rooms/{room}/messages").body["opened"]


def test_it_is_read_once_and_only_by_opening_it(cast: Cast, alice: Person, bob: Person) -> None:
    room = alice.direct(bob)
    laptop, phone = alice.another_device().live(), bob.another_device().live()
    bob.live().forget()
    word = "gone1111111111111111"
    said = seal(alice, room, word)
    assert (said["type"], said["text"], said["data"]) == ("view_once", None, {"of": "text"})
    assert said["fallback_text"] == "Message to open once"
    assert laptop.hears("message:created")["message"] == bob.hears("message:created")["message"] == said
    everything = [alice.history(room), bob.history(room), bob.post("/sync", {"cursors": {room: 1}}).body, bob.get("/rooms").body]
    assert word not in str(everything)
    answer = open_once(bob, said)
    assert answer.body == {"room_id": room, "seq": said["seq"], "type": "text", "text": f"look: {word}", "data": {}}
    again = open_once(bob, said)
    assert (again.status, again.code, word in str(again.body)) == (409, "conflict", False)
    with pytest.raises(Refused, match="conflict"):
        phone.ask("message:open", {"room_id": room, "seq": said["seq"]})
    told = {"room_id": room, "message_seq": said["seq"], "user_id": bob.id}
    synced = alice.post("/sync", {"cursors": {"me": 1}}).body["changes"][-1]
    for change in (synced, laptop.hears("message:opened"), phone.hears("message:opened")):
        assert {name: change[name] for name in told} == told
        assert (change["feed"], change["type"]) == ("me", "message:opened")
    assert opened(alice, room) == opened(bob, room) == [{"seq": said["seq"], "user_ids": [bob.id]}]
    assert word not in stored_words(cast.server, r"gone[0-9a-f]{16}")
    assert alice.history(room) == [said]


def test_over_the_socket_it_is_opened_alike(alice: Person, bob: Person) -> None:
    room = alice.direct(bob)
    sent = {"room_id": room, "client_id": "1", "text": "psst", "view_once": True}
    said = alice.ask("message:send", sent)
    assert alice.ask("message:send", sent) == said | {"duplicate": True}
    with pytest.raises(Refused, match="client_id_reused"):
        alice.ask("message:send", sent | {"view_once": False})
    assert bob.ask("message:open", {"room_id": room, "seq": said["seq"]})["text"] == "psst"


def test_in_a_group_each_of_the_others_opens_it(cast: Cast, alice: Person, bob: Person, mallory: Person) -> None:
    """Who comes later never saw it; who leaves is not waited for, but by the end of its time."""
    carol, dave = cast.person("carol"), cast.person("dave")
    room = alice.group(bob, carol)
    said = seal(alice, room, mentions=[bob.id])
    alice.post(f"/rooms/{room}/members", {"user_ids": [dave.id]})
    assert (open_once(alice, said).code, open_once(dave, said).code, open_once(mallory, said).code) == (
        "forbidden",
        "not_found",
        "not_found",
    )
    assert open_once(bob, said).status == 200
    assert len(rows_about(cast.server, "sealed", room)) == 1
    assert (opened(carol, room), opened(bob, room)) == ([], [{"seq": said["seq"], "user_ids": [bob.id]}])
    assert open_once(carol, said).body["text"] == f"look: {WORD}"
    assert rows_about(cast.server, "sealed", room) == []
    assert opened(alice, room) == [{"seq": said["seq"], "user_ids": [bob.id, carol.id]}]
    other = seal(alice, room)
    assert [open_once(person, other).status for person in (bob, carol)] == [200, 200]
    assert dave.delete(f"/rooms/{room}/members/{dave.id}").status == 204
    assert open_once(dave, other).code == "not_found"
    assert len(rows_about(cast.server, "sealed", room)) == 1


def test_who_does_not_tell_what_they_read_opens_unnoticed(alice: Person, bob: Person) -> None:
    room = alice.direct(bob)
    bob.patch("/users/me/privacy", {"read_receipts": False})
    said = seal(alice, room)
    alice.live().forget()
    phone = bob.another_device().live()
    assert open_once(bob, said).status == 200
    assert phone.hears("message:opened")["user_id"] == bob.id
    assert (opened(alice, room), opened(bob, room)) == ([], [{"seq": said["seq"], "user_ids": [bob.id]}])
    assert alice.events("message:opened") == []
    bob.patch("/users/me/privacy", {"read_receipts": True})
    assert opened(alice, room) == []


def test_nobody_can_hold_on_to_it(alice: Person, bob: Person) -> None:
    room, notes = alice.direct(bob), bob.direct(bob)
    set_timer(alice, room, DAY)
    said = seal(alice, room)
    for person in (alice, bob):
        tries = [
            person.put(f"{place(said)}/star"),
            person.put(f"{place(said)}/pin"),
            person.put(f"{place(said)}/keep"),
            person.post(f"/rooms/{room}/forward", {"seqs": [said["seq"]], "to_room_ids": [room], "client_id": "1"}),
        ]
        assert [answer.code for answer in tries] == ["conflict"] * 4
    assert alice.patch(place(said), {"text": "other"}).code == "conflict"
    quote = bob.say(room, "what?", reply_to_seq=said["seq"])["reply_to"]
    assert (quote["type"], quote["text"], quote["fallback_text"]) == ("view_once", None, "Message to open once")
    assert bob.put(f"{place(said)}/reaction", {"emoji": "👍"}).status == 200
    assert bob.history(notes) == []


def test_only_texts_and_only_to_others(alice: Person) -> None:
    notes = alice.direct(alice)
    text = {"client_id": "1", "text": "hi", "view_once": True}
    assert alice.post(f"/rooms/{notes}/messages", text).code == "conflict"
    place_shown = {"client_id": "2", "type": "location", "data": {"latitude": 1, "longitude": 2}, "view_once": True}
    refused = alice.post(f"/rooms/{notes}/messages", place_shown)
    assert refused.body["fields"] == {"view_once": ["Only texts can be sent to be opened once."]}
    assert alice.post(f"/rooms/{notes}/messages", {"client_id": "3", "type": "view_once", "data": {"of": "text"}}).status == 422
    assert alice.post(f"/rooms/{notes}/messages", text | {"view_once": False}).body["type"] == "text"


def test_unopened_it_is_gone_after_its_time(cast: Cast, alice: Person, bob: Person) -> None:
    room = alice.direct(bob)
    said = seal(alice, room)
    at = {name: datetime.fromisoformat(said[name]) for name in ("created_at", "expires_at")}
    assert at["expires_at"] - at["created_at"] == timedelta(seconds=LIMITS["view_once_seconds"]) == timedelta(days=14)
    set_timer(alice, room, DAY)
    sooner = seal(alice, room)
    assert datetime.fromisoformat(sooner["expires_at"]) < at["expires_at"]
    make_overdue(cast.server, room, said["seq"], sooner["seq"])
    assert open_once(bob, said).code == open_once(bob, sooner).code == "conflict"
    assert {message["type"] for message in words(bob, room)} == {"deleted"}


def test_deleted_it_is_gone_for_all(cast: Cast, alice: Person, bob: Person) -> None:
    room = alice.direct(bob)
    word = "gone2222222222222222"
    said, other = seal(alice, room, word), seal(alice, room, word)
    assert word in stored_words(cast.server, r"gone[0-9a-f]{16}")
    open_once(bob, other)
    for message in (said, other):
        assert alice.delete(f"{place(message)}?scope=all").status == 204
    assert open_once(bob, said).code == "conflict"
    assert opened(alice, room) == opened(bob, room) == []
    assert word not in stored_words(cast.server, r"gone[0-9a-f]{16}")
    assert rows_about(cast.server, "openings", room) == []


def test_a_block_keeps_it_closed(alice: Person, bob: Person) -> None:
    room = alice.direct(bob)
    said = seal(alice, room)
    bob.put(f"/users/me/blocks/{alice.id}")
    assert open_once(bob, said).code == "forbidden"
    unheard = seal(alice, room)
    bob.delete(f"/users/me/blocks/{alice.id}")
    assert open_once(bob, unheard).code == "not_found"
    alice.put(f"/users/me/blocks/{bob.id}")
    alice.live().forget()
    assert open_once(bob, said).status == 200
    assert alice.events("message:opened") == []


def test_of_two_devices_exactly_one_gets_it_a_thousand_times(fresh_database: str) -> None:
    script = """
    from chatx.models import Opening, Sealed
    laptop = Actor(bob.user_id, ask(bob, "device:list", {})["items"][0]["id"])
    sends = [(alice, "message:send", {"room_id": room, "client_id": str(n), "text": f"secret {n}", "view_once": True})
        for n in range(1_000)]
    seqs = [message["seq"] for start in range(0, 1_000, 100) for message in together(*sends[start : start + 100])]
    for start in range(0, 1_000, 8):
        some = seqs[start : start + 8]
        answers = together(*((who, "message:open", {"room_id": room, "seq": seq}) for seq in some for who in (bob, laptop)))
        for number, seq in enumerate(some, start):
            pair = answers[2 * (number - start) : 2 * (number - start) + 2]
            assert sorted(answer if isinstance(answer, str) else answer["text"] for answer in pair) == [
                "conflict", f"secret {number}"], pair
    with app.app_context():
        count = lambda table: db.session.scalar(db.select(db.func.count()).select_from(table))
        assert (count(Opening), count(Sealed)) == (1_000, 0)
    print("ok")
    """
    assert run_patched(dedent(script), fresh_database, people=True) == "ok"
