"""The first link of a text, as people write them."""

import pytest

from chatx.models.link_preview import first_link


@pytest.mark.parametrize(
    ("text", "link"),
    [
        ("https://example.com", "https://example.com"),
        ("see http://example.com/a?b=c#d, and https://other.example", "http://example.com/a?b=c#d"),
        ("HTTPS://Example.com.", "HTTPS://Example.com"),
        ("(https://example.com/a)", "https://example.com/a"),
        ("(see https://en.wikipedia.org/wiki/Lake_(disambiguation)).", "https://en.wikipedia.org/wiki/Lake_(disambiguation)"),
        ("[https://example.com/[a]]", "https://example.com/[a]"),
        ('<a href="https://example.com/">', "https://example.com/"),
        ("»https://example.com/ä«", "https://example.com/ä«"),
        ("*https://example.com*, _https://b.example_", "https://example.com"),
        ("is it https://example.com/?", "https://example.com/"),
        ("two\nhttps://example.com\nlines", "https://example.com"),
        ("https://example.com:8443/x", "https://example.com:8443/x"),
        ("xhttps://example.com", None),
        ("https:// example.com", None),
        ("https://", None),
        ("ftp://example.com", None),
        ("example.com", None),
        ("", None),
    ],
)
def test_the_first_link_ends_where_a_reader_would_end_it(text: str, link: str | None) -> None:
    assert first_link(text) == link
