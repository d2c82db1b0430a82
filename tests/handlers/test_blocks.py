"""Blocks: what the blocked person says to the blocker alone never reaches them, and nothing tells the blocked person."""

import json
import re
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.handlers.test_message_info import info
from tests.handlers.test_unread import badge
from tests.support.people import Cast, Person, Refused

UNBLOCK_FIRST = "You have blocked this person: unblock them first."


def block(person: Person, other: Person) -> None:
    assert person.put(f"/users/me/blocks/{other.id}").status == 200


def unblock(person: Person, other: Person) -> None:
    assert person.delete(f"/users/me/blocks/{other.id}").status == 204


def texts(person: Person, room: str) -> list[str]:
    return [message["text"] for message in person.history(room)]


def test_a_block_is_kept_and_lifted_and_only_ones_own_devices_hear_of_it(alice: Person, bob: Person) -> None:
    laptop = bob.another_device().live()
    alice.live().forget()
    kept = bob.put(f"/users/me/blocks/{alice.id}").body
    assert (kept["user_id"], kept["user"]["username"]) == (alice.id, alice.user["username"])
    assert laptop.hears("blocks:updated")["block"] == kept == bob.ask("block:set", {"user_id": alice.id})
    assert bob.get("/users/me/blocks").body == bob.ask("block:list") == {"items": [kept], "next": None}
    bob.ask("block:remove", {"user_id": alice.id})
    assert laptop.hears("blocks:updated")["block"] is None
    assert bob.get("/users/me/blocks").body["items"] == []
    assert bob.delete(f"/users/me/blocks/{alice.id}").code == "not_found"
    assert len(laptop.events("blocks:updated")) == 2
    alice.settle()
    assert {event for event, _ in alice.heard} == {"profile:updated"}


def test_nobody_blocks_themselves_or_who_does_not_exist(alice: Person) -> None:
    assert alice.put(f"/users/me/blocks/{uuid.uuid4()}").code == "not_found"
    answer = alice.put(f"/users/me/blocks/{alice.id}")
    assert (answer.code, list(answer.body["fields"])) == ("validation_failed", ["user_id"])


def test_blocks_are_listed_page_by_page(alice: Person, cast: Cast) -> None:
    people = [cast.person(name) for name in ("bob", "carol", "dave")]
    for person in people:
        block(alice, person)
    first = alice.get("/users/me/blocks", limit=2).body
    second = alice.get("/users/me/blocks", limit=2, cursor=first["next"]).body
    assert [each["user_id"] for each in first["items"] + second["items"]] == [person.id for person in people]
    assert second["next"] is None


def test_the_blocked_are_never_heard_nor_seen_also_not_after_unblocking(alice: Person, bob: Person) -> None:
    room = alice.direct(bob)
    alice.say(room, "before")
    bob.live()
    block(bob, alice)
    bob.forget()
    before = bob.get(f"/rooms/{room}").body
    cursors = {room: bob.post("/sync").body["cursors"][room]}
    alice.live()
    sent = alice.ask("message:send", {"room_id": room, "client_id": "1", "text": "meanwhile", "mentions": [bob.id]})
    assert alice.hears("message:created")["message"] == sent
    alice.ask("typing", {"room_id": room, "kind": "text"})
    alice.ask("receipt:read", {"room_id": room, "seq": sent["seq"]})
    assert bob.events("message:created", "typing", "receipt") == []
    assert bob.get(f"/rooms/{room}").body == before
    assert (before["seq"], before["last_message"]["text"]) == (sent["seq"] - 1, "before")
    again = bob.post("/sync", {"cursors": cursors}).body
    assert (again["changes"], again["reset"], again["has_more"], again["cursors"][room]) == ([], [], False, cursors[room])
    assert all(mark < sent["seq"] for marks in again["marks"][room].values() for mark in marks)
    assert badge(bob) == {"rooms": 1, "messages": 1, "mentions": 0}
    unblock(bob, alice)
    alice.say(room, "after")
    assert bob.hears("message:created")["message"]["text"] == "after"
    assert texts(bob, room) == ["before", "after"]
    assert bob.get(f"/rooms/{room}/messages/{sent['seq']}/receipts").code == "not_found"
    assert badge(bob) == {"rooms": 1, "messages": 1, "mentions": 0}
    assert texts(alice, room) == ["before", "meanwhile", "after"]


