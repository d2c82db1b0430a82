"""Frames of one feed are handed on in the order of their seq, whatever order they are heard in."""

import random
from dataclasses import dataclass

import pytest

from chatx.extensions import background
from chatx.services.live import sequence
from chatx.services.live.sequence import InOrder


@dataclass(frozen=True)
class Frame:
    channel: str
    seq: int


class Ear:
    """Hears frames out of order; `time_passes` is when holding ends."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.heard: list[tuple[str, int]] = []
        self.waiting: list = []
        monkeypatch.setattr(background, "spawn", lambda work, *args: self.waiting.append((work, args)))
        monkeypatch.setattr(sequence, "HOLD_SECONDS", 0)
        self.in_order = InOrder(lambda frame: self.heard.append((frame.channel, frame.seq)))

    def hears(self, *seqs: int, feed: str = "room") -> list[int]:
        for seq in seqs:
            self.in_order.hear(Frame(feed, seq))
        return [seq for name, seq in self.heard if name == feed]

    def time_passes(self) -> None:
        while self.waiting:
            work, args = self.waiting.pop()
            work(*args)


@pytest.fixture
def ear(monkeypatch: pytest.MonkeyPatch) -> Ear:
    return Ear(monkeypatch)


def test_frames_in_order_are_handed_on_at_once(ear: Ear) -> None:
    assert ear.hears(5, 6, 7) == [5, 6, 7]
    assert not ear.waiting


def test_an_early_frame_waits_for_its_turn(ear: Ear) -> None:
    assert ear.hears(1, 3, 4) == [1]
    assert ear.hears(2) == [1, 2, 3, 4]


def test_a_frame_that_never_comes_is_waited_for_only_so_long(ear: Ear) -> None:
    ear.hears(1, 4, 3)
    ear.time_passes()
    assert ear.hears() == [1, 3, 4]
    assert ear.hears(2, 5) == [1, 3, 4, 5]


def test_a_frame_heard_twice_is_handed_on_once(ear: Ear) -> None:
    assert ear.hears(1, 2, 2, 1, 3) == [1, 2, 3]


def test_one_feed_does_not_wait_for_another(ear: Ear) -> None:
    ear.hears(1, 3, feed="held")
    assert ear.hears(1, 2, 3, feed="other") == [1, 2, 3]


def test_what_is_volatile_is_never_held(ear: Ear) -> None:
    assert ear.hears(0, 0, 0) == [0, 0, 0]


@pytest.mark.parametrize("seed", range(20))
def test_any_shuffle_ends_in_order_and_complete(ear: Ear, seed: int) -> None:
    seqs = list(range(2, 60))
    random.Random(seed).shuffle(seqs)
    ear.hears(1, *seqs)
    ear.time_passes()
    assert ear.hears() == list(range(1, 60))
