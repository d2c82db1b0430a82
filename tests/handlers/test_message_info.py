"""Message info: who got a message and who read it, and when."""

import time

import pytest

from tests.dispatch.test_transaction import run_patched
from tests.support.people import Caller, Cast, Person, Refused
from tests.support.server import Server


def info(person: Person, room: str, seq: int) -> dict[str, tuple[str | None, str | None]]:
    """{user id: (delivered at, read at)}, over REST."""
    answer = person.get(f"/rooms/{room}/messages/{seq}/receipts", limit=100)
    assert answer.status == 200, answer.body
    assert answer.body["next"] is None
    return {each["user_id"]: (each["delivered_at"], each["read_at"]) for each in answer.body["items"]}


def test_it_tells_when_each_of_the_others_got_and_read_it(alice: Person, bob: Person, cast: Cast) -> None:
    carol = cast.person("carol")
    room = alice.group(bob, carol)
    seq = alice.say(room)["seq"]
    assert info(alice, room, seq) == {bob.id: (None, None), carol.id: (None, None)}
    bob.ask("receipt:delivered", {"marks": {room: seq}})
    delivered, read = info(alice, room, seq)[bob.id]
    assert delivered is not None
    assert read is None
    time.sleep(0.01)
    bob.ask("receipt:read", {"room_id": room, "seq": seq})
    told = info(alice, room, seq)
    assert told[bob.id][0] == delivered < told[bob.id][1]
    assert told[carol.id] == (None, None)
    assert list(told) == sorted(told)


def test_reading_unseen_messages_delivers_them_in_the_same_moment(alice: Person, bob: Person) -> None:
    room = alice.direct(bob)
    seq = alice.say(room)["seq"]
    bob.ask("receipt:read", {"room_id": room, "seq": seq})
    delivered, read = info(alice, room, seq)[bob.id]
    assert delivered == read is not None


def test_one_move_answers_for_all_messages_that_it_passed_and_no_later_one_changes_them(alice: Person, bob: Person) -> None:
    room = alice.direct(bob)
    first, second = alice.say(room)["seq"], alice.say(room)["seq"]
    bob.ask("receipt:read", {"room_id": room, "seq": second})
    before = info(alice, room, first)
    assert before == info(alice, room, second)
    time.sleep(0.01)
    third = alice.say(room)["seq"]
    bob.ask("receipt:read", {"room_id": room, "seq": first})
    assert info(alice, room, third) == {bob.id: (None, None)}
    bob.ask("receipt:read", {"room_id": room, "seq": third})
    assert info(alice, room, first) == before
    assert info(alice, room, third)[bob.id] > before[bob.id]


def test_the_second_device_of_a_person_changes_nothing(alice: Person, bob: Person) -> None:
    room = alice.direct(bob)
    seq = alice.say(room)["seq"]
    bob.ask("receipt:read", {"room_id": room, "seq": seq})
    before = info(alice, room, seq)
    bob.another_device().ask("receipt:read", {"room_id": room, "seq": seq})
    assert info(alice, room, seq) == before


def test_who_left_is_still_told_and_who_came_later_is_not(alice: Person, bob: Person, cast: Cast) -> None:
    carol, dave = cast.person("carol"), cast.person("dave")
    room = alice.group(bob, carol)
    seq = alice.say(room)["seq"]
    bob.ask("receipt:read", {"room_id": room, "seq": seq})
    for person in (bob, carol):
        assert person.delete(f"/rooms/{room}/members/{person.id}").status == 204
    alice.post(f"/rooms/{room}/members", {"user_ids": [dave.id]})
    dave.ask("receipt:read", {"room_id": room, "seq": 99})
    told = info(alice, room, seq)
    assert told.keys() == {bob.id, carol.id}
    assert told[bob.id][1] is not None
    assert told[carol.id] == (None, None)
    assert info(alice, room, alice.say(room)["seq"]) == {dave.id: (None, None)}


