"""Exports: a chat as a file, up to a moment and as far as its person may read it when they fetch it; theirs alone."""

import json
import threading
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests
import sqlalchemy as sa

from chatx.models import Export, Message, Room, Timer
from chatx.models.base import new_id
from config import LIMITS
from tests.support.contract import Contract
from tests.support.database import connected
from tests.support.people import Answer, Cast, Person, Refused
from tests.support.server import Server


def export(person: Person, room: str, format: str = "text") -> str:
    """A new export that is ready; its id."""
    made = person.post(f"/rooms/{room}/exports", {"format": format})
    assert made.status == 202, made.body
    return ready(person, made.body["id"])["id"]


def ready(person: Person, export_id: str) -> dict[str, Any]:
    while (answer := person.get(f"/exports/{export_id}").body)["state"] != "ready":
        time.sleep(0.02)
    return answer


def file(person: Person, export_id: str) -> Answer:
    answer = person.get(f"/exports/{export_id}/file")
    assert answer.status == 200, answer.body
    return answer


def texts(person: Person, export_id: str) -> list[str]:
    return [message["text"] for message in file(person, export_id).body["messages"]]


def fill(server: Server, room: str, sender: str, count: int, more: str = "") -> None:
    """Have somebody said so many messages."""
    with connected(server) as connection:
        here = Room.id == room
        seq = connection.scalar(sa.select(Room.seq).where(here))
        said = {"room_id": room, "sender_id": sender, "type": "text", "data": {}, "mentions": [], "forward_score": 0}
        said |= {"created_at": datetime.now(UTC)}
        rows = [
            said | {"id": new_id(), "seq": seq + n, "client_id": f"f{n}", "text": f"number {n}{more}"}
            for n in range(1, count + 1)
        ]
        connection.execute(sa.insert(Message), rows)
        connection.execute(sa.update(Room).where(here).values(seq=seq + count, last_message_seq=seq + count))


def make_due(server: Server, kind: str, export_id: str) -> None:
    with connected(server) as connection:
        mine = sa.and_(Timer.kind == kind, Timer.key == export_id)
        assert connection.execute(sa.update(Timer).where(mine).values(due_at=datetime.now(UTC))).rowcount == 1


def test_a_chat_becomes_a_text(alice: Person, bob: Person) -> None:
    """What is due is "export:build"."""
    room = alice.group(bob, title="The lake")
    said = alice.say(room, "first line\nsecond line\r\n[2026-01-01 00:00:00] Bob: I owe you\u2028a lake")
    alice.say(room, "again")
    alice.patch(f"/rooms/{room}/messages/3", {"text": "once more"})
    bob.send(room, "location", {"latitude": 48.1, "longitude": 11.5}, text="here")
    alice.live()
    asked = alice.ask("export:create", {"room_id": room})
    assert (asked["state"], asked["progress"], asked["messages"], asked["bytes"]) == ("running", 0, None, None)
    hours = datetime.fromisoformat(asked["expires_at"]) - datetime.fromisoformat(asked["created_at"])
    assert hours == timedelta(hours=LIMITS["export_hours"])
    assert alice.hears("exports:updated", export_id=asked["id"])["export"] == asked
    done = alice.hears("exports:updated", export_id=asked["id"])["export"]
    assert done == ready(alice, asked["id"]) == alice.ask("export:get", {"export_id": asked["id"]})
    assert (done["state"], done["progress"], done["messages"]) == ("ready", 100, 3)
    answer = file(alice, asked["id"])
    at = said["created_at"][:19].replace("T", " ")
    lines = answer.body.splitlines()
    assert lines[0] == f"The lake, as of {asked['created_at'][:19].replace('T', ' ')} UTC"
    indented = ["    second line", "    [2026-01-01 00:00:00] Bob: I owe you", "    a lake"]
    assert lines[2:6] == [f"[{at}] Alice: first line", *indented]
    assert lines[6].endswith("] Alice: (edited) once more")
    assert lines[7].split("] ")[1].startswith("Bob: Location")
    assert lines[8:] == ["    here", "", "(the end)"]
    assert len(answer.body.encode()) == done["bytes"]
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="chat-{asked["id"]}.txt"'


def test_a_chat_becomes_json_with_messages_as_history_has_them(alice: Person, bob: Person) -> None:
    room = alice.direct(bob)
    alice.say(room, "hello")
    bob.say(room, "hi", reply_to_seq=2)
    alice.put(f"/rooms/{room}/messages/3/reaction", {"emoji": "👍"})
    export_id = export(alice, room, "json")
    alice.say(room, "later")
    told = file(alice, export_id).body
    assert told["room"] == {"id": room, "kind": "direct", "title": "Bob"}
    names = {alice.id: "Alice", bob.id: "Bob"}
    assert told["messages"] == [message | {"sender_name": names[message["sender_id"]]} for message in alice.history(room)[:2]]
    assert (told["exported_by"], told["up_to_seq"]) == (alice.id, 4)
    notes = alice.direct(alice)
    empty = file(alice, export(alice, notes, "json")).body
    assert (empty["messages"], empty["room"]["title"]) == ([], "Alice")


