"""Previews of links: made after the send, by the server, for those who see the message; and never at the cost of the send."""

import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from config import LIMITS
from tests.support.backends import Postgres, Redis
from tests.support.contract import Contract
from tests.support.database import rows_about, stored_words
from tests.support.patched import run_patched
from tests.support.people import Cast, Person
from tests.support.server import Server
from tests.support.website import Website, page

LAKE = {"title": "The lake", "description": "Water & more", "site_name": "Lakes"}


class Gate:
    """A page that its server shows when it is told to."""

    def __init__(self, website: Website, path: str) -> None:
        self.url = f"{website.url}{path}"
        self._opens, self._asked = threading.Event(), threading.Event()
        website.pages[path] = self._answer

    def _answer(self, wire: socket.socket) -> None:
        self._asked.set()
        self._opens.wait(5)
        page()(wire)

    def wait_until_asked(self) -> None:
        assert self._asked.wait(10)

    def open(self) -> None:
        self._opens.set()


@pytest.fixture
def gate(website: Website, request: pytest.FixtureRequest, backend: str) -> Gate:
    """Of each test its own, since what was found is remembered."""
    return Gate(website, f"/gate/{request.node.name}")


def preview_of(person: Person, room: str) -> Any:
    return person.history(room)[-1]["preview"]


def test_a_link_is_shown_after_the_send(alice: Person, bob: Person, website: Website) -> None:
    """What is due is "message:preview"."""
    room = alice.group(bob)
    bob.live()
    link = f"{website.url}/"
    said = alice.say(room, f"look at {link}, and come")
    assert said["preview"] is None
    heard = bob.hears("message:previewed", feed=room)
    assert (heard["seq"], heard["actor_id"]) == (said["seq"] + 1, None)
    assert heard["message"] == said | {"preview": LAKE | {"url": link}}
    assert bob.history(room) == [heard["message"]]
    again = bob.ask("message:send", {"room_id": room, "client_id": "1", "text": link.upper().replace("127", "127")})
    assert again["preview"] is None
    assert bob.hears("message:previewed", feed=room)["message"]["preview"] == LAKE | {"url": link.upper()}


def test_a_page_is_asked_once_for_a_while(alice: Person, bob: Person, website: Website) -> None:
    room = alice.group(bob)
    alice.live()
    link = f"{website.url}/echo/{room}"
    for _ in range(3):
        alice.say(room, link)
        assert alice.hears("message:previewed", feed=room)["message"]["preview"]["title"] == f"/echo/{room}"
    assert [path for path, _ in website.asked].count(f"/echo/{room}") == 1


@pytest.mark.parametrize("path", ["/nothing", "/untitled", "/file"])
def test_what_says_nothing_shows_nothing(alice: Person, bob: Person, website: Website, path: str) -> None:
    website.pages |= {"/untitled": page(b"<p>words</head>"), "/file": page(kind="application/pdf")}
    room = alice.group(bob)
    alice.live()
    alice.say(room, website.url + path)
    alice.say(room, f"{website.url}/")
    assert alice.hears("message:previewed", feed=room)["message"]["seq"] == 3
    while rows_about(alice.server, "timers", room):
        time.sleep(0.02)
    assert [message["preview"] is None for message in alice.history(room)] == [True, False]


def test_nothing_near_is_asked_also_not_by_the_server(alice: Person, bob: Person, website: Website) -> None:
    """The one place that is allowed is one address and one port, and no way around it."""
    inner = Website({"/": page()})
    room = alice.group(bob)
    alice.live()
    website.pages["/inward"] = page(b"", status="302 Found", Location=f"http://127.0.0.1:{inner.port}/")
    for link in (inner.url, f"http://localhost:{inner.port}", f"http://0x7f.1:{inner.port}/", f"{website.url}/inward"):
        alice.say(room, link)
    alice.say(room, f"{website.url}/")
    alice.hears("message:previewed", feed=room)
    while rows_about(alice.server, "timers", room):
        time.sleep(0.02)
    assert inner.connections == 0
    assert [message["preview"] is None for message in alice.history(room)] == [True] * 4 + [False]
    inner.close()


def test_whoever_keeps_links_to_themselves_has_no_previews(alice: Person, bob: Person, website: Website) -> None:
    room = alice.group(bob)
    assert alice.get("/users/me/privacy").body["link_previews"]
    assert alice.patch("/users/me/privacy", {"link_previews": False}).body == {"read_receipts": True, "link_previews": False}
    alice.say(room, f"{website.url}/echo/{room}/alice")
    bob.say(room, f"{website.url}/echo/{room}/bob")
    bob.live()
    while rows_about(alice.server, "timers", room):
        time.sleep(0.02)
    assert [message["preview"] is None for message in bob.history(room)] == [True, False]
    assert f"/echo/{room}/alice" not in [path for path, _ in website.asked]


