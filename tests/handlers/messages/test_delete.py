"""Deleting for everybody: what was said is gone wherever it stood, and its place is kept."""

from typing import Any

from config import LIMITS
from tests.support.database import make_older
from tests.support.people import Answer, Cast, Person


def delete(person: Person, message: dict[str, Any]) -> Answer:
    return person.delete(f"/rooms/{message['room_id']}/messages/{message['seq']}?scope=all")


def tombstone(message: dict[str, Any], deleted_at: str) -> dict[str, Any]:
    gone = {"type": "deleted", "text": None, "reply_to": None, "mentions": [], "edited_at": None, "deleted_at": deleted_at}
    return message | gone


def test_a_deleted_message_leaves_a_tombstone_that_all_hear_of(alice: Person, bob: Person) -> None:
    room = alice.group(bob)
    first = bob.say(room, "who?")
    said = alice.say(room, "bob!", mentions=[bob.id], reply_to_seq=first["seq"], client_id="once")
    assert alice.patch(f"/rooms/{room}/messages/{said['seq']}", {"text": "bob"}).status == 200
    reply = bob.say(room, "me?", reply_to_seq=said["seq"])
    bob.live().forget()
    alice.ask("message:delete", {"room_id": room, "seq": said["seq"], "scope": "all"})
    heard = bob.hears("message:deleted", feed=room)
    grave = tombstone(said, heard["message"]["deleted_at"])
    assert (heard["message"], heard["actor_id"]) == (grave, alice.id)
    quote = {"room_id": room, "seq": said["seq"], "sender_id": alice.id, "type": "deleted", "text": None, "fallback_text": None}
    assert bob.history(room) == [first, grave, reply | {"reply_to": quote}]
    me = bob.get(f"/rooms/{room}").body["me"]
    assert (me["unread"], me["mentions"]) == (0, 0)
    assert bob.get(f"/rooms/{room}/messages/{said['seq']}/edits").body["items"] == []
    body = {"client_id": "once", "text": "bob!", "mentions": [bob.id], "reply_to_seq": first["seq"]}
    repeat = alice.post(f"/rooms/{room}/messages", body)
    assert (repeat.status, repeat.body) == (200, grave | {"duplicate": True})


def test_deleting_again_changes_nothing(alice: Person, bob: Person) -> None:
    said = alice.say(alice.direct(bob))
    bob.live().forget()
    assert [delete(alice, said).status for _ in range(2)] == [204, 204]
    assert len(bob.events("message:deleted")) == 1


def test_it_is_too_late_after_sixty_hours_but_for_who_runs_the_group(alice: Person, bob: Person) -> None:
    room = alice.group(bob)
    mine, theirs = alice.say(room), bob.say(room)
    for message in (mine, theirs):
        make_older(alice.server, room, message["seq"], LIMITS["delete_seconds"] + 1)
    late = delete(bob, theirs)
    assert (late.status, late.code, late.body["detail"]) == (409, "window_closed", "Later than delete_seconds: 216000.")
    assert [delete(alice, message).status for message in (mine, theirs)] == [204, 204]
    assert delete(bob, theirs).status == 204
    direct = alice.say(alice.direct(bob))
    make_older(alice.server, direct["room_id"], direct["seq"], LIMITS["delete_seconds"] + 1)
    assert delete(alice, direct).code == "window_closed"


def test_only_who_runs_the_group_deletes_what_others_said(alice: Person, bob: Person, mallory: Person, cast: Cast) -> None:
    carol = cast.person("carol")
    room = alice.group(bob, carol)
    alice.patch(f"/rooms/{room}/members/{carol.id}", {"role": "admin"})
    said = [alice.say(room) for _ in range(3)]
    assert delete(bob, said[0]).code == "forbidden"
    assert delete(mallory, said[0]).code == delete(alice, said[0] | {"seq": 1}).code == "not_found"
    bob.live().forget()
    assert delete(carol, said[0]).status == 204
    assert bob.hears("message:deleted")["actor_id"] == carol.id
    assert delete(bob, said[0]).code == "forbidden"
    direct = alice.say(alice.direct(bob))
    assert delete(bob, direct).code == "forbidden"


def test_who_was_away_hears_the_tombstone_in_place_of_the_words(alice: Person, bob: Person) -> None:
    room = alice.direct(bob)
    cursors = bob.post("/sync").body["cursors"]
    said = alice.say(room, "a secret")
    reply = alice.say(room, "see above", reply_to_seq=said["seq"])
    alice.patch(f"/rooms/{room}/messages/{said['seq']}", {"text": "another secret"})
    delete(alice, said)
    answer = bob.post("/sync", {"cursors": cursors}).body
    types = ["message:created", "message:created", "message:edited", "message:deleted"]
    assert [change["type"] for change in answer["changes"]] == types
    grave = answer["changes"][0]["message"]
    assert grave == tombstone(said, grave["deleted_at"])
    assert [change["message"] for change in answer["changes"][2:]] == [grave, grave]
    assert answer["changes"][1]["message"]["reply_to"]["type"] == "deleted"
    assert "secret" not in str(answer)
    assert reply["reply_to"]["text"] == "a secret"


def test_who_came_later_does_not_learn_what_was_deleted(alice: Person, bob: Person) -> None:
    room = alice.group()
    said = alice.say(room)
    alice.post(f"/rooms/{room}/members", {"user_ids": [bob.id]})
    bob.live().forget()
    delete(alice, said)
    assert bob.hears("message:deleted", feed=room)["message"] is None
