"""A backlog works off what was put, in its order, whatever becomes of a part of it."""

import threading

import pytest

from chatx.services.live.backlog import Backlog
from tests.support.people import PATIENCE


def test_a_batch_that_fails_is_told_of_and_ends_nothing(caplog: pytest.LogCaptureFixture) -> None:
    done, forgotten, over = [], [], threading.Event()

    def work(batch: list[int]) -> None:
        if 2 in batch:
            raise ValueError("two")
        done.extend(batch)
        if 4 in batch:
            over.set()

    backlog = Backlog(work, lambda: forgotten.append(True), batch=1, longest=10)
    for number in range(1, 5):
        backlog.put(number)
    assert over.wait(PATIENCE)
    assert (done, forgotten) == ([1, 3, 4], [True])
    assert "a backlog lost a batch" in caplog.text


def test_beyond_its_bound_the_oldest_are_forgotten() -> None:
    at_work, go_on, over = threading.Event(), threading.Event(), threading.Event()
    done, forgotten = [], []

    def work(batch: list[int]) -> None:
        at_work.set()
        assert go_on.wait(PATIENCE)
        done.extend(batch)
        if 5 in batch:
            over.set()

    backlog = Backlog(work, lambda: forgotten.append(True), batch=1, longest=3)
    backlog.put(0)
    assert at_work.wait(PATIENCE)
    for number in range(1, 6):
        backlog.put(number)
    assert backlog.waiting == 3
    go_on.set()
    assert over.wait(PATIENCE)
    assert (done, forgotten) == ([0, 3, 4, 5], [True, True])
