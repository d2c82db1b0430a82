"""A formatted part of a text, and how it is told to clients."""

from collections.abc import Callable, Iterable
from itertools import accumulate
from typing import Any, NamedTuple

LAST_OF_ONE_UNIT = "\uffff"


class Span(NamedTuple):
    """From start to end, signs included, of which the first `open` characters and the last `close` are not to be shown."""

    start: int
    end: int
    type: str
    open: int = 0
    close: int = 0
    more: dict[str, Any] = {}  # noqa: RUF012 - never changed


def told(text: str, spans: Iterable[Span]) -> list[dict[str, Any]]:
    """As clients get them: the outer first, and counted in UTF-16 code units, as strings are in JavaScript and Java."""
    place = _in_units(text)
    entities = []
    for span in sorted(spans, key=lambda one: (one.start, -one.end)):
        offset = place(span.start)
        length = place(span.end) - offset
        entities.append(
            {"type": span.type, "offset": offset, "length": length, "open": span.open, "close": span.close, **span.more}
        )
    return entities


def _in_units(text: str) -> Callable[[int], int]:
    """How many code units stand before a character; the same number, where none takes two."""
    if text.isascii() or max(text) <= LAST_OF_ONE_UNIT:
        return lambda place: place
    before = list(accumulate((1 + (character > LAST_OF_ONE_UNIT) for character in text), initial=0))
    return before.__getitem__
