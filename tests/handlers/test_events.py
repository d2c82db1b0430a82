"""Events: people say whether they come, are told when something is to be otherwise, and are reminded in time."""

from datetime import UTC, datetime, timedelta
from typing import Any

from config import LIMITS
from tests.support.database import rows_about
from tests.support.people import Answer, Cast, Person


def at(seconds: float) -> str:
    """That many seconds from now."""
    moment = datetime.now(UTC) + timedelta(seconds=seconds)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def picnic(**more: Any) -> dict[str, Any]:
    return {"name": "Picnic", "starts_at": at(3_600), "ends_at": at(7_200)} | more


def path(event: dict[str, Any], what: str) -> str:
    return f"/rooms/{event['room_id']}/messages/{event['seq']}/{what}"


def rsvp(person: Person, event: dict[str, Any], answer: str, **guests: int) -> Answer:
    return person.put(path(event, "rsvp"), {"answer": answer, **guests})


def coming(event: dict[str, Any]) -> dict[str, tuple[int, int, list[str]]]:
    answers = event["data"]["answers"].items()
    return {answer: (each["count"], each["guests"], each["user_ids"]) for answer, each in answers if each["count"]}


def test_people_say_whether_they_come_and_all_hear_it(alice: Person, bob: Person) -> None:
    room = alice.group(bob)
    place = {"name": "Lake", "address": None, "latitude": 48.0, "longitude": 11.5}
    told = picnic(description="With cake.", place=place, extra_guests=True, reminder_seconds=600)
    event = alice.send(room, "event", told)
    nobody = {"count": 0, "guests": 0, "user_ids": []}
    answers = {"going": nobody, "maybe": nobody, "no": nobody}
    assert event["data"] == told | {"cancelled_at": None, "answers": answers}
    assert (event["text"], event["fallback_text"]) == (None, "Event: Picnic")
    alice.live().forget()
    answered = bob.ask("event:rsvp", {"room_id": room, "seq": event["seq"], "answer": "going", "guests": 2})
    assert coming(answered) == {"going": (1, 2, [bob.id])}
    heard = alice.hears("event:changed", feed=room)
    assert (heard["message"], heard["actor_id"]) == (answered, bob.id)
    assert coming(rsvp(alice, event, "going").body) == {"going": (2, 2, [bob.id, alice.id])}
    moved = [rsvp(bob, event, "maybe").body for _ in range(2)]
    assert [coming(each) for each in moved] == [{"going": (1, 0, [alice.id]), "maybe": (1, 0, [bob.id])}] * 2
    assert len(alice.events("event:changed")) == 3
    assert bob.history(room) == [moved[1]]
    assert bob.get(path(event, "rsvp")).body == {"answer": "maybe", "guests": 0}


def test_all_answers_are_listed_page_by_page(alice: Person, cast: Cast, mallory: Person) -> None:
    people = [cast.person("guest") for _ in range(LIMITS["people_shown"] + 1)]
    room = alice.group(*people)
    event, other = (alice.send(room, "event", picnic(extra_guests=True)) for _ in range(2))
    for person in people:
        rsvp(person, event, "going", guests=1)
    rsvp(people[0], event, "no")
    rsvp(people[0], other, "maybe")
    shown = coming(alice.history(room)[0])
    assert shown["going"] == (len(people) - 1, len(people) - 1, [person.id for person in people[1:]])
    first = alice.get(path(event, "answers"), limit=6).body
    rest = alice.ask("event:answers", {"room_id": room, "seq": event["seq"], "cursor": first["next"]})
    listed = first["items"] + rest["items"]
    assert ([each["user_id"] for each in listed], rest["next"]) == (sorted(person.id for person in people), None)
    (unable,) = alice.get(path(event, "answers"), answer="no").body["items"]
    assert (unable["user_id"], unable["answer"], unable["guests"]) == (people[0].id, "no", 0)
    assert alice.ask("event:my_rsvp", {"room_id": room, "seq": event["seq"]}) == {"answer": None, "guests": 0}
    assert mallory.get(path(event, "answers")).code == mallory.get(path(event, "rsvp")).code == "not_found"


