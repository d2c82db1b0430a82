"""Two processes publish to one room: everybody hears it in order, and a Redis that hangs holds nobody's send up."""

import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.chaos.crowd import Crowd, History, Saw, total
from tests.chaos.stage import Stage
from tests.support.backends import Postgres
from tests.support.people import Person

PEOPLE = 8  # each second one at the other process
PACE = 40  # ms between two sends: within the limits
ANSWERED_USUALLY, ANSWERED_AT_LEAST = 150, 1_000  # ms


@dataclass(frozen=True)
class Size:
    sends: int
    frozen_seconds: float


SIZES = {"short": Size(300, 1.5), "long": Size(5_000, 5)}


@pytest.fixture
def size(chaos: str) -> Size:
    return SIZES[chaos]


@pytest.fixture
def limiting(postgres: Postgres) -> Iterator[Stage]:
    """A stage whose processes ask Redis also how often somebody may send."""
    made = Stage(postgres, CHATX_RATE_LIMITS="on")
    yield made
    made.end()


def test_two_processes_publish_to_one_room_and_all_hear_it_in_order(
    stage: Stage, size: Size, capsys: pytest.CaptureFixture[str]
) -> None:
    people, room = a_group(stage)
    crowd = Crowd(people, stage.servers)
    everybody = [[number, room] for number in range(PEOPLE)]
    began = time.monotonic()
    crowd.ask("send", by=everybody, count=size.sends // PEOPLE + 1)
    took = time.monotonic() - began
    saw = all_hold_the_same(crowd, people, room)
    with capsys.disabled():
        print(
            f"\n{len(saw[0].applied[room])} sends over two processes in {took:.1f} s, heard by {PEOPLE}: "
            f"{total(saw, 'holes')} holes and {total(saw, 'syncs') - PEOPLE} syncs that filled them"
        )


def test_a_frozen_redis_delays_no_send(limiting: Stage, size: Size, capsys: pytest.CaptureFixture[str]) -> None:
    people, room = a_group(limiting)
    crowd = Crowd(people, limiting.servers)
    one_at_each_process = [[0, room], [1, room]]
    usual = crowd.ask("send", by=one_at_each_process, count=30, pace_ms=PACE)
    limiting.redis.freeze()
    sending = crowd.start("send", by=one_at_each_process, pace_ms=PACE)
    time.sleep(size.frozen_seconds)
    frozen_until = time.monotonic()
    crowd.ask("hush")
    frozen = sending.result(10)
    limiting.redis.thaw()
    thawed = time.monotonic()
    saw = all_hold_the_same(crowd, people, room)
    with capsys.disabled():
        print(
            f"\n{len(usual)} usual sends: {described(usual)}; {len(frozen)} while Redis was frozen for {size.frozen_seconds} s: "
            f"{described(frozen)}; all acked {thawed - frozen_until:.2f} s after the last; everybody had everything "
            f"{time.monotonic() - thawed:.1f} s after the thaw, with {total(saw, 'holes')} holes, {total(saw, 'hints')} hints "
            f"and {total(saw, 'syncs') - PEOPLE} syncs"
        )
    assert total(saw, "retries") == 0
    assert len(frozen) > size.frozen_seconds * 1_000 / ANSWERED_USUALLY, "hardly anything was sent: nothing was tried"
    assert statistics.median(frozen) < ANSWERED_USUALLY
    assert max(frozen) < ANSWERED_AT_LEAST


def a_group(stage: Stage) -> tuple[list[Person], str]:
    people = [stage.cast.person(f"person{number}") for number in range(PEOPLE)]
    return people, people[0].group(*people[1:])


def all_hold_the_same(crowd: Crowd, people: list[Person], room: str) -> list[Saw]:
    """Wait until everybody has everything, by what they hear alone; what they saw."""
    history = History({room: people[0]})
    crowd.ask("reach", seqs=history.last)
    saw = crowd.saw()
    crowd.end()
    history.is_whole()
    history.has_once_what_was_acked(saw, people)
    for each in saw:
        history.was_applied_by(each, [room])
    return saw


def described(acks: list[float]) -> str:
    return f"acked in {statistics.median(acks):.0f} ms in the median, {max(acks):.0f} ms at most"
