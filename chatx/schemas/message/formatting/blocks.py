"""What whole lines are, quotes and items of lists, and the code blocks between them, in which nothing else is formatted."""

import re
from collections.abc import Collection, Iterator

from chatx.schemas.message.formatting.inline import Line
from chatx.schemas.message.formatting.span import Span

FENCE = "```"
QUOTE = re.compile(r"> (?=[^\S\n]*\S)")
ITEM = re.compile(r"(?:[-*]|([0-9]{1,9})\.) (?=[^\S\n]*\S)")


def entities_in(text: str, mentions: Collection[str]) -> Iterator[Span]:
    """All of it, in no order that matters."""
    at = 0
    for block in _code_blocks(text):
        yield from _lines(text, at, block.start, mentions)
        yield block
        at = block.end
    yield from _lines(text, at, len(text), mentions)


def _code_blocks(text: str) -> Iterator[Span]:
    """From each fence to the next one, if there is something between them."""
    at = text.find(FENCE)
    while at >= 0:
        closing = text.find(FENCE, at + len(FENCE))
        if closing < 0:
            return
        if text[at + len(FENCE) : closing].strip():
            end = closing + len(FENCE)
            yield Span(at, end, "code_block", len(FENCE), len(FENCE))
            at = text.find(FENCE, end)
        else:
            at = closing


def _lines(text: str, at: int, end: int, mentions: Collection[str]) -> Iterator[Span]:
    """The lines between two code blocks; what follows a block in its line begins none."""
    while at < end:
        newline = text.find("\n", at, end)
        line_end = end if newline < 0 else newline
        if at == 0 or text[at - 1] == "\n":
            for span in _beginnings(text, at, line_end):
                yield span
                at = span.start + span.open
        yield from Line(text, line_end, mentions).spans(at)
        at = line_end + 1


def _beginnings(text: str, at: int, end: int) -> Iterator[Span]:
    """It is a quote, or an item, or an item in a quote."""
    if quote := QUOTE.match(text, at, end):
        yield Span(at, end, "quote", open=quote.end() - at)
        at = quote.end()
    if item := ITEM.match(text, at, end):
        yield Span(at, end, "list_item", item.end() - at, 0, {"number": int(item[1])} if item[1] else {})
