"""Types of messages: each carries data of its own form, and a line for those who do not know it."""

from textwrap import dedent
from typing import Any

from chatx.schemas.message import SENDABLE
from config import LIMITS
from tests.support.patched import run_patched
from tests.support.people import Answer, Person

PLACE = {"latitude": 47.42, "longitude": 10.985, "name": "Zugspitze", "address": None}


def try_to_send(person: Person, room: str, type: str, data: Any, **more: Any) -> Answer:
    return person.post(f"/rooms/{room}/messages", {"client_id": "1", "type": type, "data": data, **more})


def test_a_location_is_sent_and_found_again_as_it_was_told(alice: Person, bob: Person) -> None:
    room = alice.direct(bob)
    bob.live().forget()
    said = alice.send(room, "location", PLACE, text="up there")
    assert (said["type"], said["data"], said["text"]) == ("location", PLACE, "up there")
    assert said["fallback_text"] == "Location: Zugspitze"
    assert bob.hears("message:created", feed=room)["message"] == said
    assert bob.history(room) == [said]
    assert bob.get(f"/rooms/{room}").body["last_message"] == said
    nameless = alice.send(room, "location", {"latitude": -90, "longitude": 0.1}, text=" ")
    assert nameless["data"] == {"latitude": -90.0, "longitude": 0.1, "name": None, "address": None}
    assert (nameless["fallback_text"], nameless["text"]) == ("Location: -90.00000, 0.10000", None)
    assert alice.send(room, "location", PLACE | {"name": None, "address": "Peak 1"})["fallback_text"] == "Location: Peak 1"


def test_contacts_are_cards_of_people_with_or_without_an_account(alice: Person, bob: Person, mallory: Person) -> None:
    room = alice.direct(bob)
    cards = [
        {"display_name": "Mal", "user_id": mallory.id},
        {"display_name": "Plumber", "phones": ["+49 30 1"], "emails": ["p@x"]},
    ]
    blank: dict[str, Any] = {"user_id": None, "phones": [], "emails": []}
    said = alice.send(room, "contact", {"contacts": cards})
    assert said["data"] == {"contacts": [blank | card for card in cards]}
    assert said["fallback_text"] == "Contacts: Mal and 1 more"
    one = alice.send(room, "contact", {"contacts": cards[:1]}, text="ask her", mentions=[bob.id])
    assert (one["fallback_text"], one["text"], one["mentions"]) == ("Contact: Mal", "ask her", [bob.id])
    nobody = room
    refused = try_to_send(alice, room, "contact", {"contacts": [{"display_name": "?", "user_id": nobody}]})
    assert (refused.status, refused.body["fields"]) == (422, {"data": {"contacts": [f"{nobody} does not exist."]}})
    assert bob.history(room) == [said, one]


def test_a_text_has_no_data_and_needs_no_line_in_its_place(alice: Person) -> None:
    said = alice.say(alice.direct(alice), "note")
    assert (said["type"], said["data"], said["fallback_text"]) == ("text", {}, None)


def test_the_same_send_is_the_same_message_whatever_its_type(alice: Person, bob: Person) -> None:
    room = alice.direct(bob)
    said = alice.send(room, "location", PLACE, client_id="once")
    again = try_to_send(alice, room, "location", PLACE, client_id="once")
    assert (again.status, again.body) == (200, said | {"duplicate": True})
    other = try_to_send(alice, room, "location", PLACE | {"latitude": 1}, client_id="once")
    assert (other.status, other.code) == (409, "client_id_reused")


def test_a_reply_quotes_the_line_in_place_of_what_it_answers(alice: Person, bob: Person) -> None:
    room = alice.direct(bob)
    said = alice.send(room, "location", PLACE)
    reply = bob.say(room, "nice", reply_to_seq=said["seq"])
    quote = {"room_id": said["room_id"], "seq": said["seq"], "sender_id": alice.id, "type": "location", "text": None}
    assert reply["reply_to"] == quote | {"fallback_text": "Location: Zugspitze"}
    back = alice.send(room, "location", PLACE, reply_to_seq=reply["seq"])
    assert (back["reply_to"]["text"], back["reply_to"]["fallback_text"]) == ("nice", None)


def test_only_texts_are_edited_and_what_is_deleted_carries_nothing(alice: Person, bob: Person) -> None:
    room = alice.direct(bob)
    said = alice.send(room, "location", PLACE, text="here")
    edited = alice.patch(f"/rooms/{room}/messages/{said['seq']}", {"text": "there"})
    assert (edited.status, edited.code) == (409, "conflict")
    assert alice.delete(f"/rooms/{room}/messages/{said['seq']}?scope=all").status == 204
    grave = bob.history(room)[0]
    assert (grave["type"], grave["data"], grave["text"], grave["fallback_text"]) == ("deleted", {}, None, None)


