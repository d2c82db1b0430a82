"""What follows from what was told: many at once, later where calls need the time, and nothing of it for ever."""

import threading
import time
from collections.abc import Sequence

import pytest

from chatx import create_app
from chatx.dispatch.following import LONGEST_PAUSE, MOST_ROOMS, Following, _pause
from chatx.registry import Follower
from config import load


@pytest.mark.parametrize(
    ("took", "busy_for", "pause"),
    [(0.02, 0, 0.02), (0.02, 0.001, 2.0), (0.02, 5, 1.0), (0.02, 45, 0.2), (0.02, 3_600, 0.04), (1, 0.001, LONGEST_PAUSE)],
)
def test_a_burst_is_let_pass_and_a_lasting_load_shared_with(took: float, busy_for: float, pause: float) -> None:
    assert _pause(took, busy_for) == pytest.approx(pause, rel=0.01)


def test_rooms_come_together_once_each_and_again_until_nothing_is_left(fresh_sqlite: str) -> None:
    runs: list[list[str]] = []
    done = threading.Event()
    rooms = [f"room {number}" for number in range(MOST_ROOMS + 5)]

    def run(room_ids: Sequence[str]) -> list[str]:
        runs.append(list(room_ids))
        if len(runs) == 1:
            raise ZeroDivisionError  # what is forgotten then is found by others
        if sum(map(len, runs)) > len(rooms):
            done.set()
        return ["room 68"] if len(runs) == 2 else []

    app = create_app(load({"CHATX_ENV": "testing", "CHATX_DATABASE_URL": fresh_sqlite}))
    following = Following(Follower("test:told", run))
    with app.app_context():
        for _ in range(3):
            following.add(app, rooms)
        assert runs == []
        assert done.wait(10)
        assert [len(run) for run in runs] == [MOST_ROOMS, 5, 1]
        assert runs[0] + runs[1] == rooms
        assert runs[2] == ["room 68"]
        while following._works:
            time.sleep(0.01)
        following.add(app, ["another"])
        assert following._works
