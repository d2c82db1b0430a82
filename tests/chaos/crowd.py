"""`tests/js/crowd.mjs` in a process of its own: many clients that come back by themselves, and what each of them saw."""

import subprocess
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as TooLate
from dataclasses import dataclass
from functools import cached_property
from itertools import count, pairwise
from typing import Any

import orjson

from tests.sockets.test_transports import JS, NODE
from tests.support.people import Cast, Person
from tests.support.server import Server

PATIENCE = 90
UPGRADED = ["polling", "websocket"]
MOSTLY_WEBSOCKETS = (UPGRADED, *[["websocket"]] * 4)
REGISTERING = 8  # at once; more would wait for their hashes in any case


@dataclass(frozen=True)
class Saw:
    """What one client saw: see the fields of the class in crowd.mjs."""

    number: int
    applied: dict[str, list[tuple[int, str | None]]]
    heard: list[list[tuple[str, int, str | None]]]
    acked: list[tuple[str, str, str, int, float, float]]
    absences: list[float]
    counts: dict[str, int]
    places: list[str]
    transport: str
    broken: list[Any]


class Crowd:
    """One client for each person, beginning at the servers in turn, and in these ways in turn: as transports."""

    def __init__(self, people: list[Person], servers: list[Server], ways: Sequence[list[str]] = MOSTLY_WEBSOCKETS) -> None:
        self.size = len(people)
        self._process = subprocess.Popen([NODE, str(JS / "crowd.mjs")], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self._ids, self._asked = count(1), dict[int, Future[Any]]()
        self._reader = threading.Thread(target=self._read)
        self._reader.start()
        clients = [
            {"token": person.token, "at": number % len(servers), "transports": ways[number % len(ways)]}
            for number, person in enumerate(people)
        ]
        self._write({"urls": [server.url for server in servers], "clients": clients})
        self.ask("gather")

    def start(self, do: str, **how: Any) -> "Future[Any]":
        """Ask for something that takes its time."""
        number, future = next(self._ids), Future[Any]()
        self._asked[number] = future
        self._write({"id": number, "do": do, **how})
        return future

    def ask(self, do: str, **how: Any) -> Any:
        """Ask, and wait until it is done."""
        try:
            return self.start(do, **how).result(PATIENCE)
        except TooLate:
            raise AssertionError(f"{do} {how} takes too long; {self.start('troubles').result(PATIENCE)}") from None

    def saw(self, every: int = 1) -> list[Saw]:
        """What each of them saw, or each so-manieth."""
        return [Saw(**self.ask("report", who=number)) for number in range(0, self.size, every)]

    def end(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(10)
        self._reader.join(10)

    def _write(self, line: dict[str, Any]) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(orjson.dumps(line) + b"\n")
        self._process.stdin.flush()

    def _read(self) -> None:
        assert self._process.stdout is not None
        with self._process.stdout as lines:
            for line in lines:
                said = orjson.loads(line)
                asked = self._asked.pop(said["id"])
                if "failed" in said:
                    asked.set_exception(AssertionError(said["failed"]))
                else:
                    asked.set_result(said["answer"])
        for asked in self._asked.values():
            asked.set_exception(AssertionError("the crowd has gone"))


class History:
    """What is stored of some rooms at the end, as one member of each sees it."""

    def __init__(self, readers: dict[str, Person]) -> None:
        self.rooms = {room: person.whole_history(room) for room, person in readers.items()}

    @cached_property
    def last(self) -> dict[str, int]:
        """The highest seq of each room."""
        return {room: messages[-1]["seq"] for room, messages in self.rooms.items() if messages}

    def is_whole(self) -> None:
        """No hole in any room; the room's own creation is its 1."""
        for messages in self.rooms.values():
            assert [message["seq"] for message in messages] == list(range(2, len(messages) + 2))

    def has_once_what_was_acked(self, crowd: list[Saw], people: list[Person]) -> int:
        """Each acked message where its ack said, and nothing beside; their number."""
        acked = {
            (people[saw.number].id, client_id): (room, seq, message_id)
            for saw in crowd
            for room, client_id, message_id, seq, *_ in saw.acked
        }
        stored = [
            ((message["sender_id"], message["client_id"]), (room, message["seq"], message["id"]))
            for room, messages in self.rooms.items()
            for message in messages
        ]
        assert len(stored) == len(acked) == sum(len(saw.acked) for saw in crowd)
        assert dict(stored) == acked
        return len(acked)

    def was_applied_by(self, saw: Saw, rooms: list[str]) -> None:
        """This client has applied exactly what is stored, each once and in order, and heard only that."""
        assert saw.broken == []
        stored = {room: [[message["seq"], message["id"]] for message in self.rooms[room]] for room in rooms}
        assert {room: changes for room, changes in saw.applied.items() if room != "me"} == {r: c for r, c in stored.items() if c}
        for heard in saw.heard:
            for feed, changes in by_feed(heard):
                seqs = [seq for seq, _ in changes]
                assert all(one < other for one, other in pairwise(seqs)), f"{feed}: {seqs}"
                assert {tuple(change) for change in changes} <= {tuple(change) for change in stored.get(feed, changes)}


def by_feed(heard: list[tuple[str, int, str | None]]) -> Iterator[tuple[str, list[tuple[int, str | None]]]]:
    """What was heard on one connection, feed by feed."""
    for feed in {each[0] for each in heard}:
        yield feed, [(seq, message_id) for name, seq, message_id in heard if name == feed]


def many_people(cast: Cast, size: int) -> list[Person]:
    """So many new people, registered with as many at once as the processes have places for hashing."""
    with ThreadPoolExecutor(REGISTERING) as pool:
        return list(pool.map(lambda number: cast.person(f"person{number}"), range(size)))


def total(saw: list[Saw], name: str) -> int:
    """How often something was counted by all of them."""
    return sum(each.counts[name] for each in saw)
