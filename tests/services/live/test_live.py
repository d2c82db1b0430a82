"""Live delivery between processes: two servers over one database and one Redis are one service."""

import time
from collections.abc import Iterator

import pytest

from tests.support.backends import Postgres, Redis
from tests.support.contract import Contract
from tests.support.people import Cast, Person
from tests.support.server import Server


@pytest.fixture(scope="module")
def pair(postgres: Postgres, redis_server: Redis) -> Iterator[tuple[Server, Server]]:
    database = postgres.new_database()
    servers = (Server(database, redis_server.url).start(), Server(database, redis_server.url).start())
    yield servers
    for server in servers:
        assert server.stop() == 0
        assert "Traceback" not in server.log()
    postgres.drop_database(database)


@pytest.fixture
def alice(pair: tuple[Server, Server]) -> Iterator[Person]:
    cast = Cast(pair[0], Contract(pair[0].url))
    yield cast.person("alice").live()
    cast.goodbye()


@pytest.fixture
def bob(pair: tuple[Server, Server]) -> Person:
    return Cast(pair[1], Contract(pair[1].url)).person("bob").live()


def test_people_on_different_processes_hear_each_other(alice: Person, bob: Person) -> None:
    room = alice.direct(bob)
    for number in range(20):
        alice.ask("message:send", {"room_id": room, "client_id": str(number), "text": str(number)})
    assert [bob.hears("message:created")["message"]["text"] for _ in range(20)] == [str(number) for number in range(20)]
    bob.say(room, "back")
    alice.hears("message:created", actor_id=bob.id)


def test_a_device_signed_out_on_one_process_is_cut_off_on_the_other(alice: Person, pair: tuple[Server, Server]) -> None:
    laptop = alice.another_device()
    elsewhere = Person(pair[1], Contract(pair[1].url), laptop.session).live()
    began = time.monotonic()
    alice.delete(f"/auth/devices/{laptop.device_id}")
    while elsewhere.socket.connected:
        assert time.monotonic() - began < 1
        time.sleep(0.01)


def test_a_removed_member_hears_nothing_on_any_process(alice: Person, bob: Person) -> None:
    room = alice.group(bob)
    alice.delete(f"/rooms/{room}/members/{bob.id}")
    bob.hears("room:removed")
    bob.forget()
    alice.say(room, "without bob")
    assert bob.events("message:created", "member:left") == []


def test_a_block_holds_on_every_process_at_once(alice: Person, bob: Person) -> None:
    room = alice.direct(bob)
    bob.hears("room:added")
    bob.put(f"/users/me/blocks/{alice.id}")
    bob.forget()
    alice.say(room, "to nobody")
    alice.ask("typing", {"room_id": room, "kind": "text"})
    assert bob.events("message:created", "typing") == []
    bob.delete(f"/users/me/blocks/{alice.id}")
    alice.say(room, "to bob again")
    assert bob.hears("message:created")["message"]["text"] == "to bob again"


def test_who_came_later_learns_nothing_of_what_was_edited_on_any_process(alice: Person, bob: Person) -> None:
    room = alice.group()
    said = alice.say(room, "a secret")
    reply = alice.say(room, "and an answer", reply_to_seq=said["seq"])
    alice.post(f"/rooms/{room}/members", {"user_ids": [bob.id]})
    bob.hears("room:added")
    for message in (said, reply):
        alice.patch(f"/rooms/{room}/messages/{message['seq']}", {"text": "another secret"})
    assert [alice.hears("message:edited")["message"]["text"] for _ in range(2)] == ["another secret"] * 2
    assert [bob.hears("message:edited")["message"] for _ in range(2)] == [None, None]