def test_an_edit_takes_the_preview_and_brings_another_one(alice: Person, bob: Person, website: Website) -> None:
    room = alice.group(bob)
    bob.live()
    alice.say(room, f"{website.url}/")
    bob.hears("message:previewed", feed=room)
    edited = alice.patch(f"/rooms/{room}/messages/2", {"text": "nothing"}).body
    assert (edited["preview"], bob.hears("message:edited", feed=room)["message"]["preview"]) == (None, None)
    alice.patch(f"/rooms/{room}/messages/2", {"text": f"{website.url}/echo/other"})
    assert bob.hears("message:previewed", feed=room)["message"]["preview"]["title"] == "/echo/other"


def test_what_was_edited_or_deleted_meanwhile_shows_nothing(alice: Person, bob: Person, gate: Gate) -> None:
    room = alice.group(bob)
    for _ in range(2):
        alice.say(room, gate.url)
    gate.wait_until_asked()
    alice.patch(f"/rooms/{room}/messages/2", {"text": "never mind"})
    alice.delete(f"/rooms/{room}/messages/3?scope=all")
    gate.open()
    while rows_about(alice.server, "timers", room):
        time.sleep(0.02)
    assert [message["preview"] for message in bob.history(room)] == [None, None]
    assert bob.get(f"/rooms/{room}").body["seq"] == 5


def test_deleting_leaves_nothing_of_it(alice: Person, bob: Person, website: Website) -> None:
    room = alice.group(bob)
    alice.live()
    word = f"gone{room.replace('-', '')}"
    alice.say(room, f"{website.url}/echo/{word}")
    alice.hears("message:previewed", feed=room)
    assert word in stored_words(alice.server, word)
    alice.delete(f"/rooms/{room}/messages/2?scope=all")
    assert preview_of(bob, room) is None
    assert stored_words(alice.server, word) == set()


def test_only_who_heard_of_it_sees_it(cast: Cast, alice: Person, bob: Person, gate: Gate) -> None:
    """Whoever left, blocks or joins before the page was there does not learn of it; who stays does."""
    carol = cast.person("carol")
    room, direct = alice.group(bob), alice.direct(bob)
    for where in (room, direct):
        alice.say(where, gate.url)
    alice.live()
    gate.wait_until_asked()
    alice.post(f"/rooms/{room}/members", {"user_ids": [carol.id]})
    alice.delete(f"/rooms/{room}/members/{bob.id}")
    bob.put(f"/users/me/blocks/{alice.id}")
    carol.live()
    gate.open()
    for where in (room, direct):
        alice.hears("message:previewed", feed=where)
    assert carol.hears("message:previewed", feed=room)["message"] is None
    assert [preview_of(bob, where) for where in (room, direct)] == [None, None]
    assert [alice.history(where)[0]["preview"]["title"] for where in (room, direct)] == ["The lake"] * 2


def test_who_knows_a_message_in_earlier_words_sees_no_preview_of_the_later_ones(
    alice: Person, bob: Person, website: Website
) -> None:
    room = alice.group(bob)
    alice.live()
    alice.say(room, "see below")
    alice.delete(f"/rooms/{room}/members/{bob.id}")
    alice.patch(f"/rooms/{room}/messages/2", {"text": f"{website.url}/"})
    alice.hears("message:previewed", feed=room)
    (known,) = bob.history(room)
    assert (known["text"], known["preview"]) == ("see below", None)


def test_a_forward_has_its_own(alice: Person, bob: Person, website: Website) -> None:
    room, other = alice.group(bob), alice.direct(bob)
    alice.live()
    alice.say(room, f"{website.url}/")
    alice.hears("message:previewed", feed=room)
    body = {"seqs": [2], "to_room_ids": [other], "client_id": "f"}
    went = alice.post(f"/rooms/{room}/forward", body).body["items"][0]["messages"]
    assert [message["preview"] for message in went] == [None]
    assert alice.hears("message:previewed", feed=other)["message"]["preview"]["title"] == "The lake"


def test_it_can_be_switched_off_for_all(fresh_sqlite: str, website: Website) -> None:
    allowed = f"{website.host}:{website.port}"
    server = Server(fresh_sqlite, CHATX_LINK_PREVIEWS="off", CHATX_LINK_PREVIEW_ALLOWED=allowed).start()
    cast = Cast(server, Contract(server.url))
    alice, bob = cast.person("alice"), cast.person("bob")
    room = alice.direct(bob)
    assert alice.say(room, f"{website.url}/off")["preview"] is None
    assert rows_about(server, "timers", room) == []
    assert "/off" not in [path for path, _ in website.asked]
    cast.goodbye()
    assert server.stop() == 0


