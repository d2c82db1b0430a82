"""The rehearsal: people talk, a backup is taken while they go on, and everybody finds themselves again on another server."""

import stat
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.support.contract import Contract
from tests.support.people import PASSWORD, Cast, Person
from tests.support.server import Server
from tests.support.state import State

BEFORE, AFTER = 30, 20  # messages that are said before the backup begins, and after it has ended


@dataclass
class Pair:
    """Two servers of different kinds: what is backed up on one is restored on the other."""

    source: Server
    target: Server
    folder: Path
    started: list[Server] = field(default_factory=list)

    def start(self, server: Server) -> None:
        server.start()
        self.started.append(server)

    def back_up(self) -> Path:
        """Into the folder; the new file."""
        made = self.source.flask("chatx", "backup", str(self.folder))
        assert made.returncode == 0, made.stderr
        (path,) = self.folder.iterdir()
        return path


@pytest.fixture(params=["sqlite to postgres", "postgres to sqlite"])
def pair(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Pair]:
    postgres, redis = request.getfixturevalue("postgres"), request.getfixturevalue("redis_server")
    database = postgres.new_database()
    embedded, joined = Server(f"sqlite:///{tmp_path / 'chatx.db'}"), Server(database, redis.url)
    (tmp_path / "backups").mkdir()
    source, target = (embedded, joined) if request.param.startswith("sqlite") else (joined, embedded)
    both = Pair(source, target, tmp_path / "backups")
    yield both
    for server in both.started:
        assert server.stop() == 0
    postgres.drop_database(database)


class Talker(threading.Thread):
    """Says one thing in the first room and then the same in the second, again and again, until told to stop."""

    def __init__(self, person: Person, rooms: tuple[str, str]) -> None:
        super().__init__()
        self._person, self._rooms, self._over = person, rooms, threading.Event()
        self._heard = threading.Condition()
        self.said = 0

    def run(self) -> None:
        while not self._over.is_set():
            for room_id in self._rooms:
                self._person.say(room_id, f"number {self.said}", client_id=f"{room_id[-6:]}-{self.said}")
            with self._heard:
                self.said += 1
                self._heard.notify_all()

    def goes_on(self, more: int) -> int:
        """Wait until it has said so much more; how much that is in all."""
        with self._heard:
            goal = self.said + more
            assert self._heard.wait_for(lambda: self.said >= goal, 60)
            return self.said

    def end(self) -> None:
        self._over.set()
        self.join()


def live_a_little(alice: Person, bob: Person, carol: Person) -> None:
    """Something of everything that is stored."""
    direct, weekend = alice.direct(bob), alice.group(bob, carol)
    alice.live()
    for text in ("Hello!", "Grüße 🛶", 'a "quoted" \\ text\nover lines'):
        alice.say(direct, text)
    bob.say(direct, "Hi", reply_to_seq=2)
    bob.say(weekend, "Who brings the boat?", mentions=[alice.id])
    alice.ask("receipt:read", {"room_id": direct, "seq": 5})
    assert bob.patch(f"/rooms/{weekend}/me", {"pinned": True, "draft": "I…"}).status == 200
    assert alice.patch("/users/me", {"about": "in the boat"}).status == 200
    assert alice.put(f"/users/me/contacts/{bob.id}", {"name": "Bobby"}).status in (200, 201, 204)
    assert alice.put(f"/users/me/blocks/{carol.id}").status in (200, 201, 204)
    assert alice.delete(f"/rooms/{weekend}/members/{carol.id}").status in (200, 204)


def test_a_server_is_restored_on_the_other_database(pair: Pair, capsys: pytest.CaptureFixture[str]) -> None:
    pair.start(pair.source)
    with ExitStack() as stack:
        cast = Cast(pair.source, Contract(pair.source.url))
        stack.callback(cast.goodbye)
        quiet = alice, bob, carol = [cast.person(name) for name in ("alice", "bob", "carol")]
        dave, erin = cast.person("dave"), cast.person("erin")
        live_a_little(alice, bob, carol)
        as_it_was = {person: State.fetched(person) for person in quiet}

        rooms = dave.direct(erin), dave.group(erin)
        earlier = State.fetched(erin)
        talker = Talker(dave, rooms)
        talker.start()
        stack.callback(talker.end)
        before = talker.goes_on(BEFORE)
        path = pair.back_up()
        ended = talker.said
        talker.goes_on(AFTER)
        talker.end()
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        later = State.fetched(erin)
        told = {room_id: dave.whole_history(room_id) for room_id in rooms}

        # A restore never needs the old server.
        restored = pair.target.flask("chatx", "restore", str(path))
        assert restored.returncode == 0, restored.stderr
        same = pair.target.flask("chatx", "restore", "--verify", str(path))
        assert same.returncode == 0, same.stderr
        pair.start(pair.target)
        for person in (*quiet, dave, erin):
            person.leave()
            person.server = pair.target

        for person in quiet:
            assert State.fetched(person).comparable() == as_it_was[person].comparable()

        kept = {room_id: dave.whole_history(room_id) for room_id in rooms}
        first, second = (len(kept[room_id]) for room_id in rooms)
        assert before <= second <= first <= second + 1, "one moment for everything"
        assert first <= ended + 1, "nothing from after the backup"
        for room_id in rooms:
            assert kept[room_id] == told[room_id][: len(kept[room_id])]
            assert len(kept[room_id]) < len(told[room_id])

        # Whoever is behind what was restored catches up, and whoever is ahead of it begins anew: both end in the same.
        fresh = State.fetched(erin).comparable()
        assert earlier.sync(limit=50).comparable() == fresh
        assert later.sync(limit=50).comparable() == fresh

        goes_on(pair, dave, rooms[0], kept[rooms[0]], path)
    with capsys.disabled():
        print(f"\n{before} things were said before the backup, {ended - before} meanwhile, {first} of them are restored")


def goes_on(pair: Pair, dave: Person, room_id: str, kept: list[dict], path: Path) -> None:
    """The restored server is one like any other: a repeat is known, the next seq follows, people sign in."""
    last = kept[-1]
    repeat = {"client_id": last["client_id"], "text": last["text"]}
    again = dave.post(f"/rooms/{room_id}/messages", repeat)
    assert (again.status, again.body["duplicate"], again.body["seq"]) == (200, True, last["seq"])
    assert dave.say(room_id, "and on it goes")["seq"] == last["seq"] + 1
    account = {"username": dave.user["username"], "password": PASSWORD}
    assert dave.post("/auth/login", account).status == 200
    differs = pair.target.flask("chatx", "restore", "--verify", str(path))
    assert differs.returncode == 1
    assert "rows in the backup" in differs.stderr.split("  messages: ")[1].splitlines()[0]
