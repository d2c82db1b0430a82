"""What is formatted within a line. One pass from left to right, of which no step looks at much more than what it consumes."""

import re
from collections.abc import Collection, Iterator
from typing import Any

from chatx.schemas.message.formatting.span import Span

EVERYONE = "everyone"
# A sign counts once however often it is repeated: the last one opens, the first one closes.
SIGNS = {"*": ("bold", 1), "_": ("italic", 1), "~": ("strike", 1), "`": ("mono", 1), "|": ("spoiler", 2)}
TOKEN = re.compile(
    r"""
      (?P<sign>   \*+ | _+ | ~+ | `+ | \|{2,} )
    | (?P<link>   (?<!\w) (?: (?i:https?://) [^\s<>"]+ | (?i:www\.) [\w-]+ \. [^\s<>"]+ ) )
    | (?P<email>  (?<![A-Za-z0-9.+-]) (?<![A-Za-z0-9.+-]_)
                  [A-Za-z0-9] [A-Za-z0-9.+_-]{0,63} @ [A-Za-z0-9-]+ (?: \.[A-Za-z0-9-]+ )+ )
    | (?P<phone>  (?<![\w+]) \+ [1-9] (?: [ ()./-]{0,2} [0-9] ){6,14} (?!\w) )
    | (?P<person> (?<!\w) @ [0-9a-f]{8} (?: -[0-9a-f]{4} ){3} - [0-9a-f]{12} (?!\w) )
    | (?P<everyone> (?<!\w) @everyone (?!\w) )
    """,
    re.VERBOSE,
)
END_OF_MONO = re.compile(r"(?<=\S)`(?!\w)")
SCHEME = re.compile(r"(?i:https?://)")
# What ends a sentence, or is formatted around it, is no part of an address.
AFTER_LINKS = """.,:;!?'"*_~|`]}"""


class Line:
    """A line, or what of it stands beside code blocks, up to `end`."""

    def __init__(self, text: str, end: int, mentions: Collection[str]) -> None:
        self._text, self._end, self._mentions = text, end, mentions
        self._opened: list[tuple[str, int]] = []  # signs, and where what they format begins; never two alike
        self._mono_may_end = True

    def spans(self, at: int) -> Iterator[Span]:
        """What is formatted from here on."""
        while token := TOKEN.search(self._text, at, self._end):
            span = self._formatted(token) if token["sign"] else self._followed(token)
            at = span.end if span else token.end()
            if span and span.type:
                yield span

    def _formatted(self, token: re.Match[str]) -> Span | None:
        """What a sign closes, or the mono text that it begins."""
        closed = self._closed(token)
        if closed is None and self._opens(token):
            sign = token[0][0]
            if sign == "`":
                return self._mono(token.end())
            if all(sign != other for other, _ in self._opened):
                self._opened.append((sign, token.end()))
        return closed

    def _closed(self, token: re.Match[str]) -> Span | None:
        """Not within a word, right after something. What was opened within it, and not closed, is closed by nothing."""
        sign, at = token[0][0], token.start()
        kind, width = SIGNS[sign]
        begin = next((begin for other, begin in self._opened if other == sign), at)
        after = at + width
        if begin >= at or self._text[at - 1].isspace() or self._text[after : after + 1].isalnum():
            return None
        while self._opened.pop()[0] != sign:
            pass
        return Span(begin - width, after, kind, width, width)

    def _opens(self, token: re.Match[str]) -> bool:
        """Not within a word, right before something."""
        before, at = self._text[token.start() - 1 : token.start()], token.end()
        return not before.isalnum() and at < self._end and not self._text[at].isspace()

    def _mono(self, begin: int) -> Span | None:
        """Nothing in it is formatted. Where one finds no end, none after it does."""
        end = END_OF_MONO.search(self._text, begin + 1, self._end) if self._mono_may_end else None
        self._mono_may_end = end is not None
        return Span(begin - 1, end.end(), "mono", 1, 1) if end else None

    def _followed(self, token: re.Match[str]) -> Span | None:
        """An address, or who is mentioned."""
        more: dict[str, Any] = {}
        kind, found = str(token.lastgroup), token[0]
        if kind == "link":
            return _link(token.start(), found)
        if kind == "email":
            more["url"] = f"mailto:{found}"
        elif kind == "phone":
            more["url"] = "tel:+" + "".join(filter(str.isdigit, found))
        elif found[1:] not in self._mentions:
            return None
        elif kind == "person":
            kind, more["user_id"] = "mention", found[1:]
        return Span(*token.span(), kind, more=more)


def _link(at: int, found: str) -> Span:
    """Without what follows it; of no type, where nothing is left but the scheme."""
    link = found.rstrip(AFTER_LINKS if "(" in found else AFTER_LINKS + ")")
    scheme = SCHEME.match(link)
    kind = "link" if scheme is None or scheme.end() < len(link) else ""
    return Span(at, at + len(link), kind, more={"url": link if scheme else f"https://{link}"})
