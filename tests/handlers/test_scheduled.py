"""Scheduled messages: said at their time, once, if their author may say them then; until then nobody else knows of them."""

import secrets
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from textwrap import dedent
from typing import Any

import pytest

from tests.support.database import stored_words
from tests.support.patched import run_patched
from tests.support.people import Answer, Cast, Person, Refused
from tests.support.state import State


def moment(**ahead: float) -> str:
    return (datetime.now(UTC) + timedelta(**ahead)).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def ask(person: Person, room: str, text: str = "later", at: str | None = None, **more: Any) -> Answer:
    body = {"client_id": uuid.uuid4().hex, "at": at or moment(days=1), **({"text": text} if text else {}), **more}
    return person.post(f"/rooms/{room}/scheduled", body)


def schedule(person: Person, room: str, text: str = "later", at: str | None = None, **more: Any) -> dict[str, Any]:
    answer = ask(person, room, text, at, **more)
    assert answer.status == 201, answer.body
    return answer.body


def listed(person: Person, **query: Any) -> list[dict[str, Any]]:
    answer = person.get("/users/me/scheduled", **query)
    assert answer.status == 200, answer.body
    return answer.body["items"]


def test_it_is_said_at_its_time_as_any_other_message_and_nobody_knows_before(alice: Person, bob: Person) -> None:
    laptop, room = alice.another_device().live(), alice.direct(bob)
    said = bob.live().say(room, "when?")
    bob.forget()
    at = moment(seconds=0.7)
    scheduled = schedule(alice.live(), room, "now", at, reply_to_seq=said["seq"], mentions=[bob.id])
    assert scheduled["state"] == "waiting"
    assert (scheduled["room_id"], scheduled["at"], scheduled["text"], scheduled["refusal"]) == (room, at, "now", None)
    assert laptop.hears("scheduled:updated")["scheduled"] == scheduled
    assert listed(alice) == [scheduled] == laptop.ask("scheduled:list", {"room_id": room})["items"]
    assert listed(bob) == []
    message = bob.hears("message:created")["message"]
    assert (message["text"], message["sender_id"], message["client_id"]) == ("now", alice.id, scheduled["id"])
    assert (message["reply_to"]["seq"], message["mentions"]) == (said["seq"], [bob.id])
    assert at <= message["created_at"] < moment()
    for device in (alice, laptop):
        sent = device.hears("scheduled:sent")
        assert (sent["feed"], sent["scheduled_id"], sent["room_id"]) == ("me", scheduled["id"], room)
        assert sent["message_seq"] == message["seq"]
    assert listed(alice) == []
    assert {name for name, _ in bob.heard} - {"profile:updated"} == {"message:created"}
    assert bob.get("/users/me/unread").body == {"rooms": 1, "messages": 1, "mentions": 1}
    assert bob.history(room)[-1]["text"] == "now"


def test_it_is_changed_moved_and_cancelled(alice: Person, bob: Person) -> None:
    room = alice.direct(bob)
    first = schedule(alice.live(), room, "one")
    alice.hears("scheduled:updated")
    second = alice.ask("scheduled:edit", {"scheduled_id": first["id"], "text": "two", "mentions": [bob.id]})
    assert second == {**first, "text": "two", "mentions": [bob.id]} == alice.hears("scheduled:updated")["scheduled"]
    at = moment(days=2)
    third = alice.patch(f"/users/me/scheduled/{first['id']}", {"at": at}).body
    assert third == {**second, "at": at} == alice.hears("scheduled:updated")["scheduled"]
    assert alice.patch(f"/users/me/scheduled/{first['id']}", {"at": at, "text": "two"}).body == third
    assert alice.delete(f"/users/me/scheduled/{first['id']}").status == 204
    gone = alice.hears("scheduled:updated")
    assert (gone["scheduled_id"], gone["scheduled"]) == (first["id"], None)
    for event in ("scheduled:cancel", "scheduled:edit"):
        with pytest.raises(Refused, match="not_found"):
            alice.ask(event, {"scheduled_id": first["id"]})
    moved = schedule(alice, room, "sooner")
    alice.ask("scheduled:edit", {"scheduled_id": moved["id"], "at": moment(seconds=0.3)})
    alice.hears("scheduled:sent", scheduled_id=moved["id"])
    assert [message["text"] for message in bob.history(room)] == ["sooner"]


