"""Pins: a few messages at hand for everybody in a room, for a while."""

from datetime import datetime, timedelta
from textwrap import dedent
from typing import Any

from tests.support.patched import run_patched
from tests.support.people import Answer, Person

DAY = 86_400


def place(message: dict[str, Any]) -> str:
    return f"/rooms/{message['room_id']}/messages/{message['seq']}"


def pin(person: Person, message: dict[str, Any], seconds: int = DAY) -> Answer:
    return person.put(f"{place(message)}/pin", {"seconds": seconds})


def unpin(person: Person, message: dict[str, Any]) -> Answer:
    return person.delete(f"{place(message)}/pin")


def pinned(person: Person, room: str) -> list[dict[str, Any]]:
    """The messages that this person finds pinned."""
    return [each["message"] for each in person.get(f"/rooms/{room}/pins").body["items"]]


def test_a_pin_is_told_to_all_and_lasts_as_long_as_was_said(alice: Person, bob: Person) -> None:
    room = alice.group(bob)
    said, other = alice.say(room, "at ten"), bob.say(room, "at the lake")
    bob.live().forget()
    cursor = bob.post("/sync").body["cursors"][room]
    made = pin(bob, said, 7 * DAY).body
    assert (made["message"], made["pinned_by"]) == (said, bob.id)
    assert datetime.fromisoformat(made["expires_at"]) - datetime.fromisoformat(made["pinned_at"]) == timedelta(days=7)
    by_default = alice.ask("pin:set", {"room_id": room, "seq": other["seq"]})
    assert alice.get(f"/rooms/{room}/pins").body == bob.ask("pin:list", {"room_id": room}) == {"items": [by_default, made]}
    again = pin(alice, said, 30 * DAY).body
    assert (again["pinned_by"], alice.get(f"/rooms/{room}/pins").body["items"]) == (alice.id, [again, by_default])
    assert [unpin(bob, said).status for _ in range(2)] == [204, 204]
    assert pinned(alice, room) == [other]
    heard = bob.events("message:pinned", "message:unpinned")
    assert [(each["type"], each["actor_id"], each["message"]["seq"], each.get("seconds")) for each in heard] == [
        ("message:pinned", bob.id, said["seq"], 7 * DAY),
        ("message:pinned", alice.id, other["seq"], 7 * DAY),
        ("message:pinned", alice.id, said["seq"], 30 * DAY),
        ("message:unpinned", bob.id, said["seq"], None),
    ]
    assert heard[0]["at"] == made["pinned_at"]
    changes = bob.post("/sync", {"cursors": {room: cursor}}).body["changes"]
    assert [change for change in changes if change["type"] != "message:created"] == heard
    assert bob.get(f"/rooms/{room}").body["me"]["unread"] == 1


def test_a_room_has_three_pins_at_most(alice: Person, bob: Person) -> None:
    said = [alice.say(alice.direct(bob)) for _ in range(4)]
    assert [pin(alice, message).status for message in (*said[:3], said[0])] == [200] * 4
    full = pin(bob, said[3])
    assert (full.code, full.body["detail"]) == ("conflict", "More than pinned_messages: 3.")
    unpin(bob, said[1])
    assert pin(bob, said[3]).status == 200


def test_a_group_may_leave_pinning_to_its_admins(alice: Person, bob: Person, mallory: Person) -> None:
    room = alice.group(bob)
    said = bob.say(room)
    assert alice.get(f"/rooms/{room}").body["settings"] == {"pin": "members"}
    bob.live().forget()
    assert alice.patch(f"/rooms/{room}", {"settings": {"pin": "admins"}}).body["settings"] == {"pin": "admins"}
    assert bob.hears("room:updated")["room"]["settings"] == {"pin": "admins"}
    assert pin(alice, said).status == 200
    assert pin(bob, said).code == unpin(bob, said).code == "forbidden"
    assert pin(mallory, said).code == mallory.get(f"/rooms/{room}/pins").code == "not_found"
    assert alice.patch(f"/rooms/{room}", {"settings": {}}).body["settings"] == {"pin": "admins"}
    alice.patch(f"/rooms/{room}/members/{bob.id}", {"role": "admin"})
    assert unpin(bob, said).status == 204
    direct = alice.direct(bob)
    assert alice.patch(f"/rooms/{direct}", {"settings": {"pin": "admins"}}).code == "forbidden"
    assert pin(bob, alice.say(direct)).status == 200


