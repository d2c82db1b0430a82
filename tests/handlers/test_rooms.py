"""Rooms: one per pair, groups, the list with what is new in them, and what of a room is one's own."""

import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.support.people import Cast, Person, Refused


def test_a_pair_has_one_direct_room_whoever_opens_it(alice: Person, bob: Person) -> None:
    bob.live()
    room = alice.put(f"/rooms/direct/{bob.id}").body
    assert (room["kind"], room["title"], room["member_count"], room["peer"]) == ("direct", None, 2, bob.user)
    added = bob.hears("room:added")["room"]
    assert (added["id"], added["peer"]) == (room["id"], alice.user)
    assert bob.ask("room:direct", {"user_id": alice.id})["id"] == room["id"]
    assert [each["id"] for each in bob.get("/rooms").body["items"]] == [room["id"]]


def test_racing_openers_get_the_same_room(alice: Person, bob: Person) -> None:
    callers = [(alice, bob), (bob, alice)] * 8
    with ThreadPoolExecutor(16) as pool:
        rooms = set(pool.map(lambda pair: pair[0].direct(pair[1]), callers))
    assert len(rooms) == 1
    for person in (alice, bob):
        assert len(person.get("/rooms").body["items"]) == 1
    assert len(alice.get(f"/rooms/{rooms.pop()}/members").body["items"]) == 2


def test_notes_to_oneself_are_a_room_of_one(alice: Person) -> None:
    room = alice.put(f"/rooms/direct/{alice.id}").body
    assert (room["member_count"], room["peer"]["id"]) == (1, alice.id)
    assert alice.direct(alice) == room["id"]


def test_a_direct_room_needs_somebody(alice: Person) -> None:
    assert alice.put(f"/rooms/direct/{uuid.uuid4()}").code == "not_found"


def test_a_group_begins_with_its_members_and_an_owner(alice: Person, bob: Person, mallory: Person) -> None:
    bob.live()
    mallory.live().forget()
    room = alice.post("/rooms", {"title": "Weekend", "member_ids": [bob.id, alice.id, bob.id]})
    assert room.status == 201
    assert (room.body["kind"], room.body["title"], room.body["member_count"], room.body["peer"]) == ("group", "Weekend", 2, None)
    assert room.body["me"]["role"] == "owner"
    assert bob.hears("room:added")["room"]["me"]["role"] == "member"
    created = bob.hears("room:created")
    assert (created["feed"], created["seq"], created["room"]["title"]) == (room.body["id"], 1, "Weekend")
    assert mallory.events("room:added", "room:created") == []


def test_creating_a_group_twice_under_one_client_id_makes_one(alice: Person, bob: Person) -> None:
    body = {"title": "Weekend", "member_ids": [bob.id], "client_id": "once"}
    first, again = alice.post("/rooms", body), alice.post("/rooms", body)
    assert (first.status, again.status) == (201, 200)
    assert again.body == {**first.body, "duplicate": True} == alice.ask("room:create", body)
    assert alice.post("/rooms", {**body, "title": "Other"}).code == "client_id_reused"
    assert len(bob.get("/rooms").body["items"]) == 1


def test_a_group_with_somebody_unknown_is_not_made(alice: Person, bob: Person) -> None:
    answer = alice.post("/rooms", {"title": "Weekend", "member_ids": [bob.id, str(uuid.uuid4())]})
    assert (answer.code, list(answer.body["fields"])) == ("not_found", ["member_ids"])
    assert alice.get("/rooms").body["items"] == bob.get("/rooms").body["items"] == []


def test_a_group_has_at_most_1024_members(alice: Person) -> None:
    answer = alice.post("/rooms", {"title": "Crowd", "member_ids": [str(uuid.uuid4()) for _ in range(1_024)]})
    assert (answer.status, answer.code) == (409, "room_full")
    assert "room_members: 1024" in answer.body["detail"]


def test_the_room_list_tells_the_last_message_and_what_is_unread(alice: Person, bob: Person) -> None:
    group, direct = alice.group(bob), alice.direct(bob)
    alice.say(group, "one", mentions=[bob.id])
    last = alice.say(group, "two")
    bob.say(direct, "my own words are not unread")
    first, second = bob.get("/rooms").body["items"]
    assert (first["id"], first["me"]["unread"]) == (direct, 0)
    assert (second["id"], second["me"]["unread"], second["me"]["mentions"]) == (group, 2, 1)
    assert second["last_message"] == last


