"""Mentions: of people, and of everyone in a group, which each member may mute."""

from textwrap import dedent

import pytest

from config import LIMITS
from tests.support.patched import run_patched
from tests.support.people import Cast, Person, Refused

PAST, FUTURE = "2001-01-01T00:00:00Z", "2099-01-01T00:00:00Z"


def mentions(person: Person, room: str) -> int:
    """As the room says, as a sync says, and as the badge adds it up, which are one."""
    figure = person.get(f"/rooms/{room}").body["me"]["mentions"]
    synced = {each["id"]: each["me"]["mentions"] for each in person.post("/sync").body["rooms"]}
    assert synced[room] == figure == person.get("/users/me/unread").body["mentions"]
    return figure


def test_everyone_is_mentioned_once_also_who_is_named_beside(alice: Person, bob: Person, cast: Cast) -> None:
    carol = cast.person("carol")
    room = alice.group(bob, carol)
    bob.live().forget()
    said = alice.say(room, "dinner, @everyone", mentions=[bob.id], mentions_everyone=True)
    assert (said["mentions"], said["mentions_everyone"]) == ([bob.id], True)
    assert bob.hears("message:created")["message"] == said
    assert [mentions(person, room) for person in (alice, bob, carol)] == [0, 1, 1]
    alice.delete(f"/rooms/{room}/messages/{said['seq']}?scope=all")
    assert mentions(carol, room) == 0
    assert carol.history(room)[-1]["mentions_everyone"] is False


def test_an_edit_adds_everyone_and_takes_it_away(alice: Person, bob: Person) -> None:
    room = alice.group(bob)
    said = alice.say(room, "dinner")
    path = f"/rooms/{room}/messages/{said['seq']}"
    assert alice.patch(path, {"text": "dinner, all", "mentions_everyone": True}).body["mentions_everyone"] is True
    assert mentions(bob, room) == 1
    assert alice.patch(path, {"text": "dinner, all!", "mentions": [bob.id]}).body["mentions_everyone"] is True
    assert mentions(bob, room) == 1
    assert alice.ask("message:edit", {"room_id": room, "seq": said["seq"], "text": "bob", "mentions_everyone": False})
    assert mentions(bob, room) == 1
    alice.patch(path, {"text": "nobody", "mentions": []})
    assert mentions(bob, room) == 0
    edits = bob.get(f"{path}/edits").body["items"]
    assert [(each["mentions"], each["mentions_everyone"]) for each in edits] == [
        ([bob.id], False),
        ([bob.id], True),
        ([], True),
        ([], False),
    ]


def test_who_has_everyone_muted_is_mentioned_by_name_only(alice: Person, bob: Person) -> None:
    room = alice.group(bob)
    bob.live().forget()
    bob.patch(f"/rooms/{room}/me", {"everyone_muted_until": FUTURE})
    assert bob.hears("room:me")["me"]["everyone_muted_until"] == FUTURE.replace("Z", ".000Z")
    alice.say(room, "all", mentions_everyone=True)
    alice.say(room, "all, bob", mentions_everyone=True, mentions=[bob.id])
    assert mentions(bob, room) == 1
    assert bob.get(f"/rooms/{room}").body["me"]["unread"] == 2
    assert alice.get(f"/rooms/{room}").body["me"]["everyone_muted_until"] is None
    bob.ask("room:set_me", {"room_id": room, "everyone_muted_until": PAST})
    assert mentions(bob, room) == 2


