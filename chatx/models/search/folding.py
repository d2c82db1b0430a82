"""Text as search compares it: without case, accents, width, and whatever else a reader does not type."""

import re
import unicodedata
from itertools import accumulate

# What its mark makes another letter of (и, й) stays one. So do all marks that are vowels or tones: Thai, Hindi, kana.
LETTERS_OF_THEIR_OWN = frozenset("йїѓќў")
ACCENTS = ("COMBINING ", "HEBREW ", "ARABIC ", "VARIATION SELECTOR")
VOICED = "\u3099\u309a"
# What Unicode takes for two letters, and a reader for one.
TWINS = {
    **{"ł": "l", "ø": "o", "đ": "d", "ð": "d", "ħ": "h", "ŧ": "t", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th"},
    # Arabic, Persian and Urdu keyboards and habits; the line that stretches a word.
    **{"ٱ": "ا", "ى": "ي", "ی": "ي", "ک": "ك", "ة": "ه", "ہ": "ه", "ـ": ""},
    # Hindi: the dot below that is often left out, and two ways to write a nasal.
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


_folds = _Folds()
_VOICED = re.compile(f".[{VOICED}]", re.DOTALL)
# Beside half-width kana the mark is a character of its own.
_ONE = re.compile(f".[{VOICED}\uff9e\uff9f]?", re.DOTALL)


def fold(text: str) -> str:
    """The text as it is compared; equal for all that a reader takes for the same."""
    folded = text.translate(_folds)
    if any(mark in folded for mark in VOICED):
        folded = _VOICED.sub(lambda pair: unicodedata.normalize("NFC", pair[0]), folded)
    return folded


class Folded:
    """A folded text that knows where each of its characters stood."""

    def __init__(self, text: str) -> None:
        self.text, self._whole = fold(text), text
        ones = _ONE.findall(text)
        lengths = [len(fold(one)) for one in ones] if len(ones) < len(text) else [len(_folds[ord(char)]) for char in text]
        self._lengths, self._starts = lengths, list(accumulate(map(len, ones), initial=0))
        self._ones = [number for number, length in enumerate(lengths) for _ in range(length)]

    def origin(self, start: int, end: int) -> tuple[int, int]:
        """Where these characters of the folded text stand in the text, in UTF-16 code units; `end` is beyond the last one."""
        first, beyond = self._ones[start], self._ones[end - 1] + 1
        # What becomes nothing, as an accent, belongs to the one before it.
        while beyond < len(self._lengths) and not self._lengths[beyond]:
            beyond += 1
        return self._units(self._starts[first]), self._units(self._starts[beyond])

    def _units(self, characters: int) -> int:
        return len(self._whole[:characters].encode("utf-16-le")) // 2