def test_what_others_schedule_is_nobodys_business(alice: Person, bob: Person, mallory: Person) -> None:
    room = alice.group(bob)
    scheduled = schedule(alice, room)
    for person in (bob, mallory):
        assert person.patch(f"/users/me/scheduled/{scheduled['id']}", {"at": moment(seconds=0.1)}).code == "not_found"
        assert person.delete(f"/users/me/scheduled/{scheduled['id']}").code == "not_found"
        assert listed(person, room_id=room) == []
    assert ask(mallory, room).code == "not_found"
    assert listed(alice) == [scheduled]


def test_a_repeat_schedules_it_once_whatever_became_of_it(alice: Person, bob: Person) -> None:
    room = alice.direct(bob)
    body = {"client_id": "once", "text": "hi", "at": moment(seconds=1)}
    first, again = (alice.post(f"/rooms/{room}/scheduled", body) for _ in range(2))
    assert (first.status, again.status, again.body) == (201, 200, {**first.body, "duplicate": True})
    assert alice.post(f"/rooms/{room}/scheduled", {**body, "text": "ho"}).code == "client_id_reused"
    assert alice.post(f"/rooms/{room}/messages", {"client_id": "once", "text": "hi"}).code == "client_id_reused"
    alice.live().hears("scheduled:sent")
    gone = {**first.body, "state": "gone", "duplicate": True}
    assert alice.ask("scheduled:create", {"room_id": room, **body}) == gone
    assert [message["text"] for message in bob.history(room)] == ["hi"]
    assert listed(alice) == []


def remove_bob(alice: Person, bob: Person, room: str) -> None:
    alice.delete(f"/rooms/{room}/members/{bob.id}")


def remove_whom_he_mentions(alice: Person, bob: Person, room: str) -> None:
    carol = next(each for each in bob.get(f"/rooms/{room}/members").body["items"] if each["role"] == "admin")
    alice.delete(f"/rooms/{room}/members/{carol['user_id']}")


def clear_what_he_answers(alice: Person, bob: Person, room: str) -> None:
    bob.post(f"/rooms/{room}/clear")


@pytest.mark.parametrize(
    ("happens", "code"),
    [(remove_bob, "not_found"), (remove_whom_he_mentions, "validation_failed"), (clear_what_he_answers, "not_found")],
)
def test_what_may_not_be_said_any_more_is_not_said_and_says_why(
    cast: Cast, alice: Person, bob: Person, happens: Callable[..., None], code: str
) -> None:
    carol = cast.person("carol")
    room = alice.group(bob, carol)
    alice.patch(f"/rooms/{room}/members/{carol.id}", {"role": "admin"})
    seq = alice.say(room, "?")["seq"]
    scheduled = schedule(bob, room, "psst", moment(seconds=0.8), mentions=[carol.id], reply_to_seq=seq)
    happens(alice, bob, room)
    laptop = bob.another_device()
    told = bob.live().hears("scheduled:updated")["scheduled"]
    assert (told["id"], told["state"], told["refusal"]["code"]) == (scheduled["id"], "refused", code)
    assert listed(bob) == [told] == listed(laptop)
    assert [message["text"] for message in alice.history(room)] == ["?"]
    assert bob.delete(f"/users/me/scheduled/{scheduled['id']}").status == 204


def test_what_was_refused_is_tried_again_at_another_time(alice: Person, bob: Person) -> None:
    room = alice.direct(bob)
    scheduled = schedule(alice.live(), room, "sorry", moment(seconds=0.4))
    alice.put(f"/users/me/blocks/{bob.id}")
    assert alice.hears("scheduled:updated", scheduled_id=scheduled["id"])["scheduled"]["state"] == "waiting"
    refused = alice.hears("scheduled:updated", scheduled_id=scheduled["id"])["scheduled"]
    assert (refused["state"], refused["refusal"]["code"]) == ("refused", "forbidden")
    path = f"/users/me/scheduled/{scheduled['id']}"
    assert alice.patch(path, {"at": moment(seconds=0.3)}).code == "forbidden"
    alice.delete(f"/users/me/blocks/{bob.id}")
    edited = alice.patch(path, {"text": "so sorry"}).body
    assert (edited["state"], edited["text"]) == ("refused", "so sorry")
    again = alice.patch(path, {"at": moment(seconds=0.3)}).body
    assert (again["state"], again["refusal"]) == ("waiting", None)
    alice.hears("scheduled:sent")
    assert [message["text"] for message in bob.history(room)] == ["so sorry"]


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        ("poll", {"question": "?", "options": ["one", "two"]}),
        ("event", {"name": "!", "starts_at": moment(days=9)}),
        ("location", {"latitude": 1, "longitude": 2}),
        ("contact", {"contacts": [{"display_name": "Eve"}]}),
    ],
)
def test_every_type_but_where_one_is_now_can_be_scheduled(alice: Person, bob: Person, kind: str, data: dict[str, Any]) -> None:
    room = alice.direct(bob)
    bob.live()
    scheduled = schedule(alice, room, "", moment(seconds=0.5), type=kind, data=data)
    assert data.items() <= scheduled["data"].items() or kind in ("event", "contact")
    at_once = alice.send(room, kind, data)
    message = bob.hears("message:created", actor_id=alice.id)["message"]
    message = bob.hears("message:created", actor_id=alice.id)["message"]
    assert (message["type"], message["client_id"]) == (kind, scheduled["id"])
    assert message["data"].keys() == at_once["data"].keys()
    assert message["fallback_text"] == at_once["fallback_text"]


