"""Formatting: found in the plain source by WhatsApp's signs, counted in UTF-16 code units, in linear time whatever is sent."""

import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from chatx.schemas.message.formatting import EVERYONE, entities_of
from chatx.schemas.message.formatting.blocks import entities_in
from config import LIMITS

BOB = "01a210fb-0a72-72e9-bed9-29ee3e4ec1b7"
LONGEST = LIMITS["text_bytes"]


def units(text: str) -> list[str]:
    """Its UTF-16 code units, as a client in JavaScript has them."""
    encoded = text.encode("utf-16-le", "surrogatepass")
    return [encoded[place : place + 2].decode("utf-16-le", "surrogatepass") for place in range(0, len(encoded), 2)]


def shown(text: str, entity: dict[str, Any]) -> str:
    """What a client shows of it: without the signs."""
    begin, end = entity["offset"] + entity["open"], entity["offset"] + entity["length"] - entity["close"]
    return "".join(units(text)[begin:end]).encode("utf-16", "surrogatepass").decode("utf-16")


def found(text: str, *mentions: str) -> list[tuple[str, str]]:
    return [(entity["type"], shown(text, entity)) for entity in entities_of(text, mentions)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("*bold* _italic_ ~gone~ `code`", [("bold", "bold"), ("italic", "italic"), ("strike", "gone"), ("mono", "code")]),
        ("||who did it||", [("spoiler", "who did it")]),
        ("```let *x*\n> y```", [("code_block", "let *x*\n> y")]),
        ("see ```a``` and *b*", [("code_block", "a"), ("bold", "b")]),
        ("> as you said\nno", [("quote", "as you said")]),
        (
            "- milk\n* bread\n1. go\n22. back",
            [("list_item", "milk"), ("list_item", "bread"), ("list_item", "go"), ("list_item", "back")],
        ),
        ("> - _both_", [("quote", "- _both_"), ("list_item", "_both_"), ("italic", "both")]),
        ("*all _of ~it~_*", [("bold", "all _of ~it~_"), ("italic", "of ~it~"), ("strike", "it")]),
        ("*crossed _over* here_", [("bold", "crossed _over")]),
        ("snake_case_name 2*3*4 a~b~c", []),
        ("2 * 3 * 4, _ or _", []),
        ("(*bold*), *bold*!", [("bold", "bold"), ("bold", "bold")]),
        ("*not\nbold*", []),
        ("** __ ~~ `` |||| ``````", []),
        ("**twice**", [("bold", "twice")]),
        ("`*plain* _source_`", [("mono", "*plain* _source_")]),
        ("`never ends *bold*", [("bold", "bold")]),
        ("```never ends *bold*", [("bold", "bold")]),
        (">no -no 1.no", []),
        ("> \n- \n1. ", []),
        ("hello\n \n there", []),
        ("<b>bold</b> &amp;", []),
    ],
)
def test_what_is_formatted(text: str, expected: list[tuple[str, str]]) -> None:
    assert found(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("see https://example.com/_a_?b=*c*.", [("link", "https://example.com/_a_?b=*c", "https://example.com/_a_?b=*c")]),
        ("(http://a.example)", [("link", "http://a.example", "http://a.example")]),
        ("https://a.example/x_(y)", [("link", "https://a.example/x_(y)", "https://a.example/x_(y)")]),
        ("Www.a.example/b", [("link", "Www.a.example/b", "https://Www.a.example/b")]),
        ("javascript:alert(1) file:///etc https:// www.", []),
        ("mail alice.b+c@mail.example.", [("email", "alice.b+c@mail.example", "mailto:alice.b+c@mail.example")]),
        ("a@b @b a@", []),
        ("call +49 (170) 123-4567!", [("phone", "+49 (170) 123-4567", "tel:+491701234567")]),
        ("1+1000000 +12 3", []),
    ],
)
def test_what_can_be_followed(text: str, expected: list[tuple[str, str, str]]) -> None:
    told = [(entity["type"], shown(text, entity), entity["url"]) for entity in entities_of(text)]
    assert told == expected


