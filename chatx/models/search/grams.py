"""Grams: the short pieces of folded texts that the index is made of, as numbers.

Of words, each three letters, and their first one and two. Of what is written without spaces between the words (Chinese, Japanese,
Korean, Thai…), and of emoji and punctuation: each character, and each two. So what is looked for needs an index of no language,
and a text holds it only if it has all its grams; whether it does hold it, the text itself tells.
"""

import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from itertools import groupby
from zlib import crc32

SPACE, WORD, SINGLE = range(3)
UNSPACED = (
    *("CJK ", "HIRAGANA", "KATAKANA", "HANGUL", "BOPOMOFO", "IDEOGRAPHIC", "YI ", "NUSHU", "TANGUT"),
    *("THAI", "LAO", "KHMER", "MYANMAR", "TIBETAN", "TAI ", "NEW TAI", "JAVANESE", "BALINESE"),
)
LONGEST_KEPT = 32
# Above all numbers of slices, which stand beside the grams in the index.
_FIRST = 1 << 30


class _Kinds(dict[str, int]):
    def __missing__(self, char: str) -> int:
        if char.isspace():
            kind = SPACE
        elif unicodedata.category(char)[0] in "LMN" and not unicodedata.name(char, "").startswith(UNSPACED):
            kind = WORD
        else:
            kind = SINGLE
        self[char] = kind
        return kind


kind_of = _Kinds().__getitem__


def number(gram: str) -> int:
    """A number for a gram; that two grams share one makes a candidate more, never a hit."""
    return crc32(gram.encode()) & (_FIRST - 1) | _FIRST


def grams_of(folded: str) -> set[int]:
    """All grams of a folded text."""
    grams: set[int] = set()
    for kind, run in runs(folded):
        if kind == WORD:
            grams |= _of_kept_word(run) if len(run) <= LONGEST_KEPT else _of_word(run)
        else:
            grams |= _of_kept_singles(run) if len(run) <= LONGEST_KEPT else _of_singles(run)
    return grams


def grams_for(part: str, *, begins: bool) -> set[int]:
    """What a text must have to hold this part, which has no spaces; begins: it stands at the beginning of a word."""
    grams: set[int] = set()
    for kind, run in runs(part):
        if kind == SINGLE:
            grams |= _numbers(_pairs(run) if len(run) > 1 else [run])
        elif len(run) > 2:
            grams |= _numbers(_threes(run))
        elif begins:
            grams.add(number(f"^{run}"))
        begins = True
    return grams


def runs(folded: str) -> Iterator[tuple[int, str]]:
    """The words of a folded text, and what is not made of words, spaces left out."""
    return ((kind, "".join(run)) for kind, run in groupby(folded, kind_of) if kind != SPACE)


def _of_word(word: str) -> frozenset[int]:
    return _numbers([f"^{word[:1]}", f"^{word[:2]}", *_threes(word)])


def _of_singles(run: str) -> frozenset[int]:
    return _numbers([*run, *_pairs(run)])


_of_kept_word = lru_cache(50_000)(_of_word)
_of_kept_singles = lru_cache(50_000)(_of_singles)


def _threes(word: str) -> list[str]:
    return [word[at : at + 3] for at in range(len(word) - 2)]


def _pairs(run: str) -> list[str]:
    return [run[at : at + 2] for at in range(len(run) - 1)]


def _numbers(grams: list[str]) -> frozenset[int]:
    return frozenset(number(gram) for gram in grams)