REFUSED = {
    "image": "Media cannot be sent yet",
    "voice": "Media cannot be sent yet",
    "system": "Only the server says this",
    "deleted": "There is no such type",
    "carrier pigeon": "There is no such type",
    "{input}": "There is no such type",
}


def test_an_unknown_type_is_refused_with_the_known_ones(alice: Person) -> None:
    room = alice.direct(alice)
    for unknown, reason in REFUSED.items():
        refused = try_to_send(alice, room, unknown, {})
        known = ", ".join(SENDABLE)
        assert (refused.status, refused.body["fields"]) == (422, {"type": [f"{reason}. Known are: {known}."]})
    assert alice.history(room) == []


CARD = {"display_name": "x"}
BAD = {
    "beyond the pole": ("location", PLACE | {"latitude": 90.01}, {"latitude"}),
    "once more around": ("location", PLACE | {"longitude": -180.5}, {"longitude"}),
    "degrees in quotes": ("location", PLACE | {"latitude": "47", "longitude": True}, {"latitude", "longitude"}),
    "nowhere": ("location", {}, {"latitude", "longitude"}),
    "a name too long": ("location", PLACE | {"name": "x" * 101}, {"name"}),
    "a name of nothing": ("location", PLACE | {"name": "  "}, {"name"}),
    "no cards": ("contact", {"contacts": []}, {"contacts"}),
    "too many cards": ("contact", {"contacts": [CARD] * (LIMITS["contact_cards"] + 1)}, {"contacts"}),
    "a card without a name": ("contact", {"contacts": [CARD, {"phones": ["1"]}]}, {"contacts"}),
    "too many phones": ("contact", {"contacts": [CARD | {"phones": ["1"] * 11}]}, {"contacts"}),
    "a phone too long": ("contact", {"contacts": [CARD | {"phones": ["1" * 101]}]}, {"contacts"}),
    "a person who is no id": ("contact", {"contacts": [CARD | {"user_id": "bob"}]}, {"contacts"}),
    "what is not known": ("contact", {"contacts": [CARD], "colour": "red"}, {"colour"}),
}


def test_bad_data_is_named_field_by_field(alice: Person) -> None:
    room = alice.direct(alice)
    for what, (kind, data, wrong) in BAD.items():
        refused = try_to_send(alice, room, kind, data)
        assert (refused.status, refused.code, set(refused.body["fields"]["data"])) == (422, "validation_failed", wrong), what
    for data in (None, [], "x", 5):
        refused = try_to_send(alice, room, "location", data)
        assert (refused.status, list(refused.body["fields"])) == (422, ["data"])
    assert alice.history(room) == []


def test_a_text_carries_no_data_and_a_poll_no_text(alice: Person) -> None:
    room = alice.direct(alice)
    assert list(try_to_send(alice, room, "text", PLACE, text="x").body["fields"]) == ["data"]
    refused = try_to_send(alice, room, "poll", {"question": "?", "options": ["a", "b"]}, text="x")
    assert list(refused.body["fields"]) == ["text"]
    assert alice.history(room) == []


def test_a_page_of_what_changes_costs_as_many_queries_as_one_message(fresh_sqlite: str) -> None:
    script = """
    kinds = {
        "poll": {"question": "?", "options": ["a", "b"]},
        "event": {"name": "!", "starts_at": (datetime.now(UTC) + timedelta(days=1)).isoformat()},
        "live_location": {"latitude": 1, "longitude": 2, "seconds": 900},
    }
    def send():
        for kind, data in kinds.items():
            said = ask(alice, "message:send", {"room_id": room, "client_id": str(uuid4()), "type": kind, "data": data})
            here = {"room_id": room, "seq": said["seq"]}
            if kind == "poll":
                ask(bob, "poll:vote", here | {"option_ids": [said["data"]["options"][0]["id"]]})
            elif kind == "event":
                ask(bob, "event:rsvp", here | {"answer": "going"})
    asked = []
    with app.app_context():
        event.listen(db.engine, "before_cursor_execute", lambda *about: asked.append(about[2]))
    def queries():
        asked.clear()
        items = ask(bob, "history", {"room_id": room, "limit": 100})["items"]
        return len(items), len(asked)
    send()
    one = queries()
    for _ in range(10):
        send()
    assert queries() == (33, one[1]), (one, queries())
    print("ok")
    """
    head = "from datetime import UTC, datetime, timedelta\nfrom uuid import uuid4\n"
    assert run_patched(head + dedent(script), fresh_sqlite, people=True) == "ok"
