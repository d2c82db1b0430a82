"""Deleting for oneself: on all own devices and nowhere else, and taken back for some seconds."""

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from chatx.models import LastHide
from config import LIMITS
from tests.support.database import connected
from tests.support.people import Person, Refused


def hide(person: Person, room: str, *ranges: list[int]) -> None:
    person.ask("message:hide", {"room_id": room, "ranges": ranges})


def own(person: Person, room: str) -> dict[str, Any]:
    return person.get(f"/rooms/{room}").body["me"]


def texts(person: Person, room: str, **query: Any) -> list[str]:
    return [message["text"] for message in person.history(room, **query)]


def test_what_one_deletes_for_oneself_is_gone_from_all_own_devices_and_from_nobody_elses(alice: Person, bob: Person) -> None:
    room = alice.direct(bob)
    first, second, third = (alice.say(room, text) for text in ("one", "two", "three"))
    laptop = bob.another_device().live()
    alice.live().forget()
    assert bob.delete(f"/rooms/{room}/messages/{second['seq']}?scope=me").status == 204
    assert laptop.hears("room:me", room_id=room)["me"]["hidden"] == [[second["seq"], second["seq"]]]
    assert laptop.history(room) == [first, third]
    assert alice.history(room) == [first, second, third]
    assert alice.events("room:me", "message:deleted") == []
    hidden = {"client_id": "1", "text": "about two", "reply_to_seq": second["seq"]}
    assert bob.post(f"/rooms/{room}/messages", hidden).code == "not_found"
    assert bob.get(f"/rooms/{room}/messages/{second['seq']}/receipts").code == "not_found"
    assert bob.get(f"/rooms/{room}/messages/{second['seq']}/edits").code == "not_found"
    laptop.forget()
    bob.ask("message:delete", {"room_id": room, "seq": second["seq"], "scope": "me"})
    assert laptop.events("room:me") == []


def test_the_figures_and_the_last_message_are_those_of_what_is_left(alice: Person, bob: Person) -> None:
    room = alice.group(bob)
    said = [alice.say(room, text, mentions=[bob.id]) for text in ("one", "two", "three")]
    hide(bob, room, [said[2]["seq"], said[2]["seq"]])
    seen = bob.get(f"/rooms/{room}").body
    assert (seen["me"]["unread"], seen["me"]["mentions"], seen["last_message"]["text"]) == (2, 2, "two")
    assert bob.get("/users/me/unread").body == {"rooms": 1, "messages": 2, "mentions": 2}
    assert alice.get(f"/rooms/{room}").body["last_message"]["text"] == "three"
    assert bob.post(f"/rooms/{room}/clear").status == 204
    seen = bob.get(f"/rooms/{room}").body
    assert (seen["me"]["unread"], seen["last_message"], texts(bob, room)) == (0, None, [])
    alice.say(room, "four")
    assert (own(bob, room)["unread"], texts(bob, room)) == (1, ["four"])
    assert own(bob, room)["hidden"] == [[1, said[2]["seq"]]]


def test_a_quote_of_what_one_has_hidden_is_not_shown(alice: Person, bob: Person) -> None:
    room = alice.direct(bob)
    said = alice.say(room, "a secret")
    hide(bob, room, [said["seq"], said["seq"]])
    cursors = bob.post("/sync").body["cursors"]
    alice.say(room, "as I said", reply_to_seq=said["seq"])
    alice.patch(f"/rooms/{room}/messages/{said['seq']}", {"text": "another secret"})
    answer = bob.post("/sync", {"cursors": cursors}).body
    told = [change["message"] and change["message"]["reply_to"] for change in answer["changes"]]
    assert ([change["type"] for change in answer["changes"]], told) == (["message:created", "message:edited"], [None, None])
    assert "secret" not in str([answer, bob.history(room), bob.get(f"/rooms/{room}").body])
    assert "another secret" in str(alice.history(room))


def test_what_was_hidden_before_somebody_syncs_is_told_without_a_word_of_it(alice: Person, bob: Person) -> None:
    room = alice.direct(bob)
    cursors = bob.post("/sync").body["cursors"]
    said = alice.say(room, "a secret")
    hide(bob, room, [said["seq"], said["seq"]])
    answer = bob.post("/sync", {"cursors": cursors}).body
    assert [change.get("message", "none") for change in answer["changes"] if change["feed"] == room] == [None]
    assert "secret" not in str(answer)


