"""What connections hear of the server itself: that it goes away, and that something may have been missed."""

import pytest

from tests.support.backends import Postgres, Redis
from tests.support.contract import Contract
from tests.support.people import Cast
from tests.support.server import Server


def test_a_server_that_goes_away_says_when_to_come_back(fresh_sqlite: str) -> None:
    server = Server(fresh_sqlite).start()
    cast = Cast(server, Contract(server.url))
    alice = cast.person("alice").live()
    server.process.terminate()
    assert 0 <= alice.hears("server:drain")["reconnect_after_ms"] < 3_000
    assert server.process.wait(10) == 0
    alice.socket.wait()
    cast.goodbye()


@pytest.mark.parametrize("sends_before", [0, 3])
def test_a_lost_redis_is_survived_and_hinted_at(postgres: Postgres, sends_before: int) -> None:
    redis = Redis()
    server = Server(postgres.new_database(), redis.url).start()
    cast = Cast(server, Contract(server.url))
    alice, bob = cast.person("alice").live(), cast.person("bob").live()
    room = alice.direct(bob)
    for _ in range(sends_before):
        alice.say(room)
    redis.stop()
    alice.say(room, "without redis")
    while bob.hears("message:created")["message"]["text"] != "without redis":
        continue
    redis.start_again()
    assert bob.hears("sync:hint") == {}
    alice.say(room, "with redis again")
    while bob.hears("message:created")["message"]["text"] != "with redis again":
        continue
    cast.goodbye()
    assert server.stop() == 0
    assert "Traceback" not in server.log()
    redis.stop()
