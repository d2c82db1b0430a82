"""What a page says of itself: OpenGraph, or else its title and description, as plain text of bounded length.

Read by expressions that look at each character a bounded number of times. The standard library's parser takes quadratic time for
hostile pages: a quarter of a megabyte of `<!--` keeps it busy for minutes.
"""

import codecs
import html
import re
import unicodedata
from dataclasses import dataclass

from chatx.services.links.fetch import Fetched
from config import LIMITS

TAGS = re.compile(
    r"""<!--.*?(?:-->|\Z)
    | <(?P<raw>script|style|noscript|template|svg)\b.*?(?:</(?P=raw)\b|\Z)
    | <title\b[^>]{0,500}+>(?P<title>.*?)(?:</title\b|\Z)
    | <meta\b(?P<meta>(?:[^>"']|"[^"]*+"|'[^']*+')*+)""",
    re.IGNORECASE | re.DOTALL | re.VERBOSE,
)
ATTRIBUTES = re.compile(r"""([^\s"'>/=]{1,40}+)\s*+=\s*+(?:"([^"]*+)"|'([^']*+)'|([^\s"'>]++))""")
CHARSET = re.compile(rb"""<meta\b[^>]{0,200}?charset\s*=\s*["']?([\w-]{1,40})""", re.IGNORECASE)
LONGEST_TEXT = 4_000  # that is looked at, before it is cut
LONGEST_TAG = 8_000
# Names that servers give, and nothing that is slow, or no text.
ENCODING = re.compile(
    r"utf-?8|us-ascii|ascii|(iso-?8859|windows|cp)-?\d{1,4}|koi8-[ru]|shift_jis|euc-(jp|kr)|gbk|gb2312|gb18030|big5", re.I
)
TITLES = ("og:title", "twitter:title", "title")
DESCRIPTIONS = ("og:description", "twitter:description", "description")
# Controls, and what turns the direction of a text or hides in it. A joiner belongs to emoji and to scripts that need it.
UNWANTED = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
JOINERS = "\u200c\u200d"


@dataclass(frozen=True, slots=True)
class Page:
    title: str
    description: str | None
    site_name: str | None


def read(fetched: Fetched) -> Page | None:
    """What it says of itself; None if it does not even have a title."""
    said = _said(fetched.body.decode(_encoding(fetched), errors="replace"))
    title = _first(said, TITLES, LIMITS["link_preview_title_characters"])
    if title is None:
        return None
    description = _first(said, DESCRIPTIONS, LIMITS["link_preview_description_characters"])
    return Page(title, description, _first(said, ("og:site_name",), LIMITS["link_preview_title_characters"]))


def _said(text: str) -> dict[str, str]:
    """The first of each name."""
    said: dict[str, str] = {}
    for tag in TAGS.finditer(text):
        if tag["title"] is not None:
            said.setdefault("title", tag["title"])
        elif tag["meta"] is not None:
            given = {name.lower(): one or two or three for name, one, two, three in ATTRIBUTES.findall(tag["meta"][:LONGEST_TAG])}
            said.setdefault((given.get("property") or given.get("name") or "").lower(), given.get("content", ""))
    return said


def _first(said: dict[str, str], names: tuple[str, ...], most: int) -> str | None:
    """The first of these that says something, as text."""
    return next((text for name in names if (text := _plain(said.get(name, ""), most))), None)


def _plain(text: str, most: int) -> str:
    """Without tags' escapes, controls and runs of white space, and not longer than that."""
    spaced = " ".join(html.unescape(text[:LONGEST_TEXT]).split())
    kept = "".join(each for each in spaced if each in JOINERS or unicodedata.category(each) not in UNWANTED)
    normal = unicodedata.normalize("NFC", kept).strip()
    return normal if len(normal) <= most else normal[: most - 1].rstrip() + "…"


def _encoding(fetched: Fetched) -> str:
    if fetched.body.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    named = CHARSET.search(fetched.body[:1_024])
    for name in (fetched.charset, named and named[1].decode("ascii")):
        if name and ENCODING.fullmatch(name):
            try:
                return codecs.lookup(name).name
            except LookupError:
                continue
    return "utf-8"
