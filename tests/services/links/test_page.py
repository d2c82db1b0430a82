"""What a page says of itself, whatever it is made of; and no page takes long to read."""

import time
from typing import Any

import pytest

from chatx.services.links.fetch import Fetched
from chatx.services.links.page import Page, read
from config import LIMITS


def said(body: str | bytes, charset: str | None = None) -> Page | None:
    return read(Fetched(body.encode() if isinstance(body, str) else body, charset))


def test_opengraph_comes_before_what_else_a_page_says() -> None:
    page = """<html><head><TITLE>Other</TITLE><meta name=description content='Plain'>
    <META content="The &quot;lake&quot; &lt;here&gt;" Property="og:title"><meta name='og:description' content="a > b">
    <meta property="og:site_name" content=Lakes><meta property="og:title" content="second"></head>"""
    assert said(page) == Page('The "lake" <here>', "a > b", "Lakes")
    assert said("<title>\n  Only\n a <b>title </title><meta name=description content=''>") == Page("Only a <b>title", None, None)
    assert said("<meta property='og:title' content=' '><title>T</title>") == Page("T", None, None)


@pytest.mark.parametrize(
    "page", ["", "words", "<title></title>", "<title> \n </title>", "<meta property='og:description' content='x'>"]
)
def test_a_page_without_a_title_says_nothing(page: str) -> None:
    assert said(page) is None


@pytest.mark.parametrize(
    "hidden",
    ["<!--{}-->", "<script>var x = '{}'</script>", "<style>{}</style>", "<noscript>{}</noscript>", "<svg>{}</svg>", "<!-- {}"],
)
def test_what_is_not_shown_as_its_title_is_none(hidden: str) -> None:
    assert said(hidden.replace("{}", "<title>no</title>")) is None
    if "<!-- {}" not in hidden:
        assert said(hidden.replace("{}", "<title>no</title>") + "<title>yes</title>") == Page("yes", None, None)


def test_texts_are_bounded_and_of_visible_characters() -> None:
    long = "x" * 5_000
    page = said(f"<title>{long}</title><meta name=description content='{long}'><meta property=og:site_name content='{long}'>")
    assert page is not None
    most = LIMITS["link_preview_title_characters"]
    assert (page.title, page.site_name) == ("x" * (most - 1) + "…",) * 2
    assert page.description == "x" * (LIMITS["link_preview_description_characters"] - 1) + "…"
    odd = "a\0b\x07c\u202ed\u2066e\ufeffg&#0;&#x202e;h\u200bi\ud800".encode("utf-8", "surrogatepass")
    assert said(b"<title>" + odd + b"</title>").title.replace("\ufffd", "") == "abcdeghi"
    family = "👩‍👩‍👧‍👦 e\u0301"
    assert said(f"<title>{family}</title>") == Page("👩‍👩‍👧‍👦 é", None, None)
    assert said("<title>&#" + "9" * 10_000 + ";</title>") is not None


@pytest.mark.parametrize(
    ("charset", "encoding", "meta"),
    [
        ("iso-8859-1", "latin-1", ""),
        ("windows-1252", "cp1252", ""),
        (None, "shift_jis", "<meta charset=shift_jis>"),
        (None, "utf-8", ""),
        (None, "utf-8-sig", ""),
        ("no-such", "utf-8", ""),
        ("zlib", "utf-8", ""),
        ("punycode", "utf-8", ""),
        ("unicode_escape", "utf-8", ""),
    ],
)
def test_it_is_read_in_its_own_encoding(charset: str | None, encoding: str, meta: str) -> None:
    title = "日本" if encoding == "shift_jis" else "Grüße"
    assert said(f"{meta}<title>{title}</title>".encode(encoding), charset) == Page(title, None, None)


SIZE = LIMITS["link_preview_bytes"]
HOSTILE = [
    "<",
    "<!--",
    "<a ",
    "<a b='",
    "</",
    "<?",
    "<!",
    "<script>",
    "<script",
    "<title",
    "<title>",
    "<title ",
    "<meta ",
    "<meta '",
]
HOSTILE += [
    '<meta "',
    "<meta a",
    "<meta a ",
    "<meta a= ",
    "<meta a='",
    "<meta '\"",
    "<meta =",
    "&",
    "&#",
    "<svg><",
    "</script",
    "a",
    " ",
]


@pytest.mark.parametrize("piece", HOSTILE)
def test_no_page_takes_long_to_read(piece: str) -> None:
    """Ten times as long as it takes here would still be no time."""
    for head in ("", "<meta x='", "<title>", "<meta " + "a" * 1_000):
        began = time.perf_counter()
        said((head + piece * SIZE)[:SIZE])
        assert time.perf_counter() - began < 1


def test_any_bytes_are_read() -> None:
    chance: Any = __import__("random").Random(3)
    for _ in range(200):
        said(bytes(chance.choices(b"<>!-/metaitlscrp'\"= \xff\xc3\0&#;", k=2_000)))
