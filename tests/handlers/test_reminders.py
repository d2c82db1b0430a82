"""Reminders: of a message, for oneself alone, at its time, once."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from textwrap import dedent

import pytest
import requests

from tests.support.patched import run_patched
from tests.support.people import Cast, Person, Refused
from tests.support.state import State


def moment(**ahead: float) -> str:
    return (datetime.now(UTC) + timedelta(**ahead)).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def remind(person: Person, room: str, seq: int, at: str) -> dict:
    answer = person.put(f"/rooms/{room}/messages/{seq}/reminder", {"at": at})
    assert answer.status == 200, answer.body
    return answer.body


def test_one_is_reminded_at_its_time_on_every_device_and_nobody_else_learns_of_it(alice: Person, bob: Person) -> None:
    laptop, room = alice.another_device().live(), alice.direct(bob)
    bob.live().forget()
    said = alice.live().say(room, "buy bread")
    at = moment(seconds=0.5)
    reminder = remind(alice, room, said["seq"], at)
    assert reminder == {"room_id": room, "seq": said["seq"], "at": at, "created_at": reminder["created_at"]}
    assert laptop.hears("reminders:updated")["reminder"] == reminder
    assert alice.get("/users/me/reminders").body["items"] == [reminder] == laptop.ask("reminder:list")["items"]
    for device in (alice, laptop):
        due = device.hears("reminder:due")
        assert (due["feed"], due["actor_id"], due["room_id"], due["message_seq"]) == ("me", None, room, said["seq"])
        assert at <= due["at"] < moment()
    assert alice.get("/users/me/reminders").body["items"] == []
    assert [event["type"] for event in alice.events("reminders:updated", "reminder:due")] == ["reminders:updated", "reminder:due"]
    assert bob.events("reminders:updated", "reminder:due") == []


def test_a_reminder_is_moved_and_cleared(alice: Person) -> None:
    notes = alice.direct(alice)
    seq = alice.live().say(notes)["seq"]
    first = remind(alice, notes, seq, moment(days=1))
    second = alice.ask("reminder:set", {"room_id": notes, "seq": seq, "at": moment(seconds=0.3)})
    assert second == {**first, "at": second["at"]}
    assert remind(alice, notes, seq, second["at"]) == second
    alice.hears("reminder:due")
    assert [change["reminder"] for change in alice.events("reminders:updated")] == [first, second]
    third = remind(alice, notes, seq, moment(seconds=0.4))
    assert alice.delete(f"/rooms/{notes}/messages/{seq}/reminder").status == 204
    with pytest.raises(Refused, match="not_found"):
        alice.ask("reminder:clear", {"room_id": notes, "seq": seq})
    after = alice.another_device()
    after.put(f"/rooms/{notes}/messages/{seq}/reminder", {"at": moment(seconds=0.5)})
    alice.hears("reminder:due")
    told = [(change["type"], change.get("reminder")) for change in alice.events("reminders:updated", "reminder:due")][3:]
    assert told[:2] == [("reminders:updated", third), ("reminders:updated", None)]
    assert [kind for kind, _ in told[2:]] == ["reminders:updated", "reminder:due"]


def test_reminders_are_listed_by_their_time_page_by_page(alice: Person) -> None:
    notes = alice.direct(alice)
    seqs = [alice.say(notes)["seq"] for _ in range(5)]
    same = moment(days=9)
    times = [moment(days=12), same, moment(days=3), same, same]
    made = [remind(alice, notes, seq, at) for seq, at in zip(seqs, times, strict=True)]
    listed, page = [], {"next": None}
    while page["next"] or not listed:
        page = alice.get("/users/me/reminders", limit=2, **({"cursor": page["next"]} if page["next"] else {})).body
        listed += page["items"]
    assert listed == [made[2], made[1], made[3], made[4], made[0]]


def test_nobody_can_have_too_many_reminders(fresh_sqlite: str) -> None:
    script = """
    from config import LIMITS
    def remind(seq, day=1):
        at = f"{datetime.now(UTC) + timedelta(days=day):%Y-%m-%dT%H:%M:%SZ}"
        return ask(alice, "reminder:set", {"room_id": room, "seq": seq, "at": at})
    def say(number):
        return ask(bob, "message:send", {"room_id": room, "client_id": str(number), "text": "hi"})["seq"]
    first, *others, last = (say(number) for number in range(LIMITS["reminders"] + 1))
    assert all(remind(seq)["seq"] == seq for seq in (first, *others))
    assert remind(last) == "conflict"
    assert remind(first, day=2)["seq"] == first
    assert ask(alice, "reminder:clear", {"room_id": room, "seq": first}) is None
    assert remind(last)["seq"] == last
    print("ok")
    """
    assert run_patched("from datetime import UTC, datetime, timedelta\n" + dedent(script), fresh_sqlite, people=True) == "ok"


def test_a_former_member_is_reminded_of_what_they_may_still_read_and_of_nothing_else(alice: Person, bob: Person) -> None:
    room = alice.group(bob)
    seen = alice.say(room, "before")["seq"]
    remind(bob.live(), room, seen, moment(seconds=0.5))
    alice.delete(f"/rooms/{room}/members/{bob.id}")
    unseen = alice.say(room, "after")["seq"]
    assert bob.put(f"/rooms/{room}/messages/{unseen}/reminder", {"at": moment(days=1)}).code == "not_found"
    assert bob.hears("reminder:due")["message_seq"] == seen


def test_reminders_that_are_due_together_are_all_told(cast: Cast) -> None:
    people = [cast.person(f"p{number}").live() for number in range(4)]
    room = people[0].group(*people[1:])
    seqs = [people[0].say(room)["seq"] for _ in range(5)]
    at = moment(seconds=1)
    for person in people:
        for seq in seqs:
            remind(person, room, seq, at)
    for person in people:
        assert sorted(person.hears("reminder:due")["message_seq"] for _ in seqs) == seqs
        assert person.get("/users/me/reminders").body["items"] == []


def test_a_reminder_that_is_cleared_or_moved_when_it_is_due_is_either_told_or_not(alice: Person) -> None:
    """Calls and the worker meet at the same timers, in both orders; each has one outcome, and every client the same."""
    notes = alice.direct(alice)
    seqs = [alice.say(notes)["seq"] for _ in range(40)]
    known, due_at, later = State.fetched(alice), datetime.now(UTC) + timedelta(seconds=1.5), moment(days=1)
    for seq in seqs:
        remind(alice, notes, seq, due_at.isoformat())

    def meet(seq: int) -> bool:
        path = f"{alice.server.api}/rooms/{notes}/messages/{seq}/reminder"
        headers = {"Authorization": f"Bearer {alice.token}"}
        time.sleep(max(0.0, (due_at - datetime.now(UTC)).total_seconds() + (seq - seqs[20]) * 0.002))
        if seq % 2:
            return requests.put(path, json={"at": later}, headers=headers, timeout=30).status_code == 200
        return requests.delete(path, headers=headers, timeout=30).status_code == 404

    with ThreadPoolExecutor(len(seqs)) as pool:
        met = dict(zip(seqs, pool.map(meet, seqs), strict=True))
    while alice.get("/users/me/reminders").body["items"][0]["at"] != later:
        continue  # the worker is not done yet
    changes = alice.post("/sync", {"cursors": {"me": known.cursors["me"]}, "limit": 1_000}).body["changes"]
    told = [change["message_seq"] for change in changes if change["type"] == "reminder:due"]
    assert all(met[seq] for seq in seqs if seq % 2), "moved, or set anew after it was told"
    assert sorted(seq for seq in told if seq % 2 == 0) == [seq for seq in seqs if seq % 2 == 0 and met[seq]]
    assert len(told) == len(set(told))
    assert [each["seq"] for each in alice.get("/users/me/reminders", limit=100).body["items"]] == [seq for seq in seqs if seq % 2]
    assert known.sync(limit=7).comparable() == State.fetched(alice).comparable()


def test_what_was_deleted_meanwhile_reminds_nobody(fresh_sqlite: str) -> None:
    script = """
    from datetime import UTC, datetime, timedelta
    from chatx.context import Context, DueCall
    from chatx.dispatch.due import run_due
    from chatx.dispatch.transaction import in_transaction
    from chatx.models.timer import Due
    from chatx.registry import timers
    later = datetime.now(UTC) + timedelta(days=1)
    seqs = [ask(bob, "message:send", {"room_id": room, "client_id": str(n), "text": "hi"})["seq"] for n in range(3)]
    for seq in seqs:
        ask(alice, "reminder:set", {"room_id": room, "seq": seq, "at": later.isoformat()})
    ask(bob, "message:delete", {"room_id": room, "seq": seqs[0], "scope": "all"})
    with app.app_context():
        # The first is deleted, the second one's time has come, and the third was moved while its timer was taken.
        in_transaction(lambda: db.session.execute(text("UPDATE reminders SET at = created_at WHERE seq < 4")))
        due = [Due("", f"{alice.user_id}:{room}:{seq}", later, {}, 0, later) for seq in seqs]
        for _ in range(2):
            run_due(timers["reminder:due"], lambda: due)
    assert ask(alice, "reminder:set", {"room_id": room, "seq": seqs[0], "at": later.isoformat()}) == "not_found"
    told = [(change["type"], change["message_seq"], change.get("reminder", "due")) for change in
            ask(alice, "sync", {"cursors": {"me": 0}})["changes"] if "message_seq" in change]
    assert told[3:] == [("reminders:updated", seqs[0], None), ("reminder:due", seqs[1], "due")], told
    assert [each["seq"] for each in ask(alice, "reminder:list", {})["items"]] == seqs[2:]
    print("ok")
    """
    assert run_patched(dedent(script), fresh_sqlite, people=True) == "ok"
