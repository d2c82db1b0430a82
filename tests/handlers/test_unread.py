"""What is unread: figures that never drift, whatever happens, held against a naive recount of what each person sees."""

import random
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.support.people import Cast, Person

ACTIONS, EVERY = 120, 6
PAST, FUTURE = "2001-01-01T00:00:00Z", "2099-01-01T00:00:00Z"


def badge(person: Person) -> dict[str, int]:
    answer = person.get("/users/me/unread")
    assert answer.status == 200
    return answer.body


def test_the_badge_counts_rooms_messages_and_mentions(alice: Person, bob: Person) -> None:
    group, direct = alice.group(bob), alice.direct(bob)
    assert badge(bob) == {"rooms": 0, "messages": 0, "mentions": 0}
    alice.say(group, mentions=[bob.id])
    alice.say(group)
    seq = alice.say(direct)["seq"]
    assert badge(bob) == bob.ask("room:unread") == {"rooms": 2, "messages": 3, "mentions": 1}
    assert badge(alice) == {"rooms": 0, "messages": 0, "mentions": 0}
    bob.another_device().ask("receipt:read", {"room_id": direct, "seq": seq})
    assert badge(bob) == {"rooms": 1, "messages": 2, "mentions": 1}


def test_a_room_marked_unread_is_one_room_and_no_message(alice: Person, bob: Person) -> None:
    room = alice.direct(bob)
    bob.patch(f"/rooms/{room}/me", {"marked_unread": True})
    assert badge(bob) == {"rooms": 1, "messages": 0, "mentions": 0}
    alice.say(room)
    assert badge(bob) == {"rooms": 1, "messages": 1, "mentions": 0}


@pytest.mark.parametrize("aside", [{"archived": True}, {"muted_until": FUTURE}])
def test_muted_and_archived_rooms_are_not_on_the_badge(alice: Person, bob: Person, aside: dict[str, Any]) -> None:
    room = alice.group(bob)
    alice.say(room, mentions=[bob.id])
    bob.patch(f"/rooms/{room}/me", {"marked_unread": True, **aside})
    assert badge(bob) == {"rooms": 0, "messages": 0, "mentions": 0}
    assert bob.get(f"/rooms/{room}").body["me"]["unread"] == 1
    bob.patch(f"/rooms/{room}/me", {"archived": False, "muted_until": PAST})
    assert badge(bob) == {"rooms": 1, "messages": 1, "mentions": 1}


def test_mentioning_oneself_is_nothing_unread(alice: Person, bob: Person) -> None:
    room = alice.direct(bob)
    alice.say(room, "note to self", mentions=[alice.id])
    me = alice.get(f"/rooms/{room}").body["me"]
    assert (me["unread"], me["mentions"], badge(alice)["mentions"]) == (0, 0, 0)


def mentions_them(person: Person, message: dict[str, Any], muted_until: str | None) -> bool:
    """By name, or with everyone, unless they had everyone muted when it was said."""
    loud = muted_until is None or message["created_at"] >= muted_until
    return person.id in message["mentions"] or (message["mentions_everyone"] and loud)