def test_only_what_stands_and_is_seen_can_be_pinned(alice: Person, bob: Person) -> None:
    room = alice.group()
    before = alice.say(room)
    pin(alice, before)
    alice.post(f"/rooms/{room}/members", {"user_ids": [bob.id]})
    said = alice.say(room)
    assert pin(bob, before).code == pin(bob, said | {"seq": 1}).code == "not_found"
    assert pinned(bob, room) == []
    pin(bob, said)
    bob.live().forget()
    pin(alice, before)
    told = bob.hears("message:pinned")
    assert (told["message"], "seconds" in told) == (None, False)
    alice.delete(f"{place(said)}?scope=all")
    assert pinned(bob, room) == []
    assert pin(alice, said).code == "conflict"
    assert unpin(alice, said).status == 204
    assert bob.events("message:unpinned") == []


def test_the_blocked_reach_nobody_by_a_pin(alice: Person, bob: Person) -> None:
    room = alice.direct(bob)
    mine, theirs, other = alice.say(room), bob.say(room), bob.say(room)
    pin(bob, theirs)
    bob.put(f"/users/me/blocks/{alice.id}")
    assert pin(bob, mine).code == "forbidden"
    assert pin(alice, mine).status == pin(alice, other).status == 200
    assert unpin(alice, theirs).status == unpin(alice, other).status == 204
    assert (pinned(alice, room), pinned(bob, room)) == ([mine], [theirs])
    bob.delete(f"/users/me/blocks/{alice.id}")
    assert (pinned(alice, room), pinned(bob, room)) == ([mine], [theirs])
    assert (unpin(bob, theirs).status, pin(bob, mine).status) == (204, 200)
    assert pinned(alice, room) == pinned(bob, room) == [mine]


def test_a_pin_expires_by_itself_unless_it_was_pinned_anew(fresh_database: str) -> None:
    """ "pin:expire" is its timer."""
    script = """
    from datetime import UTC, datetime, timedelta
    from chatx.models import Pin, Timer
    from chatx.dispatch.transaction import in_transaction
    from chatx.worker import Worker
    def say(number):
        return ask(bob, "message:send", {"room_id": room, "client_id": str(number), "text": f"number {number}"})["seq"]
    def pin(seq, days):
        return ask(bob, "pin:set", {"room_id": room, "seq": seq, "seconds": days * 86_400})
    def age(days):
        earlier = timedelta(days=days)
        for pinned in db.session.scalars(db.select(Pin)):
            pinned.expires_at -= earlier
        for timer in db.session.scalars(db.select(Timer).where(Timer.kind == "pin:expire")):
            timer.due_at -= earlier
    one, two, three = (say(number) for number in range(3))
    since = ask(alice, "sync", {})["cursors"][room]
    for seq, days in ((one, 1), (two, 1), (three, 7), (two, 30)):
        pin(seq, days)
    ask(bob, "message:delete", {"room_id": room, "seq": three, "scope": "all"})
    with app.app_context():
        in_transaction(lambda: age(7))
    assert [each["message"]["seq"] for each in ask(alice, "pin:list", {"room_id": room})["items"]] == [two]
    worker = Worker(app)
    eventlet.spawn(worker.run)
    def left():
        with app.app_context():
            return db.session.scalar(db.select(db.func.count()).select_from(Timer).where(Timer.kind == "pin:expire"))
    while left() > 1:
        eventlet.sleep(0.01)
    worker.stop()
    worker.wait()
    changes = ask(alice, "sync", {"cursors": {room: since}})["changes"]
    told = [(change["message"]["seq"], change["actor_id"]) for change in changes if change["type"] == "message:unpinned"]
    assert told == [(one, None)], changes
    assert [each["message"]["seq"] for each in ask(alice, "pin:list", {"room_id": room})["items"]] == [two]
    print("ok")
    """
    assert run_patched(dedent(script), fresh_database, people=True) == "ok"