def test_guests_come_with_somebody_and_where_they_are_welcome(alice: Person, bob: Person) -> None:
    room = alice.group(bob)
    event = alice.send(room, "event", picnic(extra_guests=True))
    unwelcome = [rsvp(bob, event, "maybe", guests=1), rsvp(bob, alice.send(room, "event", picnic()), "going", guests=1)]
    unwelcome += [rsvp(bob, event, "going", guests=LIMITS["event_guests"] + 1), rsvp(bob, event, "going", guests=-1)]
    assert [(answer.status, list(answer.body["fields"])) for answer in unwelcome] == [(422, ["guests"])] * 4
    assert rsvp(bob, event, "perhaps").status == 422
    rsvp(bob, event, "going", guests=3)
    uninvited = alice.patch(path(event, "event"), {"extra_guests": False}).body
    assert coming(uninvited) == {"going": (1, 0, [bob.id])}
    assert bob.get(path(event, "rsvp")).body == {"answer": "going", "guests": 0}


def test_its_author_changes_it_and_the_answers_stay(alice: Person, bob: Person) -> None:
    room = alice.group(bob)
    event = alice.send(room, "event", picnic())
    rsvp(bob, event, "going")
    reply = bob.say(room, "great", reply_to_seq=event["seq"])
    bob.live().forget()
    otherwise = {"name": "Dinner", "ends_at": None, "place": {"name": "Home"}, "reminder_seconds": 60}
    changed = alice.ask("event:update", {"room_id": room, "seq": event["seq"], **otherwise})
    home = {"name": "Home", "address": None, "latitude": None, "longitude": None}
    assert changed["data"] == event["data"] | otherwise | {"place": home, "answers": changed["data"]["answers"]}
    assert coming(changed) == {"going": (1, 0, [bob.id])}
    assert alice.patch(path(event, "event"), otherwise).body == alice.patch(path(event, "event"), {}).body == changed
    assert [heard["message"] for heard in bob.events("event:changed")] == [changed]
    quote = reply["reply_to"] | {"fallback_text": "Event: Dinner"}
    assert bob.history(room) == [changed, reply | {"reply_to": quote}]
    refused = bob.patch(path(event, "event"), {"name": "Mine"})
    assert (refused.status, refused.code) == (403, "forbidden")


def test_a_cancelled_event_takes_no_answers(alice: Person, bob: Person) -> None:
    room = alice.group(bob)
    event = alice.send(room, "event", picnic(reminder_seconds=60))
    rsvp(bob, event, "going")
    assert bob.post(path(event, "cancel")).code == "forbidden"
    bob.live().forget()
    cancelled = [alice.ask("event:cancel", {"room_id": room, "seq": event["seq"]}) for _ in range(2)]
    assert cancelled[0] == cancelled[1]
    assert cancelled[0]["data"]["cancelled_at"] is not None
    assert cancelled[0]["fallback_text"] == "Cancelled event: Picnic"
    assert [heard["message"] for heard in bob.events("event:changed")] == cancelled[:1]
    late = [rsvp(bob, event, "no"), alice.patch(path(event, "event"), {"name": "On again"})]
    assert [(answer.status, answer.body["detail"]) for answer in late] == [(409, "The event was cancelled.")] * 2
    assert rows_about(alice.server, "timers", room) == []


def test_all_are_reminded_in_time_and_once(alice: Person, bob: Person) -> None:
    """What is due is "event:remind". A reminder whose time was over from the start never comes."""
    room = alice.group(bob)
    bob.live().forget()
    event = alice.send(room, "event", picnic(starts_at=at(61), reminder_seconds=60))
    alice.send(room, "event", picnic(starts_at=at(30), reminder_seconds=60))
    alice.send(room, "event", picnic())
    answered = rsvp(bob, event, "going").body
    heard = bob.hears("event:reminder", feed=room)
    assert (heard["message"], heard["actor_id"]) == (answered, None)
    cursors = {room: heard["seq"] - 1}
    assert bob.post("/sync", {"cursors": cursors}).body["changes"][0] == heard
    assert len(bob.events("event:reminder")) == 1
    assert rows_about(alice.server, "timers", room) == []


def test_the_reminder_moves_with_the_event(alice: Person, bob: Person) -> None:
    room = alice.group(bob)
    event = alice.send(room, "event", picnic(reminder_seconds=600))
    assert alice.patch(path(event, "event"), {"name": "Still at that time"}).status == 200
    before = rows_about(alice.server, "timers", room)
    assert len(before) == 1
    alice.patch(path(event, "event"), {"starts_at": at(1_800), "reminder_seconds": 60})
    (moved,) = rows_about(alice.server, "timers", room)
    assert moved.due_at < before[0].due_at
    bob.live()
    alice.patch(path(event, "event"), {"starts_at": at(61)})
    assert bob.hears("event:reminder", feed=room)["message"]["data"]["name"] == "Still at that time"
    for otherwise in ({"starts_at": at(3_000)}, {"reminder_seconds": None}):
        alice.patch(path(event, "event"), otherwise)
    assert rows_about(alice.server, "timers", room) == []