def test_ranges_stay_as_few_as_can_be_and_end_with_what_was_said(alice: Person) -> None:
    room = alice.direct(alice)
    for number in range(2, 9):
        alice.say(room, str(number))
    hide(alice, room, [2, 2], [6, 6], [4, 4])
    assert own(alice, room)["hidden"] == [[2, 2], [4, 4], [6, 6]]
    hide(alice, room, [3, 3], [7, 2**53 - 1], [100, 200])
    assert own(alice, room)["hidden"] == [[2, 4], [6, 8]]
    assert texts(alice, room) == ["5"]
    assert (texts(alice, room, before=8, limit=1), texts(alice, room, around=3, limit=2)) == (["5"], ["5"])
    alice.say(room, "9")
    assert texts(alice, room) == ["5", "9"]


def test_the_last_hide_can_be_taken_back_once_and_for_some_seconds_only(alice: Person, bob: Person) -> None:
    room = alice.direct(bob)
    for text in ("one", "two", "three"):
        alice.say(room, text)
    laptop = bob.another_device().live()
    hide(bob, room, [2, 2])
    hide(bob, room, [2, 3])
    alice.patch(f"/rooms/{room}/messages/3", {"text": "two, edited"})
    laptop.forget()
    bob.ask("message:unhide", {"room_id": room})
    assert laptop.hears("room:me")["me"]["hidden"] == [[2, 2]]
    assert texts(bob, room) == ["two, edited", "three"]
    for _ in range(2):
        with pytest.raises(Refused, match="unhide_seconds: 10") as refused:
            bob.ask("message:unhide", {"room_id": room})
        assert refused.value.code == "window_closed"
        bob.post(f"/rooms/{room}/clear")
        with connected(bob.server) as connection:
            mine = sa.and_(LastHide.room_id == room, LastHide.user_id == bob.id)
            at = connection.scalar(sa.select(LastHide.at).where(mine))
            earlier = at - timedelta(seconds=LIMITS["unhide_seconds"] + 1)
            connection.execute(sa.update(LastHide).where(mine).values(at=earlier))
    assert texts(bob, room) == []


def test_who_comes_back_to_a_group_finds_hidden_what_they_had_hidden(alice: Person, bob: Person) -> None:
    room = alice.group(bob)
    said = [alice.say(room, text) for text in ("one", "two")]
    hide(bob, room, [said[0]["seq"], said[0]["seq"]])
    alice.delete(f"/rooms/{room}/members/{bob.id}")
    assert texts(bob, room) == ["two"]
    bob.live().forget()
    alice.post(f"/rooms/{room}/members", {"user_ids": [bob.id]})
    assert bob.hears("room:added")["room"]["me"]["hidden"] == [[said[0]["seq"], said[0]["seq"]]]


def test_what_the_blocked_delete_is_gone_for_the_blocker_too(alice: Person, bob: Person) -> None:
    room = alice.direct(bob)
    said = alice.say(room, "before")
    bob.put(f"/users/me/blocks/{alice.id}")
    laptop = bob.another_device().live()
    assert alice.delete(f"/rooms/{room}/messages/{said['seq']}?scope=all").status == 204
    assert laptop.hears("room:me")["me"]["hidden"] == [[said["seq"], said["seq"]]]
    assert bob.history(room) == []
    assert laptop.events("message:deleted") == []
    assert bob.post(f"/rooms/{room}/unhide").code == "window_closed"


def test_there_is_a_limit_to_what_is_hidden_piece_by_piece(alice: Person, bob: Person) -> None:
    room = alice.direct(bob)
    with connected(alice.server) as connection:
        connection.execute(sa.text("UPDATE rooms SET seq = 5000 WHERE id = :id"), {"id": _stored(connection, room)})
    most = LIMITS["hidden_ranges"]
    for begin in range(0, most, 100):
        hide(alice, room, *([2 * number + 2, 2 * number + 2] for number in range(begin, begin + 100)))
    with pytest.raises(Refused, match=f"hidden_ranges: {most}") as refused:
        hide(alice, room, [4_000, 4_000])
    assert refused.value.code == "conflict"
    assert len(own(alice, room)["hidden"]) == most
    assert alice.post(f"/rooms/{room}/clear").status == 204
    assert own(alice, room)["hidden"] == [[1, 5_000]]
    assert own(bob, room)["hidden"] == []


def _stored(connection: sa.Connection, room_id: str) -> str:
    """An id as this database keeps it."""
    return room_id.replace("-", "") if connection.dialect.name == "sqlite" else room_id