def test_links_beyond_the_rate_of_a_person_are_said_and_not_shown(fresh_sqlite: str, website: Website) -> None:
    allowed = f"{website.host}:{website.port}"
    server = Server(fresh_sqlite, CHATX_RATE_LIMITS="on", CHATX_LINK_PREVIEW_ALLOWED=allowed).start()
    cast = Cast(server, Contract(server.url))
    alice, bob = cast.person("alice"), cast.person("bob")
    room = alice.direct(bob)
    for number in range(25):
        alice.say(room, f"{website.url}/echo/{number}")
    while rows_about(server, "timers", room):
        time.sleep(0.02)
    shown = [message["preview"] is not None for message in alice.history(room)]
    assert shown[:20] == [True] * 20
    assert shown.count(True) < 25
    cast.goodbye()
    assert server.stop() == 0


def test_many_workers_show_each_once(postgres: Postgres, redis_server: Redis, website: Website) -> None:
    allowed = {"CHATX_LINK_PREVIEW_ALLOWED": f"{website.host}:{website.port}"}
    database = postgres.new_database()
    servers = [Server(database, redis_server.url, **allowed).start() for _ in range(2)]
    cast = Cast(servers[0], Contract(servers[0].url))
    alice, bob = cast.person("alice"), cast.person("bob")
    room = alice.direct(bob)
    for number in range(40):
        alice.say(room, f"{website.url}/echo/{number}")
    while rows_about(servers[0], "timers", room):
        time.sleep(0.02)
    assert [message["preview"]["title"] for message in alice.history(room)] == [f"/echo/{number}" for number in range(40)]
    changes = alice.post("/sync", {"cursors": {room: 1}}).body["changes"]
    shown = [change["message"]["seq"] for change in changes if change["type"] == "message:previewed"]
    assert len(shown) == len(set(shown)) == 40
    cast.goodbye()
    assert [server.stop() for server in servers] == [0, 0]


@pytest.fixture
def database(postgres: Postgres) -> Iterator[str]:
    url = postgres.new_database()
    yield url
    postgres.drop_database(url)


def test_neither_a_slow_page_nor_a_slow_name_holds_up_anybody(database: str) -> None:
    """A green thread ticks while eight pages are waited for, and names that the system looks up for a second."""
    script = f"""
    import time, eventlet
    from eventlet import patcher
    from tests.support.website import Website, page
    from chatx.extensions import background
    from chatx.services.links import links
    from chatx.services.links.fetch import Fetcher
    gaps, last = [], [time.monotonic()]
    def tick():
        while True:
            eventlet.sleep(0.005)
            gaps.append(time.monotonic() - last[0])
            last[0] = time.monotonic()
    def slow_name(host, port):
        return background.call(lambda: (patcher.original("time").sleep(1), ["127.0.0.1"])[1])
    def slow(wire):
        eventlet.sleep(0.7)
        page()(wire)
    site = Website({{f"/{{n}}": slow for n in range(8)}})
    links._fetcher = Fetcher(allowed=frozenset({{site.place}}), resolve=slow_name)
    eventlet.spawn(tick)
    began = time.monotonic()
    found = links.pages([f"http://example.com:{{site.port}}/{{n}}" for n in range(8)])
    took = time.monotonic() - began
    assert len(found) == 8, found
    assert 1.6 < took < {LIMITS["link_preview_seconds"]}, took
    assert max(gaps) < 0.3, max(gaps)
    print("ok")
    """
    assert run_patched(script, database, people=True) == "ok"


def test_tls_is_spoken_and_timed_where_green_threads_run(database: str, tmp_path: Path) -> None:
    script = f"""
    import ssl, time
    from pathlib import Path
    from config import LIMITS
    from tests.support.tls import Authority
    from tests.support.website import PAGE, Website, drop_by_drop, page
    from chatx.services.links.fetch import Fetcher
    from chatx.services.links.target import Refused
    authority = Authority(Path({str(tmp_path)!r}))
    site = Website({{"/": page(), "/slow": drop_by_drop}}, context=authority.context)
    plain = Website({{}})
    fetcher = Fetcher(
        allowed=frozenset({{site.place, plain.place}}),
        context=ssl.create_default_context(cafile=authority.environ["SSL_CERT_FILE"]),
    )
    assert fetcher.fetch(site.url + "/").body == PAGE
    LIMITS["link_preview_seconds"] = 1
    for url in (site.url + "/slow", plain.url.replace("http:", "https:")):
        began = time.monotonic()
        try:
            fetcher.fetch(url)
        except Refused:
            assert 0.9 < time.monotonic() - began < 1.5, time.monotonic() - began
        else:
            raise AssertionError(url)
    print("ok")
    """
    assert run_patched(script, database, people=True) == "ok"