def test_what_is_over_is_over(alice: Person, bob: Person) -> None:
    room = alice.group(bob)
    event = alice.send(room, "event", picnic(starts_at=at(-60), ends_at=at(0.4)))
    assert rsvp(bob, event, "going").status == 200
    while (late := rsvp(bob, event, "no")).status == 200:
        assert rsvp(bob, event, "going").status in (200, 409)
    assert (late.code, late.body["detail"]) == ("window_closed", f"The event was over at {event['data']['ends_at']}.")
    too_late = [alice.patch(path(event, "event"), {"ends_at": at(60)}), alice.post(path(event, "cancel"))]
    assert [answer.code for answer in too_late] == ["window_closed"] * 2


def test_a_deleted_event_forgets_who_comes_and_reminds_nobody(alice: Person, bob: Person) -> None:
    room = alice.group(bob)
    event = alice.send(room, "event", picnic(reminder_seconds=60))
    rsvp(bob, event, "going")
    assert alice.delete(f"/rooms/{room}/messages/{event['seq']}?scope=all").status == 204
    assert [rows_about(alice.server, table, room) for table in ("event_answers", "timers")] == [[], []]
    assert rsvp(bob, event, "no").code == "conflict"


def test_who_left_or_blocks_sees_the_event_as_they_left_it(alice: Person, bob: Person, cast: Cast) -> None:
    carol = cast.person("carol")
    room = alice.group(bob, carol)
    event = alice.send(room, "event", picnic())
    left = rsvp(bob, event, "going").body
    carol.delete(f"/rooms/{room}/members/{carol.id}")
    now = [alice.patch(path(event, "event"), {"name": "Surprise"}).body, rsvp(bob, event, "no").body][-1]
    assert (carol.history(room)[0], bob.history(room)[0]) == (left, now)
    assert rsvp(carol, event, "going").code == carol.get(path(event, "answers")).code == "not_found"

    direct = alice.direct(bob)
    known = alice.send(direct, "event", picnic())
    reply = bob.say(direct, "well", reply_to_seq=known["seq"])
    bob.put(f"/users/me/blocks/{alice.id}")
    later = alice.patch(path(known, "event"), {"name": "Without bob"}).body
    quote = reply["reply_to"] | {"fallback_text": "Event: Without bob"}
    assert bob.history(direct) == [known, reply]
    assert alice.history(direct) == [later, reply | {"reply_to": quote}]
    assert rsvp(bob, known, "going").code == bob.get(path(known, "answers")).code == "forbidden"


BAD = {
    "no name": ({"starts_at": at(60)}, {"name"}),
    "no start": ({"name": "x"}, {"starts_at"}),
    "a name too long": (picnic(name="x" * 101), {"name"}),
    "a description too long": (picnic(description="x" * 2_049), {"description"}),
    "an end before the start": (picnic(ends_at=at(1_800)), {"ends_at"}),
    "over already": (picnic(starts_at=at(-7_200), ends_at=at(-3_600)), {"ends_at"}),
    "begun without an end": (picnic(starts_at=at(-60), ends_at=None), {"starts_at"}),
    "a time too far": (picnic(ends_at="2999-01-01T00:00:00Z"), {"ends_at"}),
    "a time without a zone": (picnic(starts_at="2999-01-01T00:00:00x"), {"starts_at"}),
    "half a point": (picnic(place={"name": "Lake", "latitude": 1}), {"place"}),
    "a place without a name": (picnic(place={"latitude": 1, "longitude": 1}), {"place"}),
    "a reminder too early": (picnic(reminder_seconds=604_801), {"reminder_seconds"}),
    "a reminder after the start": (picnic(reminder_seconds=-1), {"reminder_seconds"}),
    "answers of one's own": (picnic(answers={}), {"answers"}),
}


def test_a_bad_event_is_named_field_by_field(alice: Person) -> None:
    room = alice.direct(alice)
    for what, (data, wrong) in BAD.items():
        refused = alice.post(f"/rooms/{room}/messages", {"client_id": "1", "type": "event", "data": data})
        assert (refused.status, refused.code, set(refused.body["fields"]["data"])) == (422, "validation_failed", wrong), what
    assert alice.history(room) == rows_about(alice.server, "timers", room) == []
    event = alice.send(room, "event", picnic())
    for what, (data, wrong) in BAD.items():
        if "no" in what.split():
            continue
        refused = alice.patch(path(event, "event"), data)
        assert (refused.status, set(refused.body["fields"])) == (422, wrong), what
    assert alice.history(room) == [event]
