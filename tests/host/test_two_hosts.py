"""A host is replaced by another one behind a balancer, as a deployment does it, while people chat: they come along."""

import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.chaos.crowd import UPGRADED, many_people, total
from tests.host.balancer import Balancer
from tests.host.host import Host
from tests.host.stay import Stay
from tests.support.backends import Redis
from tests.support.contract import Contract
from tests.support.people import Cast

LONGEST_ABSENCE = 15
LONGEST_END = 10


@dataclass(frozen=True)
class Size:
    people: int
    speaks: int  # each so-manieth
    pace_ms: int
    rest: float
    drain_seconds: int


SIZES = {"short": Size(32, 2, 50, 0.3, 1), "long": Size(400, 8, 100, 8, 3)}


@pytest.fixture
def size(chaos: str) -> Size:
    return SIZES[chaos]


@pytest.fixture
def new_host(database: str, redis_server: Redis, tmp_path: Path, size: Size) -> Iterator[Callable[[str], Host]]:
    """Starts a host on an address of its own, after the database is brought to its schema."""
    hosts: list[Host] = []

    def start(address: str) -> Host:
        drain = str(size.drain_seconds)
        hosts.append(Host(database, redis_server.url, tmp_path / address, address, CHATX_DRAIN_SECONDS=drain))
        hosts[-1].migrate()
        return hosts[-1].begin()

    yield start
    for host in hosts:
        host.end()


def test_a_host_is_replaced_and_nobody_loses_anything(
    new_host: Callable[[str], Host], size: Size, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old = new_host("127.0.0.2")
    balancer = Balancer(tmp_path / "balancer", old).start()
    cast = Cast(balancer, Contract(balancer.url))
    stay = Stay(balancer, many_people(cast, size.people), UPGRADED, ["websocket"], ["polling"], ["websocket"], ["websocket"])
    ended: list[float] = []

    def replace() -> None:
        time.sleep(size.rest)
        new = new_host("127.0.0.3")
        balancer.sends_to(old, new)
        time.sleep(size.rest)
        balancer.sends_to(new)
        time.sleep(size.rest)
        began = time.monotonic()
        assert old.stop() == 0
        ended.append(time.monotonic() - began)
        assert "Traceback" not in old.log()
        old.nginx.stop()
        time.sleep(size.rest)

    stay.talk(replace, size.pace_ms, size.speaks)
    saw, messages = stay.end()
    cast.goodbye()
    balancer.stop()
    absences = sorted(ms / 1_000 for each in saw for ms in each.absences)
    with capsys.disabled():
        print(
            f"\n{size.people} clients came along to another host: {messages} messages, 0 lost and 0 twice, "
            f"{total(saw, 'retries')} sent again, {total(saw, 'holes')} holes and {total(saw, 'syncs')} syncs; away for "
            f"{statistics.median(absences):.2f} s in the median, {absences[-1]:.2f} s at most; it ended after {ended[0]:.2f} s"
        )
    assert all(each.absences for each in saw), "not everybody came along: nothing was tried"
    assert absences[-1] < LONGEST_ABSENCE
    assert ended[0] < LONGEST_END
