"""Folding: what a reader takes for the same is the same, what they tell apart is not, and each part knows where it stood."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatx.models.search.folding import Folded, fold

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=40).map(lambda text: unicodedata.normalize("NFC", text))


@pytest.mark.parametrize(
    "same",
    [
        ("Café", "CAFE", "cafe", "ｃａｆé"),
        ("Straße", "STRASSE", "strasse"),
        ("Łódź", "lodz"),
        ("Đà Nẵng", "da nang"),
        ("İstanbul", "ISTANBUL", "ıstanbul", "istanbul"),
        ("Ναός", "ΝΑΌΣ", "ναος", "ναοσ"),
        ("Ёлка", "елка"),
        ("שָׁלוֹם", "שלום"),
        ("أهلاً", "اهلا", "أهـلا"),
        ("کتاب یک", "كتاب يك"),
        ("مدرسة", "مدرسه"),
        ("क़लम", "कलम"),
        ("ガギグ", "がぎぐ", "ｶﾞｷﾞｸﾞ"),
        ("①２３", "123", "١٢٣", "१२३"),
        ("don’t", "don't"),
        ("Fluß – Ufer", "fluss - ufer"),
        ("❤️", "❤"),
        ("a\u00a0b\tc\nd", "a b c d"),
        ("co\u00adop", "coop"),
    ],
    ids=lambda same: same[0],
)
def test_what_a_reader_takes_for_the_same_is_the_same(same: tuple[str, ...]) -> None:
    assert len({fold(unicodedata.normalize("NFC", text)) for text in same}) == 1


@pytest.mark.parametrize(
    "apart",
    [("май", "маи"), ("か", "が"), ("は", "ぱ"), ("มา", "ม้า"), ("की", "के"), ("한", "하"), ("湖", "胡"), ("C++", "C"), ("ї", "і")],
    ids=str,
)
def test_what_a_reader_tells_apart_is_not_the_same(apart: tuple[str, str]) -> None:
    assert fold(apart[0]) != fold(apart[1])


@pytest.mark.parametrize(
    ("text", "found", "shown"),
    [
        ("zum Café!", "cafe", "Café"),
        ("Straße", "ss", "ß"),
        ("Straße", "strasse", "Straße"),
        ("😀 Straße", "strasse", "Straße"),
        ("ברוך שָׁלוֹם רב", "שלום", "שָׁלוֹם"),
        ("x\u0302y", "x", "x\u0302"),
        ("ｶﾞｷﾞ", "ぎ", "ｷﾞ"),
        ("ﬁne", "fi", "ﬁ"),
        ("a\u200db", "b", "b"),
        ("❤️ ok", "❤", "❤️"),
    ],
)
def test_a_part_stands_where_its_characters_stood(text: str, found: str, shown: str) -> None:
    folded = Folded(unicodedata.normalize("NFC", text))
    at = folded.text.index(found)
    start, end = folded.origin(at, at + len(found))
    units = unicodedata.normalize("NFC", text).encode("utf-16-le")
    assert units[2 * start : 2 * end].decode("utf-16-le") == unicodedata.normalize("NFC", shown)


@given(TEXTS)
def test_every_text_folds_to_one_that_folds_to_itself_and_each_part_has_an_origin(text: str) -> None:
    folded = Folded(text)
    assert folded.text == fold(text)
    origins = [folded.origin(place, place + 1) for place in range(len(folded.text))]
    assert all(start < end for start, end in origins)
    assert origins == sorted(origins)
    assert fold(unicodedata.normalize("NFC", folded.text)) == fold(unicodedata.normalize("NFC", fold(folded.text)))