def test_what_it_says_must_be_right_at_its_time(alice: Person, bob: Person) -> None:
    room = alice.direct(bob)
    poll = {"question": "?", "options": ["one", "two"], "closes_at": moment(days=2)}
    assert ask(alice, room, "", moment(days=1), type="poll", data=poll).status == 201
    assert set(ask(alice, room, "", moment(days=3), type="poll", data=poll).body["fields"]) == {"data"}
    where = {"latitude": 1, "longitude": 2, "seconds": 900}
    assert set(ask(alice, room, "", type="live_location", data=where).body["fields"]) == {"type"}
    assert ask(alice, room, reply_to_seq=99).code == "not_found"
    assert set(ask(alice, room, mentions=[str(uuid.uuid4())]).body["fields"]) == {"mentions"}
    assert len(listed(alice)) == 1


def test_it_mentions_everyone_and_answers_in_private_as_what_is_said_at_once(cast: Cast, alice: Person, bob: Person) -> None:
    carol = cast.person("carol")
    group, direct, other = alice.live().group(bob, carol), alice.direct(bob), alice.direct(carol)
    seq = bob.say(group, "?")["seq"]
    private = {"reply_to_seq": seq, "reply_to_room_id": group}
    assert set(ask(alice, other, **private).body["fields"]) == {"reply_to_room_id"}
    assert set(ask(alice, direct, mentions_everyone=True).body["fields"]) == {"mentions_everyone"}
    made = [schedule(alice, group, "all of you", moment(seconds=0.5), mentions_everyone=True)]
    made += [schedule(alice, direct, "just you", moment(seconds=0.5), **private)]
    assert [each["mentions_everyone"] for each in made] == [True, False]
    assert [each["reply_to_room_id"] for each in made] == [None, group]
    for _ in made:
        alice.hears("scheduled:sent")
    assert [each.get(f"/rooms/{group}").body["me"]["mentions"] for each in (bob, carol)] == [1, 1]
    assert bob.history(direct)[-1]["reply_to"]["seq"] == seq


def test_they_are_listed_by_their_time_page_by_page_in_one_room_and_in_all(alice: Person, bob: Person) -> None:
    direct, notes = alice.direct(bob), alice.direct(alice)
    same = moment(days=9)
    times = [moment(days=12), same, moment(days=3), same, same]
    made = [schedule(alice, (direct, notes)[number % 2], str(number), at) for number, at in enumerate(times)]
    in_order = [made[2], made[1], made[3], made[4], made[0]]
    for query, expected in (({}, in_order), ({"room_id": direct}, [made[2], made[4], made[0]])):
        found, page = [], {"next": None}
        while page["next"] or not found:
            page = alice.get("/users/me/scheduled", limit=2, **query, **({"cursor": page["next"]} if page["next"] else {})).body
            found += page["items"]
        assert found == expected


def test_no_table_keeps_a_word_of_what_was_cancelled_or_said_and_deleted(alice: Person, bob: Person) -> None:
    room, word = alice.direct(bob), r"gone[0-9a-f]{16}"
    cancelled, said, edited, kept = (f"gone{secrets.token_hex(8)}" for _ in range(4))
    waits = schedule(alice.live(), room, kept)
    path = f"/users/me/scheduled/{schedule(alice, room, edited)['id']}"
    alice.patch(path, {"text": cancelled})
    schedule(alice, room, said, moment(seconds=0.3))
    seq = alice.hears("scheduled:sent")["message_seq"]
    assert stored_words(alice.server, word) >= {cancelled, said, kept}
    assert alice.delete(path).status == 204
    assert alice.delete(f"/rooms/{room}/messages/{seq}?scope=all").status == 204
    assert stored_words(alice.server, word) & {cancelled, said, edited, kept} == {waits["text"]}


