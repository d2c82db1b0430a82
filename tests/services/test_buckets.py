"""Token buckets: so many at once, then as many as flow back, each key for itself."""

from chatx.services import buckets
from chatx.services.buckets import Buckets


class Clock:
    now = 1_000.0

    def __call__(self) -> float:
        return self.now


def test_a_full_bucket_is_emptied_at_once_and_says_when_there_is_more() -> None:
    clock = Clock()
    bucket = Buckets(3, 60, clock)
    assert [bucket.draw("a") for _ in range(4)] == [0, 0, 0, 20]
    clock.now += 5
    assert bucket.draw("a") == 15, "asking in vain costs nothing"
    clock.now += 15
    assert (bucket.draw("a"), bucket.draw("a")) == (0, 20)


def test_it_never_holds_more_than_its_size() -> None:
    clock = Clock()
    bucket = Buckets(2, 2, clock)
    assert bucket.draw("a") == 0
    clock.now += 1_000
    assert [bucket.draw("a") > 0 for _ in range(3)] == [False, False, True]


def test_each_key_has_its_own_and_only_so_many_are_kept(monkeypatch) -> None:
    monkeypatch.setattr(buckets, "KEPT", 2)
    bucket = Buckets(1, 60, Clock())
    assert [bucket.draw(key) > 0 for key in ("a", "b", "a", "c", "b")] == [False, False, True, False, False]