class Life:
    """Four people in two groups of alice's and a direct room, who do this and that; how far each read is noted here too."""

    def __init__(self, cast: Cast, seed: int) -> None:
        self.chance = random.Random(seed)
        self.people = [cast.person(name) for name in ("alice", "bob", "carol", "dave")]
        self.devices = {person.id: [person, person.another_device()] for person in self.people}
        self.alice, self.others = self.people[0], self.people[1:]
        self.groups = [self.alice.group(*self.others), self.alice.group(*self.others[:2])]
        direct = self.alice.direct(self.others[0])
        self.inside = {self.groups[0]: set(self.people), self.groups[1]: set(self.people[:3]), direct: set(self.people[:2])}
        self.marks = {(room, person): 1 for room in self.inside for person in self.people}
        for room, inside in self.inside.items():
            for person in inside:
                self.marks[room, person] = person.get(f"/rooms/{room}").body["me"]["joined_seq"]

    def act(self) -> None:
        room = self.chance.choice(list(self.inside))
        person = self.chance.choice(sorted(self.inside[room], key=lambda person: person.id))
        actions: dict[Callable[..., None], int] = {
            self.send: 45, self.mention: 12, self.mention_everyone: 8, self.mute_everyone: 5, self.edit: 10, self.happen: 6,
            self.delete: 8, self.hide: 8, self.clear: 2, self.read: 18,
            self.mark_unread: 5, self.set_aside: 5, self.go: 6, self.come: 8,
        }  # fmt: skip
        (action,) = self.chance.choices(list(actions), list(actions.values()))
        action(room, person)

    def send(self, room: str, person: Person) -> None:
        person.say(room)

    def mention(self, room: str, person: Person) -> None:
        inside = sorted(each.id for each in self.inside[room])
        person.say(room, mentions=self.chance.sample(inside, self.chance.randint(1, len(inside))))

    def mention_everyone(self, room: str, person: Person) -> None:
        """In groups; perhaps also somebody by name, who is mentioned once all the same."""
        if room in self.groups:
            inside = sorted(each.id for each in self.inside[room])
            person.say(room, mentions=self.chance.sample(inside, self.chance.randint(0, 1)), mentions_everyone=True)

    def mute_everyone(self, room: str, person: Person) -> None:
        until = self.chance.choice([None, PAST, FUTURE, datetime.now(UTC).isoformat()])
        assert person.patch(f"/rooms/{room}/me", {"everyone_muted_until": until}).status == 200

    def edit(self, room: str, person: Person) -> None:
        """Mention others than before, in something said earlier."""
        said = self.any_of(room, person, lambda message: message["sender_id"] == person.id and message["type"] == "text")
        if said:
            inside = sorted(each.id for each in self.inside[room])
            body = {"text": "edited", "mentions": self.chance.sample(inside, self.chance.randint(0, len(inside)))}
            body |= {"mentions_everyone": self.chance.random() < 0.5} if room in self.groups else {}
            assert person.patch(f"/rooms/{room}/messages/{said['seq']}", body).status == 200

    def happen(self, room: str, person: Person) -> None:
        """What is a line in the history and nothing unread."""
        said = self.any_of(room, person, lambda message: message["type"] == "text")
        if said:
            assert person.put(f"/rooms/{room}/messages/{said['seq']}/pin").status in (200, 409)
        if room in self.groups:
            self.alice.patch(f"/rooms/{room}", {"description": str(self.chance.random())})

    def delete(self, room: str, person: Person) -> None:
        """For everybody: one's own, or, in a group of hers, anything by alice."""
        runs = person is self.alice and room in self.groups
        theirs = [person.id, *(each.id for each in self.people if runs)]
        said = self.any_of(room, person, lambda message: message["sender_id"] in theirs and message["type"] != "system")
        if said:
            assert person.delete(f"/rooms/{room}/messages/{said['seq']}?scope=all").status == 204

    def hide(self, room: str, person: Person) -> None:
        """For oneself, from any device, and perhaps not after all."""
        low = self.chance.randint(1, person.get(f"/rooms/{room}").body["seq"])
        device, other = self.chance.choices(self.devices[person.id], k=2)
        assert device.post(f"/rooms/{room}/hide", {"ranges": [[low, low + self.chance.randint(0, 4)]]}).status == 204
        if self.chance.random() < 0.3:
            assert other.post(f"/rooms/{room}/unhide").status in (204, 409)

    def clear(self, room: str, person: Person) -> None:
        assert person.post(f"/rooms/{room}/clear").status == 204

    def any_of(self, room: str, person: Person, fits: Callable[[dict[str, Any]], bool]) -> dict[str, Any] | None:
        """Some message that this person sees, and that fits."""
        fitting = [message for message in person.history(room, limit=100) if fits(message)]
        return self.chance.choice(fitting) if fitting else None

    def read(self, room: str, person: Person) -> None:
        last = person.get(f"/rooms/{room}").body["seq"]
        seq = self.chance.randint(1, last + 3)
        device = self.chance.choice(self.devices[person.id])
        assert device.post(f"/rooms/{room}/read", {"seq": seq}).status == 200
        self.marks[room, person] = max(self.marks[room, person], min(seq, last))

    def mark_unread(self, room: str, person: Person) -> None:
        assert person.patch(f"/rooms/{room}/me", {"marked_unread": True}).status == 200

    def set_aside(self, room: str, person: Person) -> None:
        own = {"archived": self.chance.random() < 0.3, "muted_until": self.chance.choice([None, PAST, FUTURE])}
        assert person.patch(f"/rooms/{room}/me", own).status == 200

    def go(self, room: str, person: Person) -> None:
        """Leave a group, or be removed from it; alice stays, so that somebody can bring people back."""
        if room in self.groups and person is not self.alice:
            asking = self.chance.choice([self.alice, person])
            assert asking.delete(f"/rooms/{room}/members/{person.id}").status == 204
            self.inside[room].remove(person)

    def come(self, room: str, person: Person) -> None:
        away = [other for other in self.others if other not in self.inside[room]]
        if room in self.groups and away:
            back = self.chance.choice(away)
            self.alice.post(f"/rooms/{room}/members", {"user_ids": [back.id]})
            self.inside[room].add(back)
            self.marks[room, back] = back.get(f"/rooms/{room}").body["me"]["joined_seq"]

    def check(self, person: Person) -> None:
        """What the server computes is what somebody counts who reads everything they may."""
        rooms = {room["id"]: room["me"] for room in person.get("/rooms", limit=100).body["items"]}
        assert rooms.keys() == {room for room, inside in self.inside.items() if person in inside}
        total = {"rooms": 0, "messages": 0, "mentions": 0}
        for room, me in rooms.items():
            mark = self.marks[room, person]
            said = [message for message in person.history(room, limit=100) if not message["deleted_at"]]
            seen = [message for message in said if message["seq"] > mark and message["sender_id"] != person.id]
            seen = [message for message in seen if message["type"] != "system"]
            mentions = [message for message in seen if mentions_them(person, message, me["everyone_muted_until"])]
            assert (me["read_seq"], me["unread"], me["mentions"]) == (mark, len(seen), len(mentions))
            if not me["archived"] and me["muted_until"] in (None, PAST.replace("Z", ".000Z")):
                total["rooms"] += bool(seen or me["marked_unread"])
                total["messages"] += len(seen)
                total["mentions"] += len(mentions)
        assert badge(person) == total


@pytest.mark.parametrize("seed", [1, 2])
def test_no_history_makes_the_figures_drift(cast: Cast, seed: int) -> None:
    life = Life(cast, seed)
    for number in range(ACTIONS):
        life.act()
        for person in life.people if number % EVERY == 0 else ():
            life.check(person)
    for person in life.people:
        life.check(person)