def test_who_left_unread_and_came_back_has_not_read_what_was_said_before(alice: Person, bob: Person, cast: Cast) -> None:
    carol = cast.person("carol")
    room = alice.group(bob, carol)
    seq = alice.say(room)["seq"]
    carol.ask("receipt:read", {"room_id": room, "seq": seq})
    before = info(alice, room, seq)
    for person in (bob, carol):
        person.delete(f"/rooms/{room}/members/{person.id}")
    missed = alice.say(room, "without them")["seq"]
    alice.post(f"/rooms/{room}/members", {"user_ids": [bob.id, carol.id]})
    latest = alice.say(room)["seq"]
    for person in (bob, carol):
        person.ask("receipt:read", {"room_id": room, "seq": latest})
    assert info(alice, room, seq) == before
    assert before[bob.id] == (None, None)
    assert info(alice, room, missed) == {}
    assert None not in info(alice, room, latest)[bob.id]


def test_people_are_told_page_by_page_in_the_order_of_their_ids(alice: Person, cast: Cast) -> None:
    others = [cast.person("other") for _ in range(5)]
    room = alice.group(*others)
    seq = alice.say(room)["seq"]
    others[0].delete(f"/rooms/{room}/members/{others[0].id}")
    alice.post(f"/rooms/{room}/members", {"user_ids": [others[0].id]})
    listed, cursor = [], {}
    for _ in range(3):
        page = alice.ask("message:receipts", {"room_id": room, "seq": seq, "limit": 2, **cursor})
        listed.append([each["user_id"] for each in page["items"]])
        cursor = {"cursor": page["next"]}
    ids = sorted(other.id for other in others)
    assert listed == [ids[:2], ids[2:4], ids[4:]]
    assert page["next"] is None


def test_notes_to_oneself_have_no_others(alice: Person) -> None:
    room = alice.direct(alice)
    assert info(alice, room, alice.say(room)["seq"]) == {}


def test_who_may_see_the_message_may_ask(alice: Person, bob: Person, mallory: Person, nobody: Caller) -> None:
    room = alice.group(bob)
    seen = alice.say(room)["seq"]
    bob.delete(f"/rooms/{room}/members/{bob.id}")
    unseen = alice.say(room)["seq"]
    assert info(bob, room, seen) == info(alice, room, seen) == {bob.id: (None, None)}
    for person, seq in ((bob, unseen), (mallory, seen), (alice, 1), (alice, unseen + 99)):
        assert person.get(f"/rooms/{room}/messages/{seq}/receipts").code == "not_found"
        with pytest.raises(Refused, match="not_found"):
            person.ask("message:receipts", {"room_id": room, "seq": seq})
    assert nobody.get(f"/rooms/{room}/messages/{seen}/receipts").code == "unauthenticated"


def test_it_takes_as_many_queries_for_3_members_as_for_60(server: Server) -> None:
    script = """
    from datetime import UTC, datetime
    from sqlalchemy import event
    from chatx import create_app
    from chatx.context import Actor
    from chatx.dispatch import dispatch
    from chatx.dispatch.transaction import in_transaction
    from chatx.extensions import db
    from chatx.models.base import new_id
    from chatx.models.user import User
    app = create_app()
    statements = []
    def person():
        username = "q" + new_id()[-12:]
        return User.sign_up(username, "x", "Q", datetime.now(UTC)).id
    with app.app_context():
        event.listen(db.engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
        for members in (3, 60):
            people = in_transaction(lambda: [person() for _ in range(members)])
            actors = [Actor(user_id, new_id()) for user_id in people]
            room = dispatch("room:create", actors[0], {"title": "Many", "member_ids": people})["id"]
            said = {"room_id": room, "client_id": "1", "text": "hello"}
            seq = dispatch("message:send", actors[0], said)["seq"]
            for actor in actors[1::2]:
                dispatch("receipt:read", actor, {"room_id": room, "seq": seq})
            statements.clear()
            page = dispatch("message:receipts", actors[0], {"room_id": room, "seq": seq, "limit": 100})
            assert len(page["items"]) == members - 1
            assert sum(each["read_at"] is not None for each in page["items"]) == members // 2
            print(len(statements))
    """
    few, many = map(int, run_patched(script, server.environ["CHATX_DATABASE_URL"]).splitlines())
    assert few == many < 9
