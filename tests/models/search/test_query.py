"""Queries: what is written is taken at its word, and a text that is a hit always has the grams that the index is asked for."""

from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from chatx.models.search.folding import fold
from chatx.models.search.grams import grams_of
from chatx.models.search.query import Query, terms_of

# Scripts with and without spaces, marks, emoji and punctuation, few of each so that they meet.
ALPHABET = "abéßŁ19 яйщאשׁمقगिंคำ้湖边がガｶﾞ한국😀👍🏽-_'\".%*\\:\n"
TEXTS = st.text(ALPHABET, max_size=30)


@dataclass
class Text:
    text: str
    sender_id: str = "somebody"
    type: str = "text"
    data: dict[str, Any] = field(default_factory=dict)
    deleted_at: None = None


def finds(written: str, text: str) -> bool:
    return Query(terms_of(written)).finds(Text(text))


@given(TEXTS, st.integers(0, 29), st.integers(1, 12))
@example("a-b", 0, 2)
@example("3日5", 0, 2)
@example("don't", 3, 2)
@example("x 한국어", 2, 1)
def test_the_index_is_asked_for_nothing_that_a_hit_does_not_have(text: str, start: int, length: int) -> None:
    terms = terms_of(text[start : start + length])
    assume(terms)
    query = Query(terms)
    found = query.finds(Text(text))
    assert found is all(term.spans(fold(text)) for term in terms)
    if found:
        assert query.grams <= grams_of(fold(text))
        assert query.spans(Text(text))


@given(TEXTS, TEXTS)
def test_whatever_is_found_in_a_text_has_been_in_the_index(written: str, text: str) -> None:
    query = Query(terms_of(written))
    if query.finds(Text(text)):
        assert query.grams <= grams_of(fold(text))


@pytest.mark.parametrize("word", ["湖边见", "cafe", "😀", "한국어", "ภาษา", "100%", "c++", "a_b", "*", "'); DROP TABLE", "\\d+"])
def test_a_word_finds_every_text_that_holds_it(word: str) -> None:
    assert all(finds(word, text) for text in (word, f"so {word}", f"{word} so", f"a {word.upper()}, b"))


@pytest.mark.parametrize(
    ("written", "text", "hit"),
    [
        ("lake saturday", "on saturday at the lake", True),
        ("lake sunday", "on saturday at the lake", False),
        ('"the lake"', "at the lake", True),
        ('"the lake"', "at the, lake", True),
        ('"the lake"', "lake the", False),
        ('"the lake"', "at the big lake", False),
        ("“the lake”", "at the lake", True),
        ('"湖边 见面"', "在湖边，见面", True),
        ('"a - b"', "a - b", True),
        ('"a - b"', "a c b", False),
        ('5" screen', 'a 5" screen', True),
        ('5" screen', "a 5 inch screen", False),
        ("ello", "hello", True),
        ("hell", "hello", True),
        ("he", "hello", True),
        ("lo", "hello", False),
        ("h", "oh hello", True),
        ("h", "oh", False),
        ("边", "湖边", True),
        ("or", "this or that", True),
        ("NOT lake", "the lake", False),
        ("la*", "lake", False),
        ("l_ke", "lake", False),
        ("%", "100%", True),
        ("%", "100", False),
        ("lake lake", "lake", True),
    ],
)
def test_all_words_in_any_order_phrases_in_theirs_and_nothing_else_has_a_meaning(written: str, text: str, hit: bool) -> None:
    assert finds(written, text) is hit


@pytest.mark.parametrize("nothing", ["", " ", '""', '" "', "\u200b", "\u0301"])
def test_what_holds_nothing_has_no_terms(nothing: str) -> None:
    assert terms_of(nothing) == []


def test_a_phrase_of_much_punctuation_takes_no_time() -> None:
    query = Query(terms_of(f'"{" ".join("-" * 8)} a- -b {" ".join("-" * 8)}"'))
    assert not query.finds(Text("a" + "-" * 60_000))
    assert not query.finds(Text("a- " * 20_000))