def test_nobody_can_schedule_too_much(fresh_sqlite: str) -> None:
    script = """
    from config import LIMITS
    at = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    def schedule(number):
        return ask(alice, "scheduled:create", {"room_id": room, "client_id": str(number), "text": "hi", "at": at})
    first, *others = (schedule(number) for number in range(LIMITS["scheduled_messages"]))
    assert all(each["state"] == "waiting" for each in others)
    assert schedule("last") == "conflict"
    assert ask(alice, "scheduled:edit", {"scheduled_id": first["id"], "text": "ho"})["text"] == "ho"
    assert ask(alice, "scheduled:cancel", {"scheduled_id": first["id"]}) is None
    assert schedule("last")["state"] == "waiting"
    print("ok")
    """
    assert run_patched("from datetime import UTC, datetime, timedelta\n" + dedent(script), fresh_sqlite, people=True) == "ok"


def test_one_that_is_moved_or_cancelled_when_it_is_due_is_either_said_or_not(alice: Person, bob: Person) -> None:
    """Calls and the worker meet at the same timers, in both orders; each has one outcome, and every client the same."""
    room = alice.direct(bob)
    known, due_at, later = State.fetched(alice), datetime.now(UTC) + timedelta(seconds=2), moment(days=1)
    made = [schedule(alice, room, str(number), due_at.isoformat()) for number in range(30)]

    def meet(number: int) -> bool:
        device = Person(alice.server, alice.contract, alice.session)
        path = f"/users/me/scheduled/{made[number]['id']}"
        while datetime.now(UTC) < due_at + timedelta(milliseconds=2 * (number - 15)):
            continue
        return (device.patch(path, {"at": later}) if number % 2 else device.delete(path)).status in (200, 204)

    with ThreadPoolExecutor(8) as pool:
        met = list(pool.map(meet, range(30)))
    alice.live().settle()
    while any(each["at"] != later for each in listed(alice, limit=100)):
        continue  # the worker is not done yet
    said = [message["text"] for message in bob.history(room, limit=100)]
    assert sorted(said, key=int) == [str(number) for number in range(30) if not met[number]]
    assert {each["text"] for each in listed(alice, limit=100)} == {str(n) for n in range(1, 30, 2) if met[n]}
    assert known.sync(limit=7).comparable() == State.fetched(alice).comparable()


def test_a_timer_that_is_run_twice_says_it_once_and_one_that_was_moved_says_nothing(fresh_sqlite: str) -> None:
    script = """
    from datetime import UTC, datetime, timedelta
    from chatx.dispatch.due import run_due
    from chatx.dispatch.transaction import in_transaction
    from chatx.models.timer import Due
    from chatx.registry import timers
    later = datetime.now(UTC) + timedelta(days=1)
    made = [ask(alice, "scheduled:create", {"room_id": room, "client_id": str(n), "text": str(n), "at": later.isoformat()})
            for n in range(3)]
    due = [Due("", f"{alice.user_id}:{each['id']}", later, {}, 0, later) for each in made]
    def come_true(number):
        past = datetime.now(UTC) - timedelta(days=1)
        change = text("UPDATE scheduled_messages SET at = :at WHERE id = :id")
        with app.app_context():
            in_transaction(lambda: db.session.execute(change, {"at": past.replace(tzinfo=None),
                                                               "id": made[number]["id"].replace("-", "")}))
    come_true(0)
    with app.app_context():
        run_due(timers["scheduled:send"], lambda: due[:2])
        # Should the row come back, as from a copy of yesterday, its id has been said already.
        keep = text("INSERT INTO scheduled_messages (id, user_id, room_id, at, content)"
                    " SELECT :id, user_id, room_id, '2001-01-01', '{\\"text\\": \\"0\\"}' FROM scheduled_messages LIMIT 1")
        in_transaction(lambda: db.session.execute(keep, {"id": made[0]["id"].replace("-", "")}))
        in_transaction(lambda: db.session.execute(text("UPDATE submissions SET digest = digest")))
        run_due(timers["scheduled:send"], lambda: due)
    assert [m["text"] for m in ask(bob, "history", {"room_id": room})["items"]] == ["0"]
    assert [each["text"] for each in ask(alice, "scheduled:list", {})["items"]] == ["1", "2"]
    print("ok")
    """
    assert run_patched(dedent(script), fresh_sqlite, people=True) == "ok"
