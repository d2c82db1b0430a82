"""One of many in a room stops reading: the others go on as before, and what waits for it in the server has a bound."""

import contextlib
import os
import statistics
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.chaos.crowd import Crowd, History, many_people
from tests.chaos.stage import Stage
from tests.sockets.test_outbox import Slow
from tests.support.backends import Postgres
from tests.support.server import Server

TEXT = 4_000
OUTBOX = 1_048_576
# A page of sync, as whoever was stalled before has fetched it, is made of some 8 MiB; without a bound it grows by over 25.
SLACK = 12 * 1_048_576
ENOUGH = 0.95
LONG_TEXT = 60_000
# Nearly what the kernels on both sides take of one connection before they say no; from there on its outbox fills.
BY_THE_KERNELS = 2_400_000 // LONG_TEXT
MOST_LONG_TEXTS = 500  # far beyond what it may hold


@dataclass(frozen=True)
class Size:
    people: int
    rounds: int
    messages: int  # of the room, in each half of a round


SIZES = {"short": Size(60, 1, 60), "long": Size(200, 11, 200)}


@pytest.fixture
def stage(postgres: Postgres) -> Iterator[Stage]:
    # What a hash or a page of sync has given back would otherwise stay with the process, and be taken for the outbox.
    made = Stage(postgres, processes=1, CHATX_OUTBOX_BYTES=str(OUTBOX), MALLOC_MMAP_THRESHOLD_="1048576")
    yield made
    made.end()


class Hall:
    """The crowd in one room, and how fast it hears what the first of them says."""

    def __init__(self, stage: Stage, size: int, messages: int) -> None:
        self.people, self.server = many_people(stage.cast, size), stage.servers[0]
        self.number, self.stalled = size - 1, self.people[-1]
        self.room, self.notes = self.people[0].group(*self.people[1:]), self.stalled.direct(self.stalled)
        self.crowd = Crowd(self.people, stage.servers)
        self.said = 1
        # What the process takes once for such a traffic is taken before the first look.
        self.rate_with_all_reading(messages)
        self.memory, self.grown = resident(self.server), 0

    def rate_with_all_reading(self, messages: int) -> float:
        for _ in range(BY_THE_KERNELS):
            self.note()
        return self.rate(messages)

    def rate_with_one_stalled(self, messages: int) -> float:
        """The same while one is stalled, who is closed for it and comes back."""
        closed = self.closed()
        self.crowd.ask("leave", who=self.number)
        with watched(self.server) as memory:
            slow = Slow(self.stalled, "websocket")
            for _ in range(BY_THE_KERNELS):
                self.note()
            assert self.closed() == closed, "it was closed before it could be in the way"
            rate = self.rate(messages)
            for _ in range(MOST_LONG_TEXTS):
                if self.closed() > closed:
                    break
                self.note()
        self.grown = max(self.grown, max(memory) - self.memory)
        assert self.grown < OUTBOX + SLACK
        assert self.closed() == closed + 1
        slow.leave()
        self.crowd.ask("come", who=self.number)
        self.crowd.ask("gather")
        return rate

    def rate(self, messages: int) -> float:
        """Deliveries a second to everybody but the one that may be stalled."""
        began = time.monotonic()
        self.crowd.ask("send", by=[[0, self.room]], count=messages, bytes=TEXT, width=8)
        self.said += messages
        self.crowd.ask("reach", seqs={self.room: self.said}, but=[self.number])
        return messages * self.number / (time.monotonic() - began)

    def note(self) -> None:
        """Something long that only the one that may be stalled is to hear."""
        self.stalled.say(self.notes, "x" * LONG_TEXT)

    def closed(self) -> int:
        return self.server.log().count('"outbox full"')


@contextlib.contextmanager
def watched(server: Server) -> Iterator[list[int]]:
    """The bytes that the server holds in memory, looked at again and again."""
    over, seen = threading.Event(), [resident(server)]

    def look() -> None:
        while not over.wait(0.1):
            seen.append(resident(server))

    looking = threading.Thread(target=look)
    looking.start()
    yield seen
    over.set()
    looking.join()


def resident(server: Server) -> int:
    return int(Path(f"/proc/{server.process.pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def test_a_stalled_reader_costs_the_others_nothing_and_the_server_no_more_than_its_outbox(
    stage: Stage, chaos: str, capsys: pytest.CaptureFixture[str]
) -> None:
    size = SIZES[chaos]
    hall = Hall(stage, size.people, size.messages)
    halves = [hall.rate_with_all_reading, hall.rate_with_one_stalled]
    rates = []
    for number in range(size.rounds):
        # Each second round the other way round: what else the machine does in the meantime is shared out.
        order = halves if number % 2 == 0 else halves[::-1]
        measured = {half: half(size.messages) for half in order}
        rates.append([measured[half] for half in halves])
    history = History({hall.room: hall.people[0], hall.notes: hall.stalled})
    hall.crowd.ask("reach", seqs=history.last)
    saw = hall.crowd.saw()
    hall.crowd.end()

    history.is_whole()
    for each in saw:
        history.was_applied_by(each, [hall.room, hall.notes] if each.number == hall.number else [hall.room])
    calm, stalled = (statistics.median(each) for each in zip(*rates, strict=True))
    ratio = statistics.median(stalled / calm for calm, stalled in rates)
    with capsys.disabled():
        print(
            f"\n{size.rounds} rounds of {size.messages} messages to {hall.number}: {calm:.0f} deliveries/s when all read, "
            f"{stalled:.0f} with one stalled, ratio {ratio:.3f} in the median of "
            f"{sorted(round(stalled / calm, 2) for calm, stalled in rates)}; "
            f"the server grew by {hall.grown / 1_048_576:.1f} MiB at most, {hall.closed()} times closed"
        )
    assert chaos == "short" or ratio >= ENOUGH