def test_rooms_are_listed_page_by_page_latest_activity_first(alice: Person) -> None:
    rooms = [alice.group(title=f"group {number}") for number in range(5)]
    alice.say(rooms[0], "back to the top")
    expected = [rooms[0], *rooms[:0:-1]]
    listed, cursor = [], {}
    while True:
        page = alice.get("/rooms", limit=2, **cursor).body
        listed += [room["id"] for room in page["items"]]
        if page["next"] is None:
            break
        cursor = {"cursor": page["next"]}
    assert listed == expected == [room["id"] for room in alice.ask("room:list")["items"]]


def test_who_runs_a_group_describes_it_and_everybody_hears(alice: Person, bob: Person) -> None:
    room = alice.group(bob)
    bob.live()
    changed = alice.patch(f"/rooms/{room}", {"title": "Lake", "description": "at ten"}).body
    assert (changed["title"], changed["description"], changed["seq"]) == ("Lake", "at ten", 3)
    heard = bob.hears("room:updated")
    assert (heard["feed"], heard["seq"], heard["room"]["title"]) == (room, 2, "Lake")
    assert "me" not in heard["room"]
    assert bob.patch(f"/rooms/{room}", {"title": "Mine"}).code == "forbidden"
    with pytest.raises(Refused, match="forbidden"):
        bob.ask("room:update", {"room_id": room, "title": "Mine"})


def test_what_of_a_room_is_ones_own_is_told_to_own_devices_only(alice: Person, bob: Person) -> None:
    room = alice.group(bob)
    laptop = alice.another_device().live()
    bob.live().forget()
    own = {"pinned": True, "archived": True, "marked_unread": True, "draft": "I…", "muted_until": "2030-01-02T03:04:05.678Z"}
    me = alice.patch(f"/rooms/{room}/me", own).body["me"]
    assert own.items() <= me.items()
    heard = laptop.hears("room:me")
    assert (heard["room_id"], heard["me"]) == (room, me)
    assert bob.events("room:me") == []
    assert not bob.get(f"/rooms/{room}").body["me"]["pinned"]
    assert [each["id"] for each in alice.get("/rooms", archived="true").body["items"]] == [room]
    assert alice.get("/rooms", archived="false").body["items"] == []


def test_three_rooms_can_be_pinned(alice: Person) -> None:
    rooms = [alice.group(title=str(number)) for number in range(4)]
    for room in rooms[:3]:
        alice.patch(f"/rooms/{room}/me", {"pinned": True})
    answer = alice.patch(f"/rooms/{rooms[3]}/me", {"pinned": True})
    assert (answer.code, "pinned_rooms: 3" in answer.body["detail"]) == ("conflict", True)
    with pytest.raises(Refused, match="pinned_rooms"):
        alice.ask("room:set_me", {"room_id": rooms[3], "pinned": True})


def test_reading_a_room_takes_its_unread_flag_away(alice: Person, bob: Person) -> None:
    room = alice.direct(bob)
    said = bob.say(room)
    laptop = alice.another_device().live()
    alice.patch(f"/rooms/{room}/me", {"marked_unread": True})
    assert laptop.hears("room:me")["me"]["marked_unread"]
    alice.ask("receipt:read", {"room_id": room, "seq": said["seq"]})
    assert not laptop.hears("room:me")["me"]["marked_unread"]


def test_reading_again_what_is_read_takes_the_unread_flag_away_too(alice: Person, bob: Person) -> None:
    room = alice.direct(bob)
    seq = bob.say(room)["seq"]
    alice.ask("receipt:read", {"room_id": room, "seq": seq})
    alice.patch(f"/rooms/{room}/me", {"marked_unread": True})
    alice.ask("receipt:read", {"room_id": room, "seq": seq})
    assert not alice.get(f"/rooms/{room}").body["me"]["marked_unread"]


def test_a_stranger_cannot_tell_that_a_room_exists(alice: Person, bob: Person, mallory: Person, cast: Cast) -> None:
    room = alice.group(bob)
    existing, missing = mallory.get(f"/rooms/{room}"), mallory.get(f"/rooms/{uuid.uuid4()}")
    assert {**existing.body, "request_id": ""} == {**missing.body, "request_id": ""}
    assert alice.ask("room:get", {"room_id": room})["id"] == room