def test_a_link_in_bold_is_both() -> None:
    assert found("*https://a.example/b_c_d*") == [("bold", "https://a.example/b_c_d"), ("link", "https://a.example/b_c_d")]


def test_people_are_found_by_their_id_and_only_those_who_are_mentioned() -> None:
    text = f"you, *@{BOB}*, and @everyone"
    assert found(text, BOB) == [("bold", f"@{BOB}"), ("mention", f"@{BOB}")]
    assert found(text, EVERYONE) == [("bold", f"@{BOB}"), ("everyone", "@everyone")]
    mention, everyone = entities_of(f"@{BOB} @everyone", (BOB, EVERYONE))
    assert (mention["user_id"], "user_id" in everyone) == (BOB, False)


def test_a_number_in_a_list_is_told() -> None:
    assert [entity.get("number") for entity in entities_of("- a\n7. b")] == [None, 7]


def test_offsets_count_utf_16_code_units() -> None:
    bold, *_ = entities_of("😀 👩‍👩‍👧‍👦 é *😀*")
    assert (bold["offset"], bold["length"]) == (17, 4)
    assert found("😀*no* 👍 *😀é* ~x~") == [("bold", "no"), ("bold", "😀é"), ("strike", "x")]


def test_only_the_beginning_of_a_long_text_is_looked_at_and_only_so_many_are_told() -> None:
    most, far = LIMITS["entities"], LIMITS["formatted_characters"]
    assert len(entities_of("*a* " * (most + 1))) == most
    assert found("x" * (far - 3) + " *a*") == []
    assert found("*a* " + "x" * far) == [("bold", "a")]


SIGNS = some.sampled_from(
    [
        *("*", "_", "~", "`", "```", "|", "||", "**", "> ", "- ", "1. ", "\n", " ", "\t", "\r", "\u2028"),
        *("a", "é", "😀", "\ud800", "@", "(", ")", ".", "https://a.example/", "www.a.example", "a@b.example"),
        *("+49 170 1234567", f"@{BOB}", "@everyone"),
    ]
)


@given(some.lists(SIGNS, max_size=60).map("".join) | some.text(max_size=60))
def test_entities_are_within_the_text_and_nested(text: str) -> None:
    entities = entities_of(text, (BOB, EVERYONE))
    places = [(entity["offset"], entity["offset"] + entity["length"]) for entity in entities]
    assert places == sorted(places, key=lambda place: (place[0], -place[1]))
    whole = units(text)
    for entity, (begin, end) in zip(entities, places, strict=True):
        assert 0 <= begin < end <= len(whole)
        assert entity["open"] + entity["close"] < entity["length"]
        assert not ("\udc00" <= whole[begin] <= "\udfff"), "it begins within a character"
    for number, (begin, end) in enumerate(places):
        for other_begin, other_end in places[number + 1 :]:
            assert other_begin >= end or other_end <= end, (text, entities)
            assert (other_begin, other_end) != (begin, end) or {entities[number]["type"]} != {entities[number + 1]["type"]}


HOSTILE = {
    "signs": "*",
    "signs apart": "* ",
    "opened": " *a",
    "all opened": "*a _b ~c ||d ",
    "mono": " `a",
    "fences": "```",
    "code": "```a",
    "spoilers": "||",
    "mixed": "*_~`||",
    "quotes": "> ",
    "lists": "- *a*\n",
    "numbers": "1. ",
    "lines": "\n",
    "links": "https://a*)",
    "schemes": "https://",
    "hosts": "www.a.",
    "names": "a@",
    "addresses": "a@a.",
    "underscores": "a__",
    "dots": "a.",
    "phones": "+1 (1",
    "digits": "1",
    "letters": "a",
    "spaces": " ",
    "emoji": "😀*a* ",
    "ids": f"@{BOB}",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_no_text_takes_longer_than_its_length(name: str) -> None:
    """All of the longest text, without the limits: looking at it from each of its places anew would take minutes."""
    text = (HOSTILE[name] * LONGEST)[: LONGEST - 1] + "*"
    began = time.process_time()
    list(entities_in(text, ()))
    assert time.process_time() - began < 3
