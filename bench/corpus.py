"""Texts to search through: a made-up language, its words as common as those of real ones, and some Chinese; always the same.

The word at place n of the vocabulary is 1/n as common as the first. What is looked for is chosen by how many messages hold it.
"""

import random
from collections.abc import Iterator
from itertools import accumulate

VOWELS, CONSONANTS = "aeiou", "bcdfghjklmnprstvwz"
WORDS, CHARACTERS = 30_000, 3_000
CHINESE = 0.1
SAID = (3, 16)  # words, or twice as many characters
FIRST_CHARACTER = 0x4E00

_random = random.Random(1)


def _word() -> str:
    syllables = _random.choice((1, 2, 2, 3, 3, 4))
    return "".join(
        _random.choice(CONSONANTS) + _random.choice(VOWELS) + _random.choice(("", "", *CONSONANTS)) for _ in range(syllables)
    )


VOCABULARY = list(dict.fromkeys(_word() for _ in range(2 * WORDS)))[:WORDS]
_HAN = [chr(FIRST_CHARACTER + number) for number in range(CHARACTERS)]
_SHARES = list(accumulate(1 / place for place in range(1, WORDS + 1)))


def texts(number: int, seed: int) -> Iterator[str]:
    """So many texts; the same seed gives the same ones."""
    chance = random.Random(seed)
    for _ in range(number):
        length = chance.randint(*SAID)
        if chance.random() < CHINESE:
            yield "".join(chance.choices(_HAN, cum_weights=_SHARES[:CHARACTERS], k=2 * length))
        else:
            yield " ".join(chance.choices(VOCABULARY, cum_weights=_SHARES, k=length))


def queries(calls: int) -> dict[str, list[str]]:
    """What is looked for, by the kind of it: as many as there are calls, no two of a kind alike where there is a choice."""
    turns = range(calls)
    return {
        "rare word": [VOCABULARY[WORDS - 1 - turn] for turn in turns],
        "common word": [VOCABULARY[turn % 20] for turn in turns],
        "part of a word": [VOCABULARY[1_000 + turn][-3:] for turn in turns],
        "two words": [f"{VOCABULARY[100 + turn]} {VOCABULARY[300 + turn]}" for turn in turns],
        "Chinese": ["".join(_HAN[(turn * step + 5) % 200] for step in (7, 11)) for turn in turns],
        "nothing": [f"{VOCABULARY[turn]}qx{VOCABULARY[turn + 1]}" for turn in turns],
    }