def test_only_what_its_person_may_read_when_they_fetch_it_is_in_it(cast: Cast, alice: Person, bob: Person) -> None:
    carol = cast.person("carol")
    room = alice.group(bob)
    for text in ("before carol", "deleted", "hidden", "edited"):
        alice.say(room, text)
    alice.post(f"/rooms/{room}/members", {"user_ids": [carol.id]})
    alice.say(room, "with carol")
    alice.delete(f"/rooms/{room}/messages/3?scope=all")
    bob.delete(f"/rooms/{room}/messages/4?scope=me")
    mine, bobs, carols = export(alice, room, "json"), export(bob, room, "json"), export(carol, room, "json")
    assert texts(alice, mine) == ["before carol", "hidden", "edited", "with carol"]
    assert texts(bob, bobs) == ["before carol", "edited", "with carol"]
    assert texts(carol, carols) == ["with carol"]
    alice.delete(f"/rooms/{room}/members/{bob.id}")
    alice.patch(f"/rooms/{room}/messages/5", {"text": "in other words"})
    alice.say(room, "without bob")
    alice.delete(f"/rooms/{room}/messages/2?scope=all")
    assert texts(alice, mine) == ["hidden", "in other words", "with carol"]
    assert texts(bob, bobs) == ["edited", "with carol"] == texts(bob, export(bob, room, "json"))
    carol.post(f"/rooms/{room}/clear")
    assert texts(carol, carols) == []


def test_what_is_to_be_opened_once_is_not_in_it(alice: Person, bob: Person) -> None:
    room = alice.group(bob)
    alice.say(room, "for one look", view_once=True)
    alice.say(room, "for ever")
    for person in (alice, bob):
        assert texts(person, export(person, room, "json")) == ["for ever"]


def test_it_is_of_one_person(alice: Person, bob: Person, mallory: Person) -> None:
    room = alice.group(bob)
    bob.live()
    bob.forget()
    export_id = export(alice, room)
    bob.settle()
    assert {event for event, _ in bob.heard} == {"profile:updated"}
    for person in (bob, mallory):
        assert person.get("/exports").body["items"] == []
        assert [person.get(f"/exports/{export_id}{tail}").code for tail in ("", "/file")] == ["not_found"] * 2
        assert person.delete(f"/exports/{export_id}").code == "not_found"
        with pytest.raises(Refused, match="not_found"):
            person.ask("export:read", {"export_id": export_id})
    assert mallory.post(f"/rooms/{room}/exports").code == "not_found"
    assert [each["id"] for each in alice.ask("export:list")["items"]] == [export_id]


def test_a_long_chat_comes_in_pieces_that_are_the_file(alice: Person, bob: Person) -> None:
    room = alice.group(bob)
    count = 2_300
    fill(alice.server, room, bob.id, count)
    alice.delete(f"/rooms/{room}/messages/700?scope=all")
    alice.live().forget()
    export_id = export(alice, room, "json")
    told = [heard["export"] for heard in alice.events("exports:updated")]
    steps = [each["progress"] for each in told]
    assert steps == sorted(set(steps))
    assert (steps[0], steps[-1], len(steps) > 3) == (0, 100, True)
    assert told[-1]["messages"] == count - 1
    whole = requests.get(
        f"{alice.server.api}/exports/{export_id}/file", headers={"Authorization": f"Bearer {alice.token}"}, timeout=60
    )
    assert whole.headers["Transfer-Encoding"] == "chunked"
    pieces, cursor = [], None
    while True:
        payload = {"export_id": export_id} | ({"cursor": cursor} if cursor else {})
        piece = alice.ask("export:read", payload)
        pieces.append(piece["text"])
        cursor = piece["next"]
        if cursor is None:
            break
    assert len(pieces) > 3
    assert "".join(pieces) == whole.text
    said = json.loads(whole.text)["messages"]
    assert [message["text"] for message in said] == [f"number {n}" for n in range(1, count + 1) if n != 699]


def test_others_are_served_meanwhile(alice: Person, bob: Person) -> None:
    """While it is looked through, and while it is fetched; each takes seconds."""
    room = alice.group(bob)
    fill(alice.server, room, bob.id, 12_000)
    times: list[float] = []
    over = threading.Event()

    def ask() -> None:
        while not over.wait(0.02):
            began = time.monotonic()
            requests.get(f"{alice.server.url}/healthz", timeout=30)
            times.append(time.monotonic() - began)

    asking = threading.Thread(target=ask)
    asking.start()
    assert len(file(alice, export(alice, room, "json")).body["messages"]) == 12_000
    over.set()
    asking.join()
    assert max(times) < 0.7


