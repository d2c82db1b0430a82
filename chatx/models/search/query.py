"""What is looked for: what a message must have in the index, and whether it is a hit, and where."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from chatx.models.search import labels
from chatx.models.search.folding import Folded, fold
from chatx.models.search.grams import WORD, grams_for, kind_of, runs
from chatx.models.search.words import words_of

Span = tuple[int, int]

QUOTES = '"“”„'
MOST_GRAMS = 32  # enough to find anything; whether it is there, the text tells
MOST_SPANS = 100
_WRITTEN = re.compile(rf"[{QUOTES}]([^{QUOTES}]*)[{QUOTES}](?!\S)|(\S+)")
_PUNCTUATION = "".join(char for char in map(chr, range(0x10000)) if unicodedata.category(char)[0] == "P")
_ONLY_PUNCTUATION = re.compile(f"[{re.escape(_PUNCTUATION)}]+")
_GAP = f"[ {re.escape(_PUNCTUATION)}]+"


@dataclass(frozen=True, slots=True)
class Term:
    """One word, or a quoted phrase: its words one after the other. begins: only where a word begins."""

    pattern: re.Pattern[str]
    begins: bool
    grams: frozenset[int]

    @classmethod
    def of(cls, written: str) -> "Term | None":
        """None where nothing is left of it that could be found."""
        words = fold(written).split()
        # Punctuation between the words of a phrase is a gap, also where it stands alone.
        words = [word for word in words if not _ONLY_PUNCTUATION.fullmatch(word)] or words[:1]
        if not words:
            return None
        first, *others = words
        begins = _is_short(first)
        grams = grams_for(first, begins=begins).union(*(grams_for(word, begins=True) for word in others))
        return cls(re.compile(_GAP.join(map(re.escape, words))), begins, frozenset(grams))

    def spans(self, folded: str) -> list[Span]:
        """Where it stands in a folded text."""
        found = (match.span() for match in self.pattern.finditer(folded))
        return [span for span in found if not self.begins or span[0] == 0 or kind_of(folded[span[0] - 1]) != WORD]


def _is_short(word: str) -> bool:
    """One or two letters, which are looked for at the beginnings of words only; in them they are everywhere."""
    return len(word) < 3 and [kind for kind, _ in runs(word)] == [WORD]


def terms_of(written: str) -> list[Term]:
    """The words and quoted phrases of what somebody has written. Nothing else in it has a meaning."""
    found = (Term.of(phrase if phrase is not None else word) for phrase, word in _parts(written))
    return list({(term.pattern.pattern, term.begins): term for term in found if term}.values())


def _parts(written: str) -> Iterable[tuple[str | None, str]]:
    return ((match[1], match[2] or "") for match in _WRITTEN.finditer(written))


@dataclass(frozen=True, slots=True)
class Query:
    """All of the terms; by this person, of this type, in this list of a room, where given."""

    terms: Sequence[Term] = ()
    sender_id: str | None = None
    type: str | None = None
    kind: str | None = None

    @property
    def grams(self) -> set[int]:
        """What a message must have in the index."""
        grams = sorted(set().union(*(term.grams for term in self.terms)))[:MOST_GRAMS]
        given = [
            self.sender_id and labels.of_sender(self.sender_id),
            self.type and labels.of_type(self.type),
            self.kind and labels.of_kind(self.kind),
        ]
        return {*grams, *(label for label in given if isinstance(label, int))}

    def finds(self, message: Any) -> bool:
        """Whether this message is a hit: each term is in its text, or in its data."""
        if not self._fits(message):
            return False
        texts = [fold(words) for words in (message.text or "", *words_of(message.data))] if self.terms else []
        return all(any(term.spans(text) for text in texts) for term in self.terms)

    def spans(self, message: Any) -> list[Span]:
        """Where the terms stand in the text of a hit, in UTF-16 code units, ascending and apart."""
        folded = Folded(message.text or "")
        return _apart(folded.origin(*span) for term in self.terms for span in term.spans(folded.text)[:MOST_SPANS])

    def _fits(self, message: Any) -> bool:
        return (
            message.deleted_at is None
            and self.sender_id in (None, message.sender_id)
            and self.type in (None, message.type)
            and (self.kind is None or self.kind in labels.kinds_of(message.type, message.text))
        )


def _apart(spans: Iterable[Span]) -> list[Span]:
    joined: list[Span] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined[:MOST_SPANS]
