"""Members of groups: added, promoted, removed, leaving; what they hear and what they may still read."""

import uuid

import pytest

from tests.support.people import Cast, Person, Refused


def roles(person: Person, room: str) -> dict[str, str]:
    return {member["user_id"]: member["role"] for member in person.get(f"/rooms/{room}/members").body["items"]}


def test_added_people_are_told_one_by_one(alice: Person, bob: Person, cast: Cast) -> None:
    carol, unknown = cast.person("carol"), str(uuid.uuid4())
    room = alice.group(bob)
    bob.live()
    carol.live()
    answer = alice.post(f"/rooms/{room}/members", {"user_ids": [bob.id, carol.id, unknown]})
    assert [(each["user_id"], each["status"]) for each in answer.body["items"]] == [
        (bob.id, "already_member"),
        (carol.id, "added"),
        (unknown, "not_found"),
    ]
    joined = bob.hears("member:joined")
    assert (joined["user_id"], joined["role"], joined["member_count"]) == (carol.id, "member", 3)
    assert carol.hears("room:added")["room"]["id"] == room
    assert alice.ask("member:add", {"room_id": room, "user_ids": [carol.id]})["items"][0]["status"] == "already_member"


def test_new_members_do_not_see_what_was_said_before_them(alice: Person, bob: Person) -> None:
    room = alice.group()
    secret = alice.say(room, "before bob")
    alice.post(f"/rooms/{room}/members", {"user_ids": [bob.id]})
    said = alice.say(room, "with bob")
    assert bob.history(room) == [said]
    assert bob.get(f"/rooms/{room}").body["me"]["unread"] == 1
    answer = bob.post(f"/rooms/{room}/messages", {"client_id": "1", "text": "?", "reply_to_seq": secret["seq"]})
    assert answer.code == "not_found"


def test_only_who_runs_the_group_adds_and_removes(alice: Person, bob: Person, mallory: Person) -> None:
    room = alice.group(bob)
    assert bob.post(f"/rooms/{room}/members", {"user_ids": [mallory.id]}).code == "forbidden"
    assert bob.delete(f"/rooms/{room}/members/{alice.id}").code == "forbidden"
    with pytest.raises(Refused, match="forbidden"):
        bob.ask("member:remove", {"room_id": room, "user_id": alice.id})
    assert mallory.post(f"/rooms/{room}/members", {"user_ids": [mallory.id]}).code == "not_found"


def test_a_removed_member_hears_nothing_more_and_keeps_what_was_said(alice: Person, bob: Person) -> None:
    room = alice.group(bob)
    before = alice.say(room, "with bob")
    bob.live()
    assert alice.delete(f"/rooms/{room}/members/{bob.id}").status == 204
    assert bob.hears("room:removed")["room_id"] == room
    bob.forget()
    alice.say(room, "without bob")
    assert bob.events("message:created", "member:left") == []
    assert bob.history(room) == [before]
    assert bob.get(f"/rooms/{room}").code == "not_found"
    assert bob.post(f"/rooms/{room}/messages", {"client_id": "1", "text": "let me in"}).code == "not_found"
    assert bob.get("/rooms").body["items"] == []


def test_what_was_said_while_someone_was_away_stays_hidden_from_them(alice: Person, bob: Person) -> None:
    room = alice.group(bob)
    first = alice.say(room, "with bob")
    bob.delete(f"/rooms/{room}/members/{bob.id}")
    alice.say(room, "without bob")
    alice.post(f"/rooms/{room}/members", {"user_ids": [bob.id]})
    last = alice.say(room, "with bob again")
    assert bob.history(room) == [first, last]
    assert bob.get(f"/rooms/{room}").body["me"]["unread"] == 1
    assert len(alice.history(room)) == 3


def test_leaving_is_heard_by_those_who_stay(alice: Person, bob: Person) -> None:
    room = alice.group(bob)
    alice.live()
    bob.delete(f"/rooms/{room}/members/{bob.id}")
    left = alice.hears("member:left")
    assert (left["user_id"], left["member_count"]) == (bob.id, 1)


def test_the_last_owner_leaving_promotes_the_admin_before_the_member(alice: Person, bob: Person, cast: Cast) -> None:
    carol = cast.person("carol")
    room = alice.group(bob, carol)
    alice.patch(f"/rooms/{room}/members/{carol.id}", {"role": "admin"})
    bob.live()
    alice.delete(f"/rooms/{room}/members/{alice.id}")
    promoted = bob.hears("member:updated")
    assert (promoted["user_id"], promoted["role"]) == (carol.id, "owner")
    assert roles(bob, room) == {bob.id: "member", carol.id: "owner"}


def test_an_empty_group_is_nobodys(alice: Person) -> None:
    room = alice.group()
    said = alice.say(room)
    assert alice.delete(f"/rooms/{room}/members/{alice.id}").status == 204
    assert alice.history(room) == [said]
    assert alice.get("/rooms").body["items"] == []


def test_only_owners_make_owners(alice: Person, bob: Person, cast: Cast) -> None:
    carol = cast.person("carol")
    room = alice.group(bob, carol)
    assert alice.patch(f"/rooms/{room}/members/{bob.id}", {"role": "admin"}).body["role"] == "admin"
    assert bob.patch(f"/rooms/{room}/members/{carol.id}", {"role": "admin"}).status == 200
    assert bob.patch(f"/rooms/{room}/members/{carol.id}", {"role": "owner"}).code == "forbidden"
    assert bob.patch(f"/rooms/{room}/members/{alice.id}", {"role": "member"}).code == "forbidden"
    assert bob.delete(f"/rooms/{room}/members/{alice.id}").code == "forbidden"
    assert alice.ask("member:update", {"room_id": room, "user_id": bob.id, "role": "owner"})["role"] == "owner"


def test_a_group_keeps_an_owner(alice: Person, bob: Person) -> None:
    room = alice.group(bob)
    assert alice.patch(f"/rooms/{room}/members/{alice.id}", {"role": "member"}).code == "forbidden"
    alice.patch(f"/rooms/{room}/members/{bob.id}", {"role": "owner"})
    assert alice.patch(f"/rooms/{room}/members/{alice.id}", {"role": "member"}).status == 200


def test_nobody_leaves_or_joins_a_direct_room(alice: Person, bob: Person, mallory: Person) -> None:
    room = alice.direct(bob)
    assert alice.delete(f"/rooms/{room}/members/{alice.id}").code == "forbidden"
    assert alice.post(f"/rooms/{room}/members", {"user_ids": [mallory.id]}).code == "forbidden"
    assert alice.patch(f"/rooms/{room}", {"title": "Ours"}).code == "forbidden"


def test_members_are_listed_page_by_page(alice: Person, bob: Person, cast: Cast) -> None:
    carol = cast.person("carol")
    room = alice.group(bob, carol)
    first = alice.get(f"/rooms/{room}/members", limit=2).body
    second = alice.ask("member:list", {"room_id": room, "limit": 2, "cursor": first["next"]})
    assert second["next"] is None
    assert {each["user_id"] for each in first["items"] + second["items"]} == {alice.id, bob.id, carol.id}
