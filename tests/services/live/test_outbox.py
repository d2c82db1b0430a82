"""Publishing behind the calls: it forgets nothing as long as Redis takes what there is, and holds nobody up when it does not."""

import time
from collections.abc import Iterator

import pytest
from redis import Redis as Client

from chatx.services.live import outbox as outbox_module
from chatx.services.live.news import Frame, room_channel
from chatx.services.live.outbox import LONGEST_OUTBOX, LONGEST_WAIT, MUCH, PULSE, Outbox
from tests.support.backends import Redis
from tests.support.people import PATIENCE

BATCH = 128
FLOOD = LONGEST_OUTBOX + 10_000


@pytest.fixture
def own_redis() -> Iterator[Redis]:
    server = Redis()
    yield server
    server.stop()


def test_who_commits_more_than_is_published_is_slowed_down_and_nothing_is_forgotten(
    own_redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox_module, "PULSE", PATIENCE)  # a Redis of a busy machine pauses longer than a real one
    client = Client.from_url(own_redis.url)
    outbox = Outbox(client, lambda news: None)
    with client.pubsub() as ear:
        ear.subscribe(room_channel("flooded"))
        for number in range(FLOOD):
            outbox.put(frame(number))
            if number % BATCH == 0:
                outbox.keep_up()
        heard = 0
        while heard < FLOOD:
            message = ear.get_message(timeout=10)
            assert message, f"{heard} of {FLOOD} frames were published"
            heard += message["type"] == "message"
    client.close()


def test_a_redis_that_hangs_slows_nobody_down(own_redis: Redis) -> None:
    client = Client.from_url(own_redis.url, socket_timeout=10)
    outbox = Outbox(client, lambda news: None)
    outbox.put(frame(0))
    has_published(outbox)
    own_redis.freeze()
    for number in range(2 * MUCH):
        outbox.put(frame(number))
    time.sleep(PULSE)  # by then it counts as one that hangs
    began = time.monotonic()
    for _ in range(100):
        outbox.keep_up()
    assert time.monotonic() - began < LONGEST_WAIT * 10, "each of a hundred waits as long as it may"
    own_redis.thaw()
    has_published(outbox)
    client.close()


def has_published(outbox: Outbox) -> None:
    deadline = time.monotonic() + PATIENCE
    while outbox.works:
        assert time.monotonic() < deadline, f"{outbox.waiting} frames still wait"
        time.sleep(0.001)


def frame(number: int) -> Frame:
    return Frame("message:created", room_channel("flooded"), ["alice"], b'{"text":"flood"}', seq=number + 1)
