"""Processes, Redis and database connections die while people chat: nothing is lost, doubled, or out of order."""

import random
import threading
import time
from collections import Counter
from dataclasses import dataclass
from itertools import cycle

import pytest

from tests.chaos.chatter import Chatter
from tests.chaos.stage import Stage
from tests.support.people import Person
from tests.support.state import State


@dataclass(frozen=True)
class Size:
    people: int
    rooms: int
    sends: int
    rounds: int
    relentless: bool


SIZES = {"short": Size(8, 4, 1_000, 1, False), "long": Size(60, 30, 20_000, 4, True)}


def havoc(stage: Stage, rounds: int, relentless: bool, over: threading.Event) -> None:
    """Kill each thing in turn, `rounds` times at least; then go on, or only cut connections, for as long as people chat."""
    chance = random.Random(7)
    strikes = (
        lambda: stage.kill_a_process(0),
        stage.cut_database_connections,
        stage.kill_redis,
        lambda: stage.kill_a_process(1),
        stage.cut_database_connections,
    )
    for strike in strikes * rounds:
        strike()
        time.sleep(chance.uniform(0.3, 1))
    for strike in cycle(strikes if relentless else [stage.cut_database_connections]):
        if over.wait(chance.uniform(0.3, 1)):
            return
        strike()


def test_nothing_is_lost_and_nothing_is_there_twice(stage: Stage, chaos: str, capsys: pytest.CaptureFixture[str]) -> None:
    size = SIZES[chaos]
    people = [stage.cast.person(f"person{number}") for number in range(size.people)]
    owners = range(0, size.people, size.people // size.rooms)
    rooms = [people[number].group(*neighbours(people, number)) for number in owners]
    before = {person: State.fetched(person) for person in people}
    chatters = [chatter(stage, person, before[person], size, number) for number, person in enumerate(people)]

    over = threading.Event()
    destroyer = threading.Thread(target=havoc, args=(stage, size.rounds, size.relentless, over))
    for each in chatters:
        each.start()
    destroyer.start()
    for each in chatters:
        each.join()
    over.set()
    destroyer.join()
    assert [each.failed for each in chatters if each.failed] == []

    stored = {room: next(p for p in people if room in before[p].rooms).whole_history(room) for room in rooms}
    everything_is_there_once(chatters, stored)
    for each in chatters:
        heard_in_order(each, before[each.person])
        each.person.server = stage.servers[0]
        fresh = State.fetched(each.person).comparable()
        assert before[each.person].copy().sync(limit=200).comparable() == fresh
    retries, connections = sum(each.retries for each in chatters), sum(len(each.connections) for each in chatters)
    with capsys.disabled():
        print(f"\n{size.sends} sends, {retries} tried again, {connections} connections; killed: {dict(stage.kills)}")


def neighbours(people: list[Person], number: int) -> list[Person]:
    return [people[(number + step) % len(people)] for step in range(1, 5)]


def chatter(stage: Stage, person: Person, state: State, size: Size, number: int) -> Chatter:
    own = sorted(state.rooms)
    chance = random.Random(number)
    sends = [(chance.choice(own), f"{number}-{count}") for count in range(size.sends // size.people)]
    return Chatter(person, stage.servers, sends, seed=number)


def everything_is_there_once(chatters: list[Chatter], stored: dict[str, list[dict]]) -> None:
    """Each acked message once, as it was acked; nothing that nobody sent; no hole."""
    for history in stored.values():
        assert [message["seq"] for message in history] == list(range(2, len(history) + 2))
    found = Counter((message["sender_id"], message["client_id"]) for history in stored.values() for message in history)
    assert max(found.values()) == 1
    by_key = {(message["sender_id"], message["client_id"]): message for history in stored.values() for message in history}
    for each in chatters:
        assert each.acked.keys() == each.tried
        for client_id, message in each.acked.items():
            assert by_key.pop((each.person.id, client_id)) == message
    assert not by_key, "stored, but never sent"


def heard_in_order(chatter: Chatter, state: State) -> None:
    """On each connection the seq of each feed only rises, and only feeds of one's own are heard."""
    for heard in chatter.connections:
        last: dict[str, int] = {}
        for event, data in heard:
            if "seq" in data:
                assert data["feed"] in state.rooms or data["feed"] == "me", event
                assert data["seq"] > last.get(data["feed"], 0), f"{event} {data['seq']} after {last[data['feed']]}"
                last[data["feed"]] = data["seq"]
