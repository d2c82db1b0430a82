"""A member is removed and let in again while messages flow: nothing that was committed in between reaches them."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import pytest

from tests.chaos.stage import Stage
from tests.support.people import Person


@dataclass(frozen=True)
class Size:
    groups: int
    trials: int  # in each


SIZES = {"short": Size(1, 60), "long": Size(4, 2_500)}


def test_no_event_committed_after_a_removal_reaches_the_removed(
    stage: Stage, chaos: str, capsys: pytest.CaptureFixture[str]
) -> None:
    size, began = SIZES[chaos], time.monotonic()
    with ThreadPoolExecutor(size.groups) as pool:
        away = sum(pool.map(lambda _: removals(stage, size.trials), range(size.groups)))
    with capsys.disabled():
        print(f"\n{size.groups * size.trials} removals in {time.monotonic() - began:.0f} s, {away} messages while away")


def removals(stage: Stage, trials: int) -> int:
    """Alice removes bob and lets him in again while carol talks at the other process; how much she said without him."""
    alice, bob, carol = (stage.cast.person(name) for name in ("alice", "bob", "carol"))
    carol.server = stage.servers[1]
    elsewhere = Person(stage.servers[1], stage.cast.contract, bob.another_device().session)
    room = alice.group(bob, carol)
    for person in (alice, bob, carol, elsewhere):
        person.live()

    over = threading.Event()
    said: list[int] = []

    def flood() -> None:
        while not over.is_set():
            said.append(carol.ask("message:send", {"room_id": room, "client_id": str(len(said)), "text": "flow"})["seq"])

    flooding = threading.Thread(target=flood)
    flooding.start()
    try:
        for _ in range(trials):
            alice.ask("member:remove", {"room_id": room, "user_id": bob.id})
            alice.ask("member:add", {"room_id": room, "user_ids": [bob.id]})
    finally:
        over.set()
        flooding.join()
    for person in (alice, bob, elsewhere):
        person.settle()

    changes = replayed(alice, room)
    left = [change["seq"] for change in changes if change["type"] == "member:left"]
    joined = [1] + [change["seq"] for change in changes if change["type"] == "member:joined"]
    away = {seq for low, high in zip(left, joined[1:], strict=True) for seq in range(low, high)}
    assert len(left) == trials
    assert away & set(said), "no message was ever sent while bob was away: nothing was tried"
    for device in (bob, elsewhere):
        heard = {data["seq"] for event, data in device.heard if data.get("feed") == room}
        assert not heard & away
    seen = {message["seq"] for message in bob.whole_history(room)}
    # The earliest of very many stays are forgotten.
    assert seen == {seq for seq in set(said) - away if seq >= min(seen)}
    return len(away & set(said))


def replayed(person: Person, room: str) -> list[dict[str, Any]]:
    """All that happened in a room, from the database: who hears it live may miss some, and syncs."""
    cursors, changes = {room: 0}, []
    while True:
        answer = person.post("/sync", {"cursors": cursors, "limit": 1_000}).body
        changes += [change for change in answer["changes"] if change["feed"] == room]
        cursors = answer["cursors"]
        if not answer["has_more"]:
            return changes
