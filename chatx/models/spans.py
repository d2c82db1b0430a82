"""Spans of seq: which ones are covered, by as few spans as possible. Knows no table."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence

Span = tuple[int, int]  # both ends included


def covers(spans: Sequence[Span], seq: int) -> bool:
    """Whether one of these, which are merged, holds this seq."""
    place = bisect_right(spans, seq, key=lambda span: span[0])
    return place > 0 and spans[place - 1][1] >= seq


def merged(spans: Iterable[Span]) -> list[Span]:
    """The same seqs in as few spans as can be, ascending."""
    joined: list[Span] = []
    for low, high in sorted(spans):
        if joined and low <= joined[-1][1] + 1:
            joined[-1] = (joined[-1][0], max(high, joined[-1][1]))
        else:
            joined.append((low, high))
    return joined


def without(spans: Iterable[Span], others: Iterable[Span]) -> list[Span]:
    """Those of these seqs that are not among the others."""
    left, cuts = [], merged(others)
    for low, high in merged(spans):
        begin = low
        for first, last in cuts[max(0, bisect_right(cuts, low, key=lambda span: span[0]) - 1) :]:
            if first > high:
                break
            if begin < first:
                left.append((begin, first - 1))
            begin = max(begin, last + 1)
        if begin <= high:
            left.append((begin, high))
    return left