def test_after_unblocking_sync_resets_the_room_if_something_was_withheld_and_else_goes_on(alice: Person, bob: Person) -> None:
    room = alice.direct(bob)
    for withheld in (False, True):
        block(bob, alice)
        cursors = bob.post("/sync").body["cursors"]
        if withheld:
            alice.say(room, "meanwhile")
        unblock(bob, alice)
        alice.say(room, "after")
        answer = bob.post("/sync", {"cursors": cursors}).body
        assert (answer["reset"] == [room], [each["id"] for each in answer["rooms"]] == [room]) == (withheld, withheld)
        assert "meanwhile" not in str(answer)


def test_who_blocks_again_at_once_keeps_what_they_saw(alice: Person, bob: Person) -> None:
    room = alice.direct(bob)
    alice.say(room, "before")
    for _ in range(2):
        block(bob, alice)
        alice.say(room, "meanwhile")
        unblock(bob, alice)
    block(bob, alice)
    assert texts(bob, room) == ["before"]
    assert bob.get(f"/rooms/{room}").body["last_message"]["text"] == "before"
    bob.post(f"/rooms/{room}/read", {"seq": 99})
    assert bob.get(f"/rooms/{room}").body["me"]["unread"] == 0


def test_what_is_withheld_does_not_move_the_room_in_the_blockers_list(alice: Person, bob: Person, cast: Cast) -> None:
    carol = cast.person("carol")
    rooms = [alice.direct(bob), carol.direct(bob)]
    for person, room in zip((alice, carol), rooms, strict=True):
        person.say(room)
    block(bob, alice)
    alice.say(rooms[0])
    first = bob.get("/rooms", limit=1).body
    second = bob.get("/rooms", limit=1, cursor=first["next"]).body
    assert [each["id"] for each in first["items"] + second["items"]] == rooms[::-1]


def test_the_blocker_says_nothing_there_until_they_unblock(alice: Person, bob: Person) -> None:
    room = alice.direct(bob)
    first = bob.say(room, "hello", client_id="first")
    block(bob, alice)
    for event, payload in (("message:send", {"client_id": "2", "text": "psst"}), ("typing", {"kind": "text"})):
        with pytest.raises(Refused, match=UNBLOCK_FIRST) as refused:
            bob.ask(event, {"room_id": room, **payload})
        assert refused.value.code == "forbidden"
    repeat = bob.post(f"/rooms/{room}/messages", {"client_id": "first", "text": "hello"})
    assert (repeat.status, repeat.body) == (200, {**first, "duplicate": True})
    unblock(bob, alice)
    bob.say(room, "psst")
    bob.ask("typing", {"room_id": room, "kind": "text"})


def test_message_info_never_tells_of_what_was_withheld(alice: Person, bob: Person) -> None:
    room = alice.direct(bob)
    read = alice.say(room)["seq"]
    bob.ask("receipt:read", {"room_id": room, "seq": read})
    unread = alice.say(room)["seq"]
    before = info(alice, room, read)
    block(bob, alice)
    withheld = alice.say(room)["seq"]
    bob.ask("receipt:read", {"room_id": room, "seq": withheld})
    unblock(bob, alice)
    after = alice.say(room)["seq"]
    bob.ask("receipt:read", {"room_id": room, "seq": after})
    assert info(alice, room, read) == before
    for seq in (unread, withheld):
        assert info(alice, room, seq) == {bob.id: (None, None)}
    assert None not in info(alice, room, after)[bob.id]


