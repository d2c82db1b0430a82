"""A send has one effect, and a room one order without holes, however often and over whichever wire it is repeated."""

import random
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from tests.support.people import Cast, Person

SENDS = 1_000
CALLERS = 12


@dataclass(frozen=True)
class Send:
    """One call of one person; the client_id says what is sent."""

    person: Person
    room: str
    client_id: str

    def over(self, device: Person | None) -> dict:
        """Over that device's socket, or over REST where there is none."""
        body = {"client_id": self.client_id, "text": f"text of {self.client_id}"}
        if device is not None:
            return device.ask("message:send", {"room_id": self.room, **body})
        answer = self.person.post(f"/rooms/{self.room}/messages", body)
        assert answer.status == (200 if "duplicate" in answer.body else 201)
        return answer.body


def with_repeats(people: list[Person], rooms: list[str], chance: random.Random) -> list[Send]:
    """A thousand different sends, some of them two or three times, in any order."""
    sends = [Send(chance.choice(people), chance.choice(rooms), f"id-{number}") for number in range(SENDS)]
    repeats = chance.sample(sends, SENDS // 10) + chance.sample(sends, SENDS // 20)
    return chance.sample(sends + repeats, len(sends) + len(repeats))


def test_a_thousand_sends_with_repeats_over_both_wires_store_each_once(cast: Cast, alice: Person, bob: Person) -> None:
    carol = cast.person("carol")
    people = [alice, bob, carol]
    rooms = [alice.group(bob, carol), alice.group(bob, carol)]
    devices = {person: [person.live(), person.another_device().live(), None, None] for person in people}
    chance = random.Random(1)
    sends = with_repeats(people, rooms, chance)
    wires = [chance.choice(devices[send.person]) for send in sends]

    with ThreadPoolExecutor(CALLERS) as pool:
        answers = list(pool.map(Send.over, sends, wires))

    firsts: dict[tuple[str, str], dict] = {}
    originals = 0
    for send, message in zip(sends, answers, strict=True):
        originals += not message.pop("duplicate", False)
        assert firsts.setdefault((send.person.id, send.client_id), message) == message
    assert originals == len(firsts) == SENDS

    stored = [message for room in rooms for message in carol.whole_history(room)]
    assert len(stored) == SENDS
    assert {(message["sender_id"], message["client_id"]): message for message in stored} == firsts
    for room in rooms:
        seqs = [message["seq"] for message in stored if message["room_id"] == room]
        assert seqs == list(range(2, len(seqs) + 2))
        assert carol.get(f"/rooms/{room}").body["seq"] == len(seqs) + 1
        for device in devices[carol][:2]:
            heard = [data["seq"] for data in device.events("message:created") if data["feed"] == room]
            assert sorted(heard) == seqs
