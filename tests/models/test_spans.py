"""Spans of seq, held against plain sets of numbers."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from chatx.models.spans import Span, covers, merged, without

spans = st.lists(st.tuples(st.integers(1, 40), st.integers(0, 6)).map(lambda span: (span[0], span[0] + span[1])), max_size=12)


def numbers(spans: list[Span]) -> set[int]:
    return {number for low, high in spans for number in range(low, high + 1)}


def apart(spans: list[Span]) -> bool:
    """Ascending, and none touches the next."""
    return all(one[1] + 1 < other[0] for one, other in pairwise(spans))


@given(spans)
def test_merged_spans_are_as_few_as_can_be(some: list[Span]) -> None:
    assert numbers(merged(some)) == numbers(some)
    assert apart(merged(some))


@given(spans, st.integers(0, 50))
def test_what_spans_cover(some: list[Span], number: int) -> None:
    assert covers(merged(some), number) == (number in numbers(some))


@given(spans, spans)
def test_what_is_left_without_others(some: list[Span], others: list[Span]) -> None:
    assert numbers(without(some, others)) == numbers(some) - numbers(others)
    assert apart(without(some, others))