def test_a_room_that_the_blocked_open_is_hidden_until_they_are_unblocked(alice: Person, bob: Person) -> None:
    block(bob, alice)
    bob.live().forget()
    room = alice.direct(bob)
    alice.say(room, "meanwhile", mentions=[bob.id])
    nothing = {"rooms": [], "marks": {}, "gone": [room], "changes": [], "reset": []}
    assert bob.get("/rooms").body["items"] == []
    assert bob.post("/sync", {"cursors": {room: 1}}).body.items() >= nothing.items()
    assert badge(bob) == {"rooms": 0, "messages": 0, "mentions": 0}
    for path in (f"/rooms/{room}", f"/rooms/{room}/messages", f"/rooms/{room}/members"):
        assert bob.get(path).code == "not_found"
    assert bob.post(f"/rooms/{room}/read", {"seq": 1}).code == "not_found"
    assert bob.post(f"/rooms/{room}/messages", {"client_id": "1", "text": "x"}).code == "not_found"
    answer = bob.put(f"/rooms/direct/{alice.id}")
    assert (answer.code, answer.body["detail"]) == ("forbidden", UNBLOCK_FIRST)
    assert bob.events("room:added", "room:created", "message:created") == []
    unblock(bob, alice)
    added = bob.hears("room:added")["room"]
    assert (added["id"], added["last_message"], added["me"]["unread"]) == (room, None, 0)
    assert bob.direct(alice) == room
    alice.say(room, "after")
    assert texts(bob, room) == ["after"]


def test_the_blocker_opens_no_room_and_keeps_the_one_they_have(alice: Person, bob: Person, mallory: Person) -> None:
    room = bob.direct(alice)
    for person in (alice, mallory):
        block(bob, person)
    assert bob.direct(alice) == room
    assert bob.put(f"/rooms/direct/{mallory.id}").body["detail"] == UNBLOCK_FIRST
    assert mallory.get("/rooms").body["items"] == []


def test_the_blocked_add_the_blocker_to_no_group(alice: Person, bob: Person, cast: Cast) -> None:
    carol = cast.person("carol")
    shared, other = alice.group(bob), alice.group()
    block(bob, alice)
    body = {"user_ids": [bob.id, carol.id]}
    for room, becomes in ((other, "refused"), (shared, "already_member")):
        added = alice.post(f"/rooms/{room}/members", body).body["items"]
        assert [each["status"] for each in added] == [becomes, "added"]
    answer = alice.post("/rooms", {"title": "Trap", "member_ids": [carol.id, bob.id], "client_id": "once"})
    assert (answer.code, len(answer.body["fields"]["member_ids"])) == ("forbidden", 1)
    assert bob.id in answer.body["fields"]["member_ids"][0]
    assert [room["id"] for room in bob.get("/rooms").body["items"]] == [shared]
    unblock(bob, alice)
    assert alice.post("/rooms", {"title": "Trap", "member_ids": [carol.id, bob.id], "client_id": "once"}).status == 201


def test_in_a_shared_group_both_are_heard_as_before(alice: Person, bob: Person) -> None:
    room = alice.group(bob)
    block(bob, alice)
    alice.live()
    bob.live()
    seq = alice.say(room, "anyone?")["seq"]
    assert bob.hears("message:created")["message"]["text"] == "anyone?"
    bob.ask("receipt:read", {"room_id": room, "seq": seq})
    assert alice.hears("receipt", user_id=bob.id)["read_seq"] == seq
    bob.ask("typing", {"room_id": room, "kind": "text"})
    assert alice.hears("typing")["user_id"] == bob.id


def test_two_who_block_each_other_are_deaf_each_for_themselves(alice: Person, bob: Person) -> None:
    room = alice.direct(bob)
    block(alice, bob)
    alone = alice.get("/users/me/blocks").body
    block(bob, alice)
    assert alice.get("/users/me/blocks").body == alone
    unblock(alice, bob)
    alice.say(room, "sorry")
    assert texts(bob, room) == []
    assert bob.post(f"/rooms/{room}/messages", {"client_id": "1", "text": "x"}).code == "forbidden"
    unblock(bob, alice)
    bob.say(room, "me too")
    assert texts(alice, room) == ["sorry", "me too"]
    assert texts(bob, room) == ["me too"]


def test_opening_a_room_while_being_blocked_leaves_nobody_who_hears(cast: Cast) -> None:
    pairs = [(cast.person("alice"), cast.person("bob")) for _ in range(6)]
    with ThreadPoolExecutor(2) as pool:
        for number, (alice, bob) in enumerate(pairs):
            calls = [lambda alice=alice, bob=bob: alice.direct(bob), lambda alice=alice, bob=bob: block(bob, alice)]
            order = calls[:: 1 - 2 * (number % 2)]
            asked = [pool.submit(call) for call in order]
            room = next(each for each in [one.result() for one in asked] if each is not None)
            alice.say(room, "psst")
            assert "psst" not in str([bob.get("/rooms").body, bob.post("/sync").body])
            assert badge(bob) == {"rooms": 0, "messages": 0, "mentions": 0}
            assert bob.put(f"/rooms/direct/{alice.id}").status in (200, 403)


