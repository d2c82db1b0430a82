"""Live locations: heard by those in the room while they run, and gone from the server but for the last one when they end."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from chatx.models import Message, Timer
from chatx.models.base import in_json
from tests.support.database import connected, rows_about
from tests.support.people import Answer, Cast, Person, Refused

HERE = {"latitude": 48.1, "longitude": 11.5}
THERE = {"latitude": 48.2, "longitude": 11.6, "accuracy": 5.5, "heading": 90.0}
POSITION = ("latitude", "longitude", "accuracy", "heading", "moved_at")


def share(person: Person, room: str, **more: Any) -> dict[str, Any]:
    return person.send(room, "live_location", HERE | {"seconds": 900}, **more)


def path(message: dict[str, Any], what: str) -> str:
    return f"/rooms/{message['room_id']}/messages/{message['seq']}/{what}"


def move(person: Person, message: dict[str, Any], position: dict[str, Any] | None = None) -> Answer:
    return person.put(path(message, "position"), THERE if position is None else position)


def stop(person: Person, message: dict[str, Any]) -> Answer:
    return person.post(path(message, "stop"))


def position(message: dict[str, Any]) -> dict[str, Any]:
    return {name: message["data"][name] for name in POSITION}


def positions_kept(person: Person, room: str) -> int:
    return len(rows_about(person.server, "live_positions", room))


def let_time_pass(person: Person, message: dict[str, Any]) -> None:
    """Have a live location be over since a moment ago."""
    over = datetime.now(UTC) - timedelta(seconds=1)
    with connected(person.server) as connection:
        said = sa.and_(Message.room_id == message["room_id"], Message.seq == message["seq"])
        data = connection.scalar(sa.select(Message.data).where(said))
        connection.execute(sa.update(Message).where(said).values(data=data | {"ends_at": in_json(over)}))
        due = sa.and_(Timer.kind == "live_location:end", Timer.key == f"{message['room_id']}:{message['seq']}")
        assert connection.execute(sa.update(Timer).where(due).values(due_at=over)).rowcount == 1


def test_moving_is_heard_by_all_and_is_no_change(alice: Person, bob: Person) -> None:
    room = alice.group(bob)
    message = share(alice, room, text="on my way")
    begun = HERE | {"accuracy": None, "heading": None, "moved_at": message["created_at"]}
    assert (position(message), message["text"], message["fallback_text"]) == (begun, "on my way", "Live location")
    created, ends = (datetime.fromisoformat(at) for at in (message["created_at"], message["data"]["ends_at"]))
    assert ((ends - created).total_seconds(), message["data"]["stopped_at"]) == (900, None)
    other_device = alice.another_device().live()
    bob.live()
    for person in (bob, other_device):
        person.forget()
    assert alice.ask("live_location:update", {"room_id": room, "seq": message["seq"], **THERE}) is None
    for person in (bob, other_device):
        heard = person.hears("live_location:moved")
        assert (heard["room_id"], heard["message_seq"], heard["user_id"]) == (room, message["seq"], alice.id)
        assert heard["position"] == THERE | {"moved_at": heard["position"]["moved_at"]}
    now = bob.history(room)[0]
    assert position(now) == heard["position"]
    assert now == message | {"data": message["data"] | heard["position"]}
    assert bob.get(f"/rooms/{room}").body["seq"] == message["seq"]
    assert move(alice, message, HERE).status == 204
    assert positions_kept(alice, room) == 1


def test_its_stop_is_a_change_and_only_the_last_position_stays(alice: Person, bob: Person) -> None:
    room = alice.group(bob)
    message, other = share(alice, room), share(bob, room)
    for where in (HERE, THERE):
        move(alice, message, where)
    bob.live().forget()
    stopped = alice.ask("live_location:stop", {"room_id": room, "seq": message["seq"]})
    heard = bob.hears("live_location:stopped", feed=room)
    assert (heard["message"], heard["actor_id"], heard["seq"]) == (stopped, alice.id, other["seq"] + 1)
    assert position(stopped) == THERE | {"moved_at": stopped["data"]["moved_at"]}
    assert stopped["data"]["moved_at"] <= stopped["data"]["stopped_at"] < stopped["data"]["ends_at"]
    assert stopped["fallback_text"] == "Live location (ended)"
    assert stop(alice, message).body == stopped
    late = move(alice, message, HERE)
    told = f"The live location ended at {stopped['data']['stopped_at']}."
    assert (late.status, late.code, late.body["detail"]) == (409, "window_closed", told)
    assert bob.history(room) == [stopped, other]
    assert (positions_kept(alice, room), len(rows_about(alice.server, "timers", room))) == (1, 1)


def test_it_ends_by_itself_in_time(alice: Person, bob: Person) -> None:
    """What is due is "live_location:end"."""
    room = alice.group(bob)
    message = share(alice, room)
    move(alice, message)
    bob.live()
    let_time_pass(alice, message)
    assert move(alice, message, HERE).code == "window_closed"
    ended = bob.hears("live_location:stopped", feed=room, actor_id=None)["message"]
    moved_at = ended["data"]["moved_at"]
    assert position(ended) == THERE | {"moved_at": moved_at}
    assert ended["data"]["stopped_at"] == ended["data"]["ends_at"] != message["data"]["ends_at"]
    assert bob.history(room) == [stop(alice, message).body] == [ended]
    assert positions_kept(alice, room) == 0


def test_deleting_ends_it(alice: Person, bob: Person) -> None:
    room = alice.group(bob)
    message = share(alice, room)
    move(alice, message)
    assert alice.delete(f"/rooms/{room}/messages/{message['seq']}?scope=all").status == 204
    assert (positions_kept(alice, room), rows_about(alice.server, "timers", room)) == (0, [])
    assert [answer.code for answer in (move(alice, message), stop(alice, message))] == ["conflict"] * 2


def test_only_its_sender_moves_and_stops_it(alice: Person, bob: Person, mallory: Person) -> None:
    message = share(alice, alice.group(bob))
    assert [answer.code for answer in (move(bob, message), stop(bob, message))] == ["forbidden"] * 2
    assert [answer.code for answer in (move(mallory, message), stop(mallory, message))] == ["not_found"] * 2
    assert bob.history(message["room_id"]) == [message]


def test_who_came_later_hears_no_position(alice: Person, bob: Person, cast: Cast) -> None:
    carol = cast.person("carol")
    room = alice.group(carol)
    message = share(alice, room)
    alice.post(f"/rooms/{room}/members", {"user_ids": [bob.id]})
    for person in (bob, carol):
        person.live().forget()
    move(alice, message)
    assert carol.hears("live_location:moved")["position"]["latitude"] == THERE["latitude"]
    unseen = {"room_id": room, "message_seq": message["seq"], "user_id": None, "position": None}
    assert bob.hears("live_location:moved") == unseen
    stop(alice, message)
    assert bob.hears("live_location:stopped", feed=room)["message"] is None


def test_who_left_neither_moves_nor_follows_anybody(alice: Person, bob: Person, cast: Cast) -> None:
    carol = cast.person("carol")
    room = alice.group(bob, carol)
    followed, own = share(alice, room), share(bob, room)
    move(bob, own)
    for person in (bob, carol):
        person.live().forget()
    assert bob.delete(f"/rooms/{room}/members/{bob.id}").status == 204
    for person in (bob, carol):
        ended = person.hears("live_location:stopped", feed=room)["message"]
        assert (ended["seq"], position(ended)["latitude"]) == (own["seq"], THERE["latitude"])
    assert move(bob, own).code == "not_found"
    move(alice, followed)
    carol.hears("live_location:moved", message_seq=followed["seq"])
    stopped = stop(alice, followed).body
    assert bob.events("live_location:moved") == []
    assert bob.history(room)[:2] == [followed, ended]
    assert carol.history(room)[:2] == [stopped, ended]
    assert positions_kept(alice, room) == 0


def test_who_is_removed_shows_where_they_are_no_more(alice: Person, bob: Person) -> None:
    room = alice.group(bob)
    message = share(bob, room)
    alice.live().forget()
    alice.delete(f"/rooms/{room}/members/{bob.id}")
    heard = alice.hears("live_location:stopped", feed=room)
    assert (heard["message"]["seq"], heard["actor_id"]) == (message["seq"], alice.id)
    assert alice.history(room)[0]["data"]["stopped_at"] is not None


def test_a_block_ends_what_the_blocker_shows_and_hides_where_the_other_goes(alice: Person, bob: Person) -> None:
    direct = alice.direct(bob)
    mine, theirs = share(alice, direct), share(bob, direct)
    move(alice, mine)
    for person in (alice, bob):
        person.live().forget()
    alice.put(f"/users/me/blocks/{bob.id}")
    for person in (alice, bob):
        ended = person.hears("live_location:stopped", feed=direct)["message"]
        assert (ended["seq"], position(ended)["latitude"]) == (mine["seq"], THERE["latitude"])
    assert move(bob, theirs).status == 204
    assert alice.events("live_location:moved") == []
    assert alice.history(direct) == [ended, theirs]
    moved = bob.history(direct)[1]
    assert position(moved)["latitude"] == THERE["latitude"]
    stop(bob, theirs)
    assert alice.history(direct) == [ended, theirs]
    with pytest.raises(Refused, match="forbidden"):
        alice.ask("live_location:update", {"room_id": direct, "seq": mine["seq"], **HERE})


BAD_STARTS: dict[str, tuple[dict[str, Any], set[str]]] = {
    "for no time": (HERE, {"seconds"}),
    "for a week": (HERE | {"seconds": 604_800}, {"seconds"}),
    "for a time of one's choice": (HERE | {"seconds": 901}, {"seconds"}),
    "for a time in quotes": (HERE | {"seconds": "900"}, {"seconds"}),
    "nowhere": ({"seconds": 900}, {"latitude", "longitude"}),
}
BAD_MOVES: dict[str, tuple[dict[str, Any], set[str]]] = {
    "nowhere": ({}, {"latitude", "longitude"}),
    "beyond the pole": (HERE | {"latitude": 91}, {"latitude"}),
    "once more around": (HERE | {"longitude": 181}, {"longitude"}),
    "more than all around": (HERE | {"heading": 361}, {"heading"}),
    "more exact than exact": (HERE | {"accuracy": -1}, {"accuracy"}),
    "anywhere": (HERE | {"accuracy": 1e9}, {"accuracy"}),
    "at a time of one's choice": (HERE | {"moved_at": "2026-01-01T00:00:00Z"}, {"moved_at"}),
}


def test_bad_positions_are_named_field_by_field(alice: Person) -> None:
    room = alice.direct(alice)
    for what, (data, wrong) in BAD_STARTS.items():
        refused = alice.post(f"/rooms/{room}/messages", {"client_id": "1", "type": "live_location", "data": data})
        assert (refused.status, set(refused.body["fields"]["data"])) == (422, wrong), what
    assert (alice.history(room), positions_kept(alice, room)) == ([], 0)
    message = share(alice, room)
    for what, (where, wrong) in BAD_MOVES.items():
        refused = move(alice, message, where)
        assert (refused.status, set(refused.body["fields"])) == (422, wrong), what
    assert alice.history(room) == [message]
