"""What a server may do to whoever asks it for a page: all of it ends soon, and reads no more than it may."""

import ssl
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from chatx.services.links import fetch, wire
from chatx.services.links.fetch import Fetcher
from chatx.services.links.target import Refused
from config import LIMITS
from tests.support.tls import Authority
from tests.support.website import BOMB, PAGE, Website, drop_by_drop, endless_headers, page, silence, to, without_end


@pytest.fixture
def website() -> Iterator[Website]:
    site = Website({"/": page()})
    yield site
    site.close()


@pytest.fixture
def fetcher(website: Website) -> Fetcher:
    return Fetcher(allowed=frozenset({website.place}))


@pytest.fixture
def hurry(monkeypatch: pytest.MonkeyPatch) -> float:
    """Less time for a page, so that the tests have some."""
    monkeypatch.setitem(LIMITS, "link_preview_seconds", 1)
    return 1.0


def test_a_page_is_fetched_up_to_the_end_of_its_head(website: Website, fetcher: Fetcher) -> None:
    found = fetcher.fetch(f"{website.url}/")
    assert (found.body, found.charset) == (PAGE, "utf-8")
    big = PAGE + b"x" * 10 * LIMITS["link_preview_bytes"]
    website.pages["/big"] = page(big)
    read = fetcher.fetch(f"{website.url}/big").body
    assert read.startswith(PAGE)
    assert len(read) <= len(PAGE) + wire.CHUNK


@pytest.mark.parametrize("answer", [drop_by_drop, silence])
def test_a_slow_server_has_its_time_and_no_more(website: Website, fetcher: Fetcher, hurry: float, answer) -> None:
    website.pages["/slow"] = answer
    began = time.monotonic()
    with pytest.raises(Refused):
        fetcher.fetch(f"{website.url}/slow")
    assert hurry * 0.9 < time.monotonic() - began < hurry + 0.5


def test_time_and_size_are_those_of_all_hops_together(website: Website, fetcher: Fetcher, hurry: float) -> None:
    def slow_redirect(wire) -> None:
        time.sleep(0.6)
        to("/slow")(wire)

    website.pages["/slow"] = slow_redirect
    began = time.monotonic()
    with pytest.raises(Refused):
        fetcher.fetch(f"{website.url}/slow")
    assert time.monotonic() - began < hurry + 0.5
    assert len(website.asked) == 2


@pytest.mark.parametrize("answer", [without_end, endless_headers])
def test_a_huge_answer_is_not_read_to_its_end(website: Website, fetcher: Fetcher, answer) -> None:
    website.pages["/huge"] = answer
    began = time.monotonic()
    with pytest.raises(Refused):
        fetcher.fetch(f"{website.url}/huge")
    assert time.monotonic() - began < LIMITS["link_preview_seconds"]


def test_nothing_compressed_is_read_and_so_no_bomb(website: Website, fetcher: Fetcher) -> None:
    assert len(BOMB) < 100_000
    for encoding in ("gzip", "deflate", "br", "x-gzip", "gzip, gzip"):
        website.pages["/bomb"] = page(BOMB, Content_Encoding=encoding)
        with pytest.raises(Refused, match="it is compressed"):
            fetcher.fetch(f"{website.url}/bomb")
    assert all("Accept-Encoding: identity" in head for _, head in website.asked)


@pytest.mark.parametrize("kind", ["image/png", "application/pdf", "application/json", "text/plain", "", "text/htmlx"])
def test_what_is_no_page_is_not_read(website: Website, fetcher: Fetcher, kind: str) -> None:
    website.pages["/file"] = page(kind=kind)
    with pytest.raises(Refused, match="it is no page"):
        fetcher.fetch(f"{website.url}/file")


@pytest.mark.parametrize("status", ["404 Not Found", "500 Oops", "204 No Content", "206 Partial Content", "401 Unauthorized"])
def test_what_is_no_success_is_not_read(website: Website, fetcher: Fetcher, status: str) -> None:
    website.pages["/gone"] = page(status=status)
    with pytest.raises(Refused):
        fetcher.fetch(f"{website.url}/gone")


def test_redirects_are_followed_by_hand_and_not_for_ever(website: Website, fetcher: Fetcher) -> None:
    hops = LIMITS["link_preview_redirects"]
    for number in range(hops):
        website.pages[f"/{number}"] = to(f"/{number + 1}")
    website.pages[f"/{hops}"] = page()
    assert fetcher.fetch(f"{website.url}/0").body == PAGE
    assert [path for path, _ in website.asked] == [f"/{number}" for number in range(hops + 1)]
    website.pages["/round"] = to(f"{website.url}/round")
    with pytest.raises(Refused, match="it leads on and on"):
        fetcher.fetch(f"{website.url}/round")
    assert len(website.asked) == 2 * (hops + 1)


@pytest.mark.parametrize(
    "said", [b"", b"\0" * 100, b"SSH-2.0-OpenSSH\r\n", b"HTTP/1.1 200 OK\r\n: bad\r\n\r\n", b"HTTP/1.1 abc\r\n\r\n"]
)
def test_what_does_not_speak_http_is_refused(website: Website, fetcher: Fetcher, said: bytes) -> None:
    website.pages["/odd"] = lambda wire: wire.sendall(said)
    with pytest.raises(Refused):
        fetcher.fetch(f"{website.url}/odd")


def test_a_server_that_is_not_there_is_refused(website: Website, fetcher: Fetcher) -> None:
    website.close()
    with pytest.raises(Refused):
        fetcher.fetch(f"{website.url}/")


def test_the_second_address_is_tried_where_the_first_does_not_answer(website: Website) -> None:
    nowhere = ("127.0.0.3", website.port)
    fetcher = Fetcher(allowed=frozenset({website.place, nowhere}), resolve=lambda host, port: ["127.0.0.3", website.host])
    assert fetcher.fetch(f"http://example.com:{website.port}/").body == PAGE


def test_tls_proves_the_name_at_the_address_that_was_judged(tmp_path: Path) -> None:
    """The authority vouches for 127.0.0.1, and for no name."""
    authority = Authority(tmp_path)
    names: list[str | None] = []
    authority.context.sni_callback = lambda wire, name, context: names.append(name)
    site = Website({"/": page()}, context=authority.context)
    trusting = ssl.create_default_context(cafile=authority.environ["SSL_CERT_FILE"])
    options = {"allowed": frozenset({site.place}), "resolve": lambda host, port: [site.host]}
    assert Fetcher(**options, context=trusting).fetch(f"{site.url}/").body == PAGE
    with pytest.raises(Refused, match="SSLCertVerificationError"):
        Fetcher(**options, context=trusting).fetch(f"https://example.com:{site.port}/")
    with pytest.raises(Refused, match="SSLCertVerificationError"):
        Fetcher(**options).fetch(f"{site.url}/")
    assert names == [None, "example.com", None]
    assert len(site.asked) == 1
    site.close()


def test_a_slow_handshake_has_its_time_too(website: Website, fetcher: Fetcher, hurry: float) -> None:
    """A server that does not speak TLS, and waits for the end of a request that never comes."""
    began = time.monotonic()
    with pytest.raises(Refused):
        fetcher.fetch(f"https://{website.host}:{website.port}/")
    assert time.monotonic() - began < hurry + 0.5


def test_no_proxy_of_the_environment_is_asked(website: Website, fetcher: Fetcher, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    assert fetcher.fetch(f"{website.url}/").body == PAGE
    assert fetch.PORTS == {"http": 80, "https": 443}