def test_the_blocked_cannot_tell_a_blocker_from_somebody_who_is_away(cast: Cast) -> None:
    assert observed(cast, blocks=True) == observed(cast, blocks=False)


def observed(cast: Cast, *, blocks: bool) -> list[Any]:
    """Everything alice fetches and hears while bob and ben, with whom she has no room yet, block her or are away; and after."""
    alice, bob, ben, carol = people = [cast.person(name) for name in ("alice", "bob", "ben", "carol")]
    group, direct = alice.group(bob, carol), bob.direct(alice)
    bob.say(direct, "hi", client_id="0")
    alice.say(direct, "hello", client_id="1")
    bob.post(f"/rooms/{direct}/read", {"seq": 2})
    cursors = alice.live().post("/sync").body["cursors"]
    for blocker in (bob, ben) if blocks else ():
        block(blocker, alice)
    alice.say(direct, "are you there?", client_id="2", mentions=[bob.id], reply_to_seq=2)
    alice.ask("typing", {"room_id": direct, "kind": "text"})
    alice.ask("receipt:read", {"room_id": direct, "seq": 4})
    opened = alice.put(f"/rooms/direct/{ben.id}").body
    alice.say(opened["id"], "nice to meet you", client_id="3", mentions=[ben.id])
    alice.say(group, "has anybody seen bob?", client_id="4")
    if blocks:
        bob.post(f"/rooms/{direct}/read", {"seq": 4})
        bob.post("/receipts/delivered", {"marks": {direct: 4}})
        bob.post(f"/rooms/{direct}/typing", {"kind": "text"})
        bob.post(f"/rooms/{direct}/messages", {"client_id": "5", "text": "leave me"})
    rooms = [direct, opened["id"], group]
    meanwhile = fetched(alice, [bob, ben], rooms, cursors)
    for blocker in (bob, ben) if blocks else ():
        unblock(blocker, alice)
    alice.settle()
    alice.patch("/users/me", {"about": ""})
    heard = [each for each in alice.heard if each[0] not in ("ready", "profile:updated")]
    seen = [opened, meanwhile, fetched(alice, [bob, ben], rooms, cursors), heard]
    return nameless(seen, [*(person.id for person in people), *rooms])


def fetched(alice: Person, others: list[Person], rooms: list[str], cursors: dict[str, int]) -> list[Any]:
    """What alice can ask about these people and rooms."""
    asked: list[Any] = [alice.get(path) for path in ("/rooms", "/users/me/unread", "/users/me/contacts", "/users/me/blocks")]
    asked += [alice.post("/sync"), alice.post("/sync", {"cursors": {name: cursors[name] for name in cursors if name != "me"}})]
    for other in others:
        asked += [alice.get(f"/users/{other.id}"), alice.get("/users", username=other.user["username"])]
        asked.append(alice.put(f"/rooms/direct/{other.id}"))
    for room in rooms:
        asked += [alice.get(f"/rooms/{room}{part}") for part in ("", "/members", "/messages")]
        said = [message["seq"] for message in alice.history(room)]
        asked += [alice.get(f"/rooms/{room}/messages/{seq}/receipts") for seq in said]
    return [(answer.status, answer.body) for answer in asked]


def nameless(seen: list[Any], known: list[str]) -> list[Any]:
    """The same without what differs whenever a story is told: ids, which are numbered, times, and the ends of user names."""
    text = re.sub(r"\d{4}-\d\d-\d\dT[\d:.]+Z", "then", re.sub(r"_[0-9a-f]{10}\b", "", json.dumps(seen)))
    ids = dict.fromkeys(known + re.findall(r"[0-9a-f]{8}-[0-9a-f-]{27}", text))
    numbers = {each: f"id {number}" for number, each in enumerate(ids)}
    return json.loads(re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", lambda found: numbers[found[0]], text))
