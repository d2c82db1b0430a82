"""Stars: messages to find again, over all rooms and on all own devices, for oneself alone."""

from textwrap import dedent
from typing import Any

from tests.support.patched import run_patched
from tests.support.people import Answer, Person


def place(message: dict[str, Any]) -> str:
    return f"/rooms/{message['room_id']}/messages/{message['seq']}"


def star(person: Person, message: dict[str, Any]) -> Answer:
    return person.put(f"{place(message)}/star")


def unstar(person: Person, message: dict[str, Any]) -> Answer:
    return person.delete(f"{place(message)}/star")


def starred(person: Person, limit: int = 50) -> list[dict[str, Any]]:
    """All starred messages, page by page."""
    pages = [person.get("/users/me/starred", limit=limit).body]
    while pages[-1]["next"]:
        pages.append(person.get("/users/me/starred", limit=limit, cursor=pages[-1]["next"]).body)
    return [each["message"] for page in pages for each in page["items"]]


def test_a_star_is_told_to_own_devices_and_to_nobody_else(alice: Person, bob: Person) -> None:
    laptop = alice.another_device().live()
    said = bob.live().say(alice.direct(bob))
    cursor = alice.post("/sync").body["cursors"]["me"]
    laptop.forget()
    bob.forget()
    about = {"room_id": said["room_id"], "seq": said["seq"]}
    assert [star(alice, said).status for _ in range(2)] == [204, 204]
    assert alice.get(f"/rooms/{said['room_id']}/messages").body["starred"] == [said["seq"]]
    assert bob.get(f"/rooms/{said['room_id']}/messages").body["starred"] == starred(bob) == []
    laptop.ask("star:clear", about)
    assert unstar(alice, said).status == 204
    assert starred(alice) == alice.get(f"/rooms/{said['room_id']}/messages").body["starred"] == []
    laptop.ask("star:set", about)
    heard = laptop.events("message:starred")
    assert [each["starred"] for each in heard] == [True, False, True]
    assert {(each["feed"], each["room_id"], each["message_seq"]) for each in heard} == {("me", said["room_id"], said["seq"])}
    replayed = alice.post("/sync", {"cursors": {"me": cursor}}).body["changes"]
    assert [change for change in replayed if change["type"] == "message:starred"] == heard
    assert bob.events("message:starred", "message:edited") == []


def test_stars_are_listed_over_all_rooms_the_newest_first_and_survive_edits(alice: Person, bob: Person) -> None:
    rooms = [alice.direct(bob), alice.group(bob), alice.direct(alice)]
    said = [alice.say(rooms[number % 3], f"number {number}") for number in range(7)]
    for message in said:
        star(alice, message)
    said[2] = alice.patch(place(said[2]), {"text": "in other words"}).body
    assert starred(alice) == starred(alice, limit=3) == over_the_socket(alice) == said[::-1]
    alice.delete(f"{place(said[3])}?scope=all")
    assert starred(alice, limit=3) == [message for message in said[::-1] if message is not said[3]]
    assert star(alice, said[3]).code == "conflict"
    assert alice.get(f"/rooms/{said[3]['room_id']}/messages", around=said[3]["seq"], limit=1).body["starred"] == []


def over_the_socket(person: Person) -> list[dict[str, Any]]:
    return [each["message"] for each in person.ask("star:list", {})["items"]]


def test_only_what_one_sees_can_be_starred_and_found_again(alice: Person, bob: Person, mallory: Person) -> None:
    room = alice.group()
    before = alice.say(room)
    alice.post(f"/rooms/{room}/members", {"user_ids": [bob.id]})
    said = alice.say(room)
    assert star(bob, said).status == 204
    assert star(bob, before).code == star(bob, said | {"seq": 1}).code == star(mallory, said).code == "not_found"
    assert unstar(mallory, said).code == "not_found"
    alice.delete(f"/rooms/{room}/members/{bob.id}")
    later = alice.say(room)
    assert starred(bob) == [said]
    assert star(bob, later).code == "not_found"
    alice.delete(f"{place(said)}?scope=all")
    assert starred(bob) == []


def test_nobody_can_have_too_many_stars(fresh_sqlite: str) -> None:
    script = """
    config.LIMITS["stars"] = 2
    def say(number):
        return ask(bob, "message:send", {"room_id": room, "client_id": str(number), "text": "hi"})["seq"]
    one, two, three = (say(number) for number in range(3))
    print([ask(alice, f"star:{verb}", {"room_id": room, "seq": seq}) for verb, seq in [
        ("set", one), ("set", two), ("set", three), ("set", one), ("clear", one), ("set", three)
    ]])
    """
    assert run_patched(dedent(script), fresh_sqlite, people=True) == "[None, None, 'conflict', None, None, None]"
