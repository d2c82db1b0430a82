"""System messages: lines of a room's history that say what happened, and nothing that anybody said."""

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.support.people import Answer, Person


def happened(person: Person, room: str) -> list[dict[str, Any]]:
    return [message for message in person.history(room) if message["type"] == "system"]


def in_a_week() -> str:
    return (datetime.now(UTC) + timedelta(days=7)).isoformat()


def test_a_pin_is_a_line_in_the_history_of_all_and_unread_for_nobody(alice: Person, bob: Person) -> None:
    room = alice.direct(bob)
    said = alice.say(room, "at ten")
    bob.live().forget()
    alice.put(f"/rooms/{room}/messages/{said['seq']}/pin")
    (line,) = happened(bob, room)
    assert bob.hears("message:created")["message"] == line
    assert (line["sender_id"], line["text"], line["data"]) == (alice.id, None, {"action": "pinned", "message_seq": said["seq"]})
    assert line["fallback_text"] == "A message was pinned."
    assert line["seq"] == said["seq"] + 2, "right after the change that it tells of"
    seen = bob.get(f"/rooms/{room}").body
    assert (seen["me"]["unread"], seen["last_message"], seen["seq"]) == (1, said, line["seq"])
    assert bob.get("/users/me/unread").body["messages"] == 1
    bob.post(f"/rooms/{room}/clear")
    again = alice.say(room, "really")
    bob.put(f"/rooms/{room}/messages/{again['seq']}/pin")
    bob.delete(f"/rooms/{room}/messages/{again['seq']}?scope=me")
    assert bob.get(f"/rooms/{room}").body["last_message"] is None


def test_what_of_a_group_changed_is_a_line_without_the_words(alice: Person, bob: Person) -> None:
    room = alice.group(bob)
    alice.patch(f"/rooms/{room}", {"title": "a secret", "settings": {"pin": "admins"}})
    alice.ask("room:update", {"room_id": room, "title": "a secret"})
    (line,) = happened(bob, room)
    assert line["data"] == {"action": "updated", "changed": ["settings", "title"], "settings": {"pin": "admins"}}
    assert line["fallback_text"] == "The settings and title changed."


def test_nothing_becomes_of_it(alice: Person, bob: Person) -> None:
    room, notes = alice.group(bob), alice.direct(alice)
    alice.patch(f"/rooms/{room}", {"description": "by the lake"})
    (line,) = happened(alice, room)
    path = f"/rooms/{room}/messages/{line['seq']}"
    forward = {"seqs": [line["seq"]], "to_room_ids": [notes], "client_id": "1"}
    refused: list[Answer] = [
        alice.patch(path, {"text": "nothing happened"}),
        alice.delete(f"{path}?scope=all"),
        alice.put(f"{path}/reaction", {"emoji": "👍"}),
        alice.put(f"{path}/star"),
        alice.put(f"{path}/pin"),
        alice.put(f"{path}/reminder", {"at": in_a_week()}),
        alice.post(f"/rooms/{room}/forward", forward),
        bob.post(f"/rooms/{room}/messages", {"client_id": "1", "text": "why?", "reply_to_seq": line["seq"]}),
    ]
    assert {answer.code for answer in refused} == {"conflict"}
    assert bob.delete(f"{path}?scope=me").status == 204
    assert (happened(alice, room), happened(bob, room)) == ([line], [])


def test_it_is_said_behind_a_block_as_anything_else(alice: Person, bob: Person) -> None:
    room = alice.direct(bob)
    said = alice.say(room)
    bob.put(f"/users/me/blocks/{alice.id}")
    alice.put(f"/rooms/{room}/messages/{said['seq']}/pin")
    bob.delete(f"/users/me/blocks/{alice.id}")
    assert (len(happened(alice, room)), happened(bob, room)) == (1, [])
