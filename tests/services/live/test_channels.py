"""Channels: each process hears what the people connected to it need, from the moment they are ready, and nothing else."""

import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
import redis as redis_library

from chatx.services.live.news import room_channel, user_channel
from tests.support.backends import Postgres, Redis
from tests.support.contract import Contract
from tests.support.people import Cast, Person
from tests.support.server import Server


@dataclass
class Pair:
    """Two processes over one database and one Redis of their own; alice talks to the first, bob to the second."""

    redis: Redis
    alice: Person
    bob: Person

    def hearing(self, channel: str, processes: int) -> None:
        """Wait until so many processes hear this channel."""
        client = redis_library.Redis.from_url(self.redis.url)
        deadline = time.monotonic() + 5
        while (heard := client.pubsub_numsub(channel)[0][1]) != processes:
            assert time.monotonic() < deadline, f"{heard} processes hear {channel}, not {processes}"
            time.sleep(0.02)
        client.close()


@pytest.fixture(scope="module")
def two(postgres: Postgres) -> Iterator[tuple[Redis, Server, Server]]:
    redis, database = Redis(), postgres.new_database()
    servers = Server(database, redis.url).start(), Server(database, redis.url).start()
    yield redis, *servers
    for server in servers:
        assert server.stop() == 0
        assert "Traceback" not in server.log()
    redis.stop()
    postgres.drop_database(database)


@pytest.fixture
def pair(two: tuple[Redis, Server, Server]) -> Iterator[Pair]:
    redis, first, second = two
    here, there = Cast(first, Contract(first.url)), Cast(second, Contract(second.url))
    yield Pair(redis, here.person("alice").live(), there.person("bob").live())
    here.goodbye()
    there.goodbye()


def test_a_room_is_heard_only_while_a_member_is_connected(pair: Pair) -> None:
    room = room_channel(pair.alice.direct(pair.bob))
    pair.hearing(room, 2)
    pair.bob.leave()
    pair.hearing(room, 1)
    pair.hearing(user_channel(pair.bob.id), 0)
    pair.bob.live()
    pair.hearing(room, 2)


def test_a_second_device_keeps_the_channels_of_the_first(pair: Pair) -> None:
    room = pair.alice.direct(pair.bob)
    laptop = pair.bob.another_device().live()
    pair.hearing(room_channel(room), 2)
    pair.bob.leave()
    pair.alice.say(room, "to the laptop")
    laptop.hears("message:created")
    laptop.leave()
    pair.hearing(room_channel(room), 1)


def test_a_removed_member_needs_the_channel_no_more(pair: Pair) -> None:
    room = pair.alice.group(pair.bob)
    pair.hearing(room_channel(room), 2)
    pair.alice.ask("member:remove", {"room_id": room, "user_id": pair.bob.id})
    pair.hearing(room_channel(room), 1)


def test_whoever_is_ready_misses_nothing(pair: Pair) -> None:
    room = pair.alice.direct(pair.bob)
    for number in range(10):
        pair.bob.leave()
        pair.bob.live().forget()
        pair.alice.say(room, str(number))
        assert pair.bob.hears("message:created")["message"]["text"] == str(number)


def test_what_is_said_while_somebody_is_added_is_heard_or_hinted_at(pair: Pair) -> None:
    for number in range(10):
        room = pair.alice.group()
        pair.alice.socket.emit("member:add", {"room_id": room, "user_ids": [pair.bob.id]}, namespace="/chat")
        said = pair.alice.say(room, str(number))
        added = pair.bob.hears("room:added")["room"]
        deadline = time.monotonic() + 5
        while said["seq"] > added["seq"] and not {"message:created", "sync:hint"} & {event for event, _ in pair.bob.heard}:
            assert time.monotonic() < deadline, "bob was neither told nor hinted at"
            time.sleep(0.01)
        pair.bob.forget()


def test_a_redis_that_was_gone_for_a_moment_is_hinted_at_everywhere(pair: Pair) -> None:
    for person in (pair.alice, pair.bob):
        person.forget()
    pair.redis.kill()
    pair.redis.start_again()
    assert pair.alice.hears("sync:hint") == pair.bob.hears("sync:hint") == {}
    room = pair.alice.direct(pair.bob)
    pair.alice.say(room, "again")
    pair.bob.hears("message:created")