def test_a_file_that_is_gone_midway_has_no_end(alice: Person, bob: Person) -> None:
    """Long enough not to lie in buffers between the two when it ends."""
    room = alice.group(bob)
    fill(alice.server, room, bob.id, 6_000, more="." * 2_000)
    export_id = export(alice, room, "json")
    headers = {"Authorization": f"Bearer {alice.token}"}
    with requests.get(f"{alice.server.api}/exports/{export_id}/file", headers=headers, stream=True, timeout=60) as answer:
        chunks = answer.iter_content(100_000)
        got = next(chunks)
        assert alice.delete(f"/exports/{export_id}").status == 204
        got += b"".join(chunks)
    assert not got.endswith(b"]}\n")
    assert alice.get(f"/exports/{export_id}/file").code == "not_found"


def test_it_is_gone_after_some_hours(alice: Person, bob: Person) -> None:
    """What is due is "export:expire"."""
    room = alice.group(bob)
    export_id = export(alice, room)
    alice.live()
    make_due(alice.server, "export:expire", export_id)
    alice.hears("exports:updated", export_id=export_id, export=None)
    assert alice.get("/exports").body["items"] == []
    assert alice.get(f"/exports/{export_id}/file").code == "not_found"


def test_there_are_so_many_at_once(alice: Person, bob: Person) -> None:
    room = alice.group(bob)
    made = [alice.post(f"/rooms/{room}/exports").body["id"] for _ in range(LIMITS["exports"])]
    refused = alice.post(f"/rooms/{room}/exports")
    assert (refused.status, refused.code, refused.body["detail"]) == (409, "conflict", "More than exports: 5.")
    assert alice.ask("export:remove", {"export_id": made[0]}) is None
    with connected(alice.server) as connection:
        assert connection.execute(sa.select(Timer.kind).where(Timer.key == made[0])).all() == []
    assert alice.post(f"/rooms/{room}/exports").status == 202
    assert len(alice.get("/exports").body["items"]) == LIMITS["exports"]


def test_a_repeat_finds_the_first(alice: Person, bob: Person) -> None:
    room = alice.group(bob)
    first, again = (alice.post(f"/rooms/{room}/exports", {"client_id": "x"}) for _ in range(2))
    assert (first.status, again.status, again.body["duplicate"]) == (202, 200, True)
    assert first.body["id"] == again.body["id"]
    assert alice.post(f"/rooms/{room}/exports", {"client_id": "x", "format": "json"}).code == "client_id_reused"
    assert len(alice.get("/exports").body["items"]) == 1


def test_it_waits_until_it_is_ready(fresh_database: str, backend: str) -> None:
    """And a worker that dies loses and doubles nothing: another one goes on where it was."""
    server = Server(fresh_database, CHATX_WORKER="off").start()
    cast = Cast(server, Contract(server.url))
    alice, bob = cast.person("alice"), cast.person("bob")
    room = alice.group(bob)
    fill(server, room, bob.id, 3_000)
    export_id = alice.post(f"/rooms/{room}/exports", {"format": "json"}).body["id"]
    early = alice.get(f"/exports/{export_id}/file")
    assert (early.status, early.code, early.body["detail"]) == (409, "conflict", "The export is not ready yet.")
    with connected(server) as connection:
        # As a worker leaves it that dies with a piece in its hands: some of it is done, and the next one is leased.
        connection.execute(sa.update(Export).where(Export.id == export_id).values(done_seq=1_001, messages=1_000, bytes=5))
    worker = Server(fresh_database)
    worker.start()
    assert ready(alice, export_id)["messages"] == 3_000
    assert len(file(alice, export_id).body["messages"]) == 3_000
    cast.goodbye()
    assert worker.stop() == 0
    assert server.stop() == 0


def test_whoever_may_not_read_the_room_any_more_has_no_export_of_it(alice: Person, bob: Person) -> None:
    """Bob opens a room with alice, who blocks him: to her it does not exist."""
    alice.put(f"/users/me/blocks/{bob.id}")
    room = bob.direct(alice)
    assert alice.post(f"/rooms/{room}/exports").code == "not_found"


def test_a_device_that_was_signed_out_fetches_nothing_more(alice: Person, bob: Person) -> None:
    room = alice.group(bob)
    other = alice.another_device()
    export_id = export(other, room)
    assert alice.delete(f"/auth/devices/{other.device_id}").status == 204
    assert other.get(f"/exports/{export_id}/file").code == "device_revoked"
    assert file(alice, export_id).status == 200