def test_in_a_large_group_only_who_runs_it_mentions_everyone(alice: Person, bob: Person, cast: Cast) -> None:
    most = LIMITS["everyone_members"]
    room = alice.group(bob, *(cast.person("guest") for _ in range(most - 2)))
    said = bob.say(room, "all", mentions_everyone=True)
    alice.post(f"/rooms/{room}/members", {"user_ids": [cast.person("one_more").id]})
    body = {"client_id": "1", "text": "all", "mentions_everyone": True}
    refused = bob.post(f"/rooms/{room}/messages", body)
    assert (refused.code, f"everyone_members: {most}" in refused.body["detail"]) == ("forbidden", True)
    with pytest.raises(Refused, match=f"everyone_members: {most}"):
        bob.ask("message:send", {"room_id": room, **body})
    other = bob.say(room, "hello")["seq"]
    assert bob.patch(f"/rooms/{room}/messages/{other}", {"text": "all", "mentions_everyone": True}).code == "forbidden"
    assert bob.patch(f"/rooms/{room}/messages/{said['seq']}", {"text": "all of you"}).body["mentions_everyone"] is True
    assert alice.say(room, "all", mentions_everyone=True)["mentions_everyone"] is True
    alice.patch(f"/rooms/{room}/members/{bob.id}", {"role": "admin"})
    assert bob.say(room, "all", mentions_everyone=True)["mentions_everyone"] is True


def test_a_direct_room_has_no_everyone_and_a_room_is_no_person(alice: Person, bob: Person, mallory: Person) -> None:
    direct, group = alice.direct(bob), alice.group(bob)
    wrong = alice.post(f"/rooms/{direct}/messages", {"client_id": "1", "text": "all", "mentions_everyone": True})
    assert (wrong.status, list(wrong.body["fields"])) == (422, ["mentions_everyone"])
    said = alice.say(direct)["seq"]
    wrong = alice.patch(f"/rooms/{direct}/messages/{said}", {"text": "all", "mentions_everyone": True})
    assert (wrong.status, list(wrong.body["fields"])) == (422, ["mentions_everyone"])
    for outside in (group, mallory.id):
        wrong = alice.post(f"/rooms/{group}/messages", {"client_id": "2", "text": "all", "mentions": [outside]})
        assert (wrong.status, list(wrong.body["fields"])) == (422, ["mentions"])
    assert (
        mallory.post(f"/rooms/{group}/messages", {"client_id": "1", "text": "a", "mentions_everyone": True}).code == "not_found"
    )


def test_a_mention_is_found_again_whatever_people_call_themselves(alice: Person, bob: Person) -> None:
    room = alice.group(bob)
    alice.say(room, f"you, @{bob.id}?", mentions=[bob.id])
    bob.patch("/users/me", {"display_name": "Robert"})
    assert bob.history(room)[-1]["mentions"] == [bob.id]
    assert mentions(bob, room) == 1


def test_a_repeat_says_everyone_once(alice: Person, bob: Person) -> None:
    room = alice.group(bob)
    body = {"client_id": "once", "text": "all", "mentions_everyone": True}
    first, again = (alice.post(f"/rooms/{room}/messages", body) for _ in range(2))
    assert again.body == {**first.body, "duplicate": True}
    other = alice.post(f"/rooms/{room}/messages", {"client_id": "once", "text": "all"})
    assert other.code == "client_id_reused"
    assert mentions(bob, room) == 1


def test_everyone_is_one_row_however_many_they_are(fresh_sqlite: str) -> None:
    script = """
    from chatx.models import Mention
    def mention(members):
        with app.app_context():
            people = [person(f"p{number}_{members}").user_id for number in range(members)]
            group = dispatch("room:create", alice, {"title": "g", "member_ids": people})["id"]
        for client_id in ("1", "2"):
            asked.clear()
            said = {"room_id": group, "client_id": group + client_id, "text": "all", "mentions_everyone": True}
            ask(alice, "message:send", said)
        with app.app_context():
            rows = db.session.scalar(db.select(db.func.count()).select_from(Mention).where(Mention.room_id == group))
        return len(asked) - 1, rows
    asked = []
    with app.app_context():
        event.listen(db.engine, "before_cursor_execute", lambda *about: asked.append(about[2]))
    few, many = mention(1), mention(9)
    assert few == many and few[1] == 2, (few, many)
    print("ok")
    """
    assert run_patched(dedent(script), fresh_sqlite, people=True) == "ok"
