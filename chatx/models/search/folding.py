"""Text as search compares it: without case, accents, width, and what else a reader does not type. Ours are the letters that
have no accent for Unicode but for people, and those that one keyboard writes otherwise than another.
"""

import re
import unicodedata
from itertools import accumulate

# What a mark changes into another letter is kept (и, й), and so are all marks that are vowels or tones (Thai, Hindi, kana).
LETTERS_OF_THEIR_OWN = frozenset("йїѓќў")
ACCENTS = ("COMBINING ", "HEBREW ", "ARABIC ", "VARIATION SELECTOR")
VOICED = "\u3099\u309a"
TWINS = {
    **{"ł": "l", "ø": "o", "đ": "d", "ð": "d", "ħ": "h", "ŧ": "t", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th"},
    # Arabic, Persian and Urdu: one letter, several keyboards and habits.
    **{"ٱ": "ا", "ى": "ي", "ی": "ي", "ک": "ك", "ة": "ه", "ہ": "ه", "ـ": ""},
    **{"ँ": "ं", "\u093c": ""},
    **{"’": "'", "‘": "'", "‛": "'", "ʼ": "'", "“": '"', "”": '"', "„": '"', "‟": '"'},
}


class _Folds(dict[int, str]):
    """What each character becomes, worked out when it is first seen."""

    def __missing__(self, code: int) -> str:
        plain = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", chr(code)).casefold())
        if plain not in LETTERS_OF_THEIR_OWN:
            parts = unicodedata.normalize("NFD", plain)
            plain = unicodedata.normalize("NFC", "".join(_part(part) for part in parts))
        self[code] = plain = "".join(_in_hiragana(char) for char in plain)
        return plain


def _part(char: str) -> str:
    if char in TWINS:
        return TWINS[char]
    kind = unicodedata.category(char)
    if kind == "Nd":
        return str(unicodedata.decimal(char))
    if kind == "Pd":
        return "-"
    if char.isspace():
        return " "
    is_accent = kind == "Mn" and char not in VOICED and unicodedata.name(char, "").startswith(ACCENTS)
    return "" if is_accent or kind == "Cf" else char


def _in_hiragana(char: str) -> str:
    return chr(ord(char) - 0x60) if "ァ" <= char <= "ヶ" or char in "ヽヾ" else char


_FOLDS = _Folds()
_VOICED = re.compile(f".[{VOICED}]", re.DOTALL)
# A mark that is a character of its own beside half-width kana belongs to the one before it.
_ONE = re.compile(f".[{VOICED}\uff9e\uff9f]?", re.DOTALL)


def fold(text: str) -> str:
    """The text as it is compared; equal for all that a reader takes for the same."""
    folded = text.translate(_FOLDS)
    return _VOICED.sub(lambda pair: unicodedata.normalize("NFC", pair[0]), folded) if VOICED[0] in folded or VOICED[1] in folded else folded


class Folded:
    """A folded text that knows where each of its characters stood."""

    def __init__(self, text: str) -> None:
        pieces = [(fold(one[0]), one.start()) for one in _ONE.finditer(text)]
        self.text = "".join(folded for folded, _ in pieces)
        self._starts = [start for folded, start in pieces for _ in folded]
        ends = [start for folded, start in pieces if folded][1:] + [len(text)]
        self._ends = [end for (folded, _), end in zip((piece for piece in pieces if piece[0]), ends, strict=True) for _ in folded]
        self._units = list(accumulate((1 + (char > "\uffff") for char in text), initial=0))

    def origin(self, start: int, end: int) -> tuple[int, int]:
        """Where these characters of the folded text stand in the text, in UTF-16 code units; end is beyond the last."""
        return self._units[self._starts[start]], self._units[self._ends[end - 1]]
