"""Both processes are restarted, one after the other, while a crowd chats: nothing is lost, and everybody is back soon."""

import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.chaos.crowd import Crowd, History, many_people, total
from tests.chaos.stage import Stage
from tests.support.backends import Postgres

LONGEST_ABSENCE = 10
ROOM = 10  # people in each


@dataclass(frozen=True)
class Size:
    people: int
    drain_seconds: int
    pace_ms: int
    rest: float


SIZES = {"short": Size(60, 2, 50, 0.5), "long": Size(500, 3, 250, 5)}


@pytest.fixture
def size(chaos: str) -> Size:
    return SIZES[chaos]


@pytest.fixture
def stage(postgres: Postgres, size: Size) -> Iterator[Stage]:
    made = Stage(postgres, CHATX_DRAIN_SECONDS=str(size.drain_seconds))
    yield made
    made.end()


def test_a_rolling_restart_loses_nothing_and_everybody_is_back(
    stage: Stage, size: Size, capsys: pytest.CaptureFixture[str]
) -> None:
    began = time.monotonic()
    people = many_people(stage.cast, size.people)
    rooms = [people[first].group(*people[first + 1 : first + ROOM]) for first in range(0, size.people, ROOM)]
    crowd = Crowd(people, stage.servers)
    made = time.monotonic() - began
    # One in each room keeps sending, each second one from the server that is restarted first.
    sending = crowd.start(
        "send", by=[[number * ROOM + number % ROOM, room] for number, room in enumerate(rooms)], pace_ms=size.pace_ms
    )
    for server in stage.servers:
        time.sleep(size.rest)
        assert server.stop() == 0
        assert "Traceback" not in server.log()
        server.start()
    time.sleep(size.rest)
    crowd.ask("hush")
    sending.result(60)
    crowd.ask("gather")
    history = History({room: people[number * ROOM] for number, room in enumerate(rooms)})
    crowd.ask("reach", seqs=history.last)
    saw = crowd.saw()
    crowd.end()

    history.is_whole()
    messages = history.has_once_what_was_acked(saw, people)
    for each in saw:
        history.was_applied_by(each, [rooms[each.number // ROOM]])
    absences = sorted(ms / 1_000 for each in saw for ms in each.absences)
    with capsys.disabled():
        print(
            f"\n{size.people} clients (made in {made:.1f} s), {messages} messages, {total(saw, 'retries')} sent again, "
            f"{total(saw, 'holes')} holes and {total(saw, 'syncs')} syncs; {len(absences)} absences of "
            f"{statistics.median(absences):.2f} s in the median, {absences[-1]:.2f} s at most"
        )
    assert absences[-1] < LONGEST_ABSENCE
    assert len(absences) >= size.people, "not everybody lost a server: nothing was tried"
