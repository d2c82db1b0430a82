"""Nothing near to us is ever asked for a page: a server that listens here, in every way to name it, sees no connection."""

import socket
from collections.abc import Iterator, Sequence

import pytest

from chatx.services.links.address import is_public
from chatx.services.links.fetch import Fetcher, system_resolver
from chatx.services.links.target import PORTS, Refused
from tests.support.website import PAGE, Website, page, to

PUBLIC = "93.184.215.14"


@pytest.fixture
def website() -> Iterator[Website]:
    """Listens on loopback; nobody has allowed it."""
    site = Website({"/": page()})
    yield site
    site.close()


def refused(url: str, fetcher: Fetcher | None = None) -> str:
    with pytest.raises(Refused) as error:
        (fetcher or Fetcher()).fetch(url)
    return str(error.value)


REASONS = {
    "the address is not public",
    "it cannot be had: gaierror",
    "the host cannot be read",
    "the host names an interface, or is written in percents",
}


LOOPBACK = [
    "127.0.0.1",
    "127.1",
    "127.0.1",
    "127.0.0.2",
    "127.255.255.254",
    "0x7f.1",
    "0x7f000001",
    "0x7F.0x0.0x0.0x1",
    "0177.0.0.1",
    "017700000001",
    "2130706433",
    "localhost",
    "LOCALHOST",
    "localhost.",
    "127.0.0.1.",
    "0",
    "0.0.0.0",
    "0x0",
    "[::1]",
    "[0:0:0:0:0:0:0:1]",
    "[::]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[::127.0.0.1]",
    "[64:ff9b::127.0.0.1]",
    "[64:ff9b::7f00:1]",
    "[2002:7f00:1::]",
    "[2001:0:7f00:1::]",
    "１２７.0.0.1",
    "127。0。0。1",
    "①②⑦.⓪.⓪.①",
    "ⓛⓞⓒⓐⓛⓗⓞⓢⓣ",
    "127.0.0.1%00.example.com",
    "127.0.0.1%2eexample.com",
    "[::1%25lo]",
]


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("host", LOOPBACK)
def test_no_spelling_of_this_machine_is_connected_to(
    website: Website, host: str, scheme: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither at the port of the server nor where this is the usual one, so that only the address stands in the way."""
    assert "address is not public" not in refused(f"{scheme}://{host}:{website.port}/")
    monkeypatch.setitem(PORTS, scheme, website.port)
    assert refused(f"{scheme}://{host}/") in REASONS
    assert website.connections == 0


@pytest.mark.parametrize("host", ["127.1", "0x7f.1", "2130706433", "localhost.", "１２７.0.0.1", "[::ffff:127.0.0.1]", "0"])
def test_the_address_is_what_stands_in_the_way(website: Website, host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(PORTS, "http", website.port)
    assert refused(f"http://{host}/") == "the address is not public"


def test_the_server_would_have_answered(website: Website) -> None:
    assert Fetcher(allowed=frozenset({website.place})).fetch(f"{website.url}/").body == PAGE
    assert website.connections == 1


@pytest.mark.parametrize(
    "url",
    [
        "http://user@127.0.0.1/",
        "http://user:password@127.0.0.1/",
        "http://example.com@127.0.0.1/",
        "http://127.0.0.1\\@example.com/",
        "http://example.com\\@127.0.0.1/",
        "http://example.com#@127.0.0.1:port/",
        "http://127.0.0.1 .example.com/",
        "http://127.0.0.1\t.example.com/",
        "http://exa\nmple.com/",
        "http://[127.0.0.1]/",
        "http://[::1/",
        "http://::1/",
        "http:///path",
        "http:/127.0.0.1/",
        "http:127.0.0.1",
        "//127.0.0.1/",
        "ftp://127.0.0.1/",
        "file:///etc/passwd",
        "gopher://127.0.0.1:port/_GET",
        "unix:///var/run/docker.sock",
        "javascript:alert(1)",
        "data:text/html,<title>x</title>",
        "http://127.0.0.1:99999/",
        "http://127.0.0.1:-1/",
        "http://127.0.0.1:0/",
        "http://" + "a" * 300 + ".com/",
        "http://example.com/" + "a" * 3_000,
        "http://.../",
        "http://-/",
        "http://xn--/",
        "http://\ud800.com/",
    ],
)
def test_no_odd_link_is_followed(website: Website, url: str) -> None:
    refused(url.replace("port", str(website.port)).replace("127.0.0.1/", f"127.0.0.1:{website.port}/"))
    assert website.connections == 0


NEAR = [
    *("0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.127.255.255", "127.0.0.1", "169.254.0.1"),
    *("169.254.169.254", "169.254.170.2", "172.16.0.1", "172.31.255.255", "192.0.0.1", "192.0.0.192", "192.0.2.1", "192.88.99.1"),
    *("192.168.0.1", "192.168.255.255", "198.18.0.1", "198.19.255.255", "198.51.100.1", "203.0.113.1", "224.0.0.1"),
    *("239.255.255.255", "240.0.0.1", "255.255.255.255"),
    *("::", "::1", "::ffff:8.8.8.8", "::ffff:10.0.0.1", "::ffff:0:8.8.8.8", "::8.8.8.8", "64:ff9b::8.8.8.8", "64:ff9b:1::1"),
    *("100::1", "2001::1", "2001:0:a00:1::", "2001:10::1", "2001:20::1", "2001:db8::1", "2002:a00:1::1", "2002:808:808::1"),
    *("3fff::1", "5f00::1", "fc00::1", "fd00:ec2::254", "fdff::1", "fe80::1", "fe80::1%eth0", "fec0::1", "feff::1", "ff02::1"),
    *("2600::5efe:10.0.0.1", "2600::200:5efe:10.0.0.1", "4000::1", "not an address", ""),
]


@pytest.mark.parametrize("address", NEAR)
def test_what_is_near_is_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        *("8.8.8.8", PUBLIC, "1.1.1.1", "100.63.255.255", "100.128.0.1", "172.32.0.1", "223.255.255.255"),
        *("2606:4700:4700::1111", "2a00:1450:4001:80e::200e", "2001:4860:4860::8888"),
    ],
)
def test_what_is_far_is_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize("address", [address for address in NEAR if address])
def test_a_name_is_judged_by_each_address_that_it_has(website: Website, address: str) -> None:
    for addresses in ([address], [PUBLIC, address], [address, PUBLIC]):
        fetcher = Fetcher(resolve=lambda host, port, found=addresses: found)
        assert refused("http://example.com/", fetcher) == "the address is not public"
    assert website.connections == 0


def test_a_name_that_answers_otherwise_the_next_time_wins_nothing(website: Website) -> None:
    """It is looked up once; what was judged is what is connected to, and so is each later hop, anew."""
    asked = []

    def rebinding(host: str, port: int) -> Sequence[str]:
        asked.append(host)
        return [website.host] if len(asked) == 1 else ["127.0.0.2"]

    inner = Website({"/": page()}, host="127.0.0.2")
    fetcher = Fetcher(resolve=rebinding, allowed=frozenset({website.place}))
    website.pages["/"] = to("/again")
    try:
        assert refused(f"http://example.com:{website.port}/", fetcher) == "the port is another one"
        assert (asked, website.connections, inner.connections) == (["example.com"] * 2, 1, 0)
        asked.clear()
        website.pages["/"] = page()
        assert fetcher.fetch(f"http://example.com:{website.port}/").body
        assert (asked, website.connections) == (["example.com"], 2)
    finally:
        inner.close()


def test_the_name_of_the_page_is_asked_for_at_the_address_that_was_judged(website: Website) -> None:
    fetcher = Fetcher(resolve=lambda host, port: [website.host], allowed=frozenset({website.place}))
    website.pages["/a%20b?q=1"] = page()
    fetcher.fetch(f"HTTP://Exämple.com:{website.port}/a%20b?q=1#part")
    (path, head), *_ = website.asked
    assert path == "/a%20b?q=1"
    lines = head.splitlines()
    assert f"Host: xn--exmple-cua.com:{website.port}" in lines
    assert not [line for line in lines if line.lower().startswith(("cookie", "authorization", "referer", "x-"))]


@pytest.mark.parametrize(
    "location",
    [
        "http://127.0.0.1:{inner}/",
        "//127.0.0.1:{inner}/",
        "http://localhost:{inner}/",
        "http://[::ffff:127.0.0.1]:{inner}/",
        "https://2130706433:{inner}/",
        "http://user@127.0.0.1:{inner}/",
        "http://169.254.169.254/latest/meta-data/",
        "http://[fd00:ec2::254]/latest/meta-data/",
        "http://10.0.0.1/",
        "file:///etc/passwd",
        "gopher://127.0.0.1:{inner}/_x",
        "http://127.0.0.1\\@example.com:{inner}/",
        "",
    ],
)
def test_no_redirect_leads_to_what_is_near(website: Website, location: str) -> None:
    inner = Website({"/": page()})
    website.pages["/"] = to(location.replace("{inner}", str(inner.port)))
    refused(f"{website.url}/", Fetcher(allowed=frozenset({website.place})))
    assert inner.connections == 0
    inner.close()


@pytest.mark.parametrize("port", [22, 25, 6379, 5432, 8080, 11211, 81])
def test_only_the_ports_of_the_web_are_asked(port: int) -> None:
    assert refused(f"http://example.com:{port}/", Fetcher(resolve=lambda host, at: [PUBLIC])) == "the port is another one"


def test_the_resolver_of_the_system_takes_numbers_for_what_they_are() -> None:
    """So it is right to judge the address and not the name."""
    assert {*system_resolver("0x7f.1", 80), *system_resolver("2130706433", 80), *system_resolver("127.1", 80)} == {"127.0.0.1"}
    assert set(system_resolver("localhost", 80)) <= {"127.0.0.1", "::1"}
    with pytest.raises(socket.gaierror):
        system_resolver("no.such.name.invalid", 80)
