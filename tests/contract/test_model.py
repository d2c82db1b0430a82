"""Whatever people do in whatever order, each of their devices ends, by syncing now and then, in what a fresh one fetches."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from tests.support.contract import Contract
from tests.support.people import Cast
from tests.support.server import Server
from tests.support.state import State

PEOPLE = st.integers(0, 2)
ROOMS = st.integers(0, 1)
SEQS = st.integers(1, 12)
OWN = {"pinned": st.booleans(), "draft": st.just("…"), "everyone_muted_until": st.sampled_from([None, "2099-01-01T00:00:00Z"])}
EXAMPLES = 8
STEPS = 30
DATA: dict[str, dict[str, Any]] = {
    "poll": {"question": "?", "options": ["one", "two"], "multiple": True},
    "event": {"name": "!", "starts_at": (datetime.now(UTC) + timedelta(days=1)).isoformat()},
    "live_location": {"latitude": 1, "longitude": 2, "seconds": 900},
}


class Chat(RuleBasedStateMachine):
    """Three people with two devices each, a group and a direct room; each device knows what it synced last."""

    server: ClassVar[Server]
    contract: ClassVar[Contract]

    @initialize()
    def begin(self) -> None:
        self.cast = Cast(self.server, self.contract)
        self.people = [self.cast.person(name) for name in ("alice", "bob", "carol")]
        alice, bob, carol = self.people
        self.rooms = [alice.group(bob, carol), alice.direct(bob)]
        self.devices = [State.fetched(person) for person in self.people for _ in range(2)]
        self.sent = 0
        self.asked: list[dict[str, Any]] = []

    def call(self, ask: Callable[[], Any]) -> None:
        """Some of what is asked is refused, by people who left, run nothing or block somebody: that is part of the game."""
        answer = ask()
        assert answer.status < 500

    @rule(who=PEOPLE, where=ROOMS, mentioned=PEOPLE, replies=st.none() | SEQS, more=st.booleans())
    def send(self, who: int, where: int, mentioned: int, replies: int | None, more: bool) -> None:
        """more: to everyone in the group, or privately to who said something there."""
        self.sent += 1
        body: dict[str, Any] = {"client_id": f"{who}-{self.sent}", "text": f"message {self.sent}"}
        body["mentions"] = [self.people[mentioned].id] if mentioned != who else []
        body["reply_to_seq"] = replies
        if more and where == 0:
            body["mentions_everyone"] = True
        elif more and replies:
            body["reply_to_room_id"] = self.rooms[0]
        self.call(lambda: self.people[who].post(f"/rooms/{self.rooms[where]}/messages", body))

    @rule(who=PEOPLE, where=ROOMS, seq=SEQS, mentions=st.booleans())
    def edit(self, who: int, where: int, seq: int, mentions: bool) -> None:
        self.sent += 1
        body = {"text": f"edit {self.sent}"} | ({"mentions": [self.people[0].id]} if mentions else {})
        self.call(lambda: self.people[who].patch(f"/rooms/{self.rooms[where]}/messages/{seq}", body))

    @rule(who=PEOPLE, where=ROOMS, seq=SEQS, scope=st.sampled_from(["all", "me"]))
    def delete(self, who: int, where: int, seq: int, scope: str) -> None:
        self.call(lambda: self.people[who].delete(f"/rooms/{self.rooms[where]}/messages/{seq}?scope={scope}"))

    @rule(who=PEOPLE, where=ROOMS, what=st.sampled_from(["clear", "hide", "unhide", "unhide"]), low=SEQS)
    def hide(self, who: int, where: int, what: str, low: int) -> None:
        body = {"ranges": [[low, low + 3]]} if what == "hide" else {}
        self.call(lambda: self.people[who].post(f"/rooms/{self.rooms[where]}/{what}", body))

    @rule(who=PEOPLE, where=ROOMS, kind=st.sampled_from(list(DATA)))
    def ask(self, who: int, where: int, kind: str) -> None:
        self.sent += 1
        body = {"client_id": f"{who}-{self.sent}", "type": kind, "data": DATA[kind]}
        answer = self.people[who].post(f"/rooms/{self.rooms[where]}/messages", body)
        if answer.status == 201:
            self.asked.append(answer.body)

    @rule(who=PEOPLE, which=st.integers(0, 4), number=st.integers(0, 2))
    def answer(self, who: int, which: int, number: int) -> None:
        """A poll, an event, or a live location of one's own; also by who is away, blocks somebody, or came later."""
        if which >= len(self.asked):
            return
        message, person = self.asked[which], self.people[who]
        path = f"/rooms/{message['room_id']}/messages/{message['seq']}"
        chosen = [option["id"] for option in message["data"].get("options", [])[:number]]
        asked: dict[str, tuple[str, dict[str, Any]]] = {
            "poll": ("vote", {"option_ids": chosen}),
            "event": ("rsvp", {"answer": ("going", "maybe", "no")[number]}),
            "live_location": ("position", {"latitude": number, "longitude": number}),
        }
        what, body = asked[message["type"]]
        self.call(lambda: person.put(f"{path}/{what}", body))
        if message["type"] == "live_location" and number == 0:
            self.call(lambda: person.post(f"{path}/stop"))

    @rule(who=PEOPLE)
    def leave(self, who: int) -> None:
        person = self.people[who]
        self.call(lambda: person.delete(f"/rooms/{self.rooms[0]}/members/{person.id}"))

    @rule(who=PEOPLE, other=PEOPLE)
    def add(self, who: int, other: int) -> None:
        body = {"user_ids": [self.people[other].id]}
        self.call(lambda: self.people[who].post(f"/rooms/{self.rooms[0]}/members", body))

    @rule(who=PEOPLE, other=PEOPLE, role=st.sampled_from(["owner", "admin", "member"]))
    def promote(self, who: int, other: int, role: str) -> None:
        path = f"/rooms/{self.rooms[0]}/members/{self.people[other].id}"
        self.call(lambda: self.people[who].patch(path, {"role": role}))

    @rule(who=PEOPLE, where=ROOMS, seq=st.integers(1, 30))
    def read(self, who: int, where: int, seq: int) -> None:
        self.call(lambda: self.people[who].post(f"/rooms/{self.rooms[where]}/read", {"seq": seq}))

    @rule(who=PEOPLE, where=ROOMS, seq=st.integers(2, 12), emoji=st.sampled_from(["👍", "❤️", "🎉", None]))
    def react(self, who: int, where: int, seq: int, emoji: str | None) -> None:
        path, person = f"/rooms/{self.rooms[where]}/messages/{seq}/reaction", self.people[who]
        self.call(lambda: person.put(path, {"emoji": emoji}) if emoji else person.delete(path))

    @rule(who=PEOPLE, where=ROOMS, seq=st.integers(2, 12), kind=st.sampled_from(["pin", "star"]), on=st.booleans())
    def pin_or_star(self, who: int, where: int, seq: int, kind: str, on: bool) -> None:
        path, person = f"/rooms/{self.rooms[where]}/messages/{seq}/{kind}", self.people[who]
        self.call(lambda: person.put(path) if on else person.delete(path))

    @rule(who=PEOPLE, where=ROOMS, own=st.fixed_dictionaries({}, optional=OWN))
    def set_me(self, who: int, where: int, own: dict[str, Any]) -> None:
        self.call(lambda: self.people[who].patch(f"/rooms/{self.rooms[where]}/me", own))

    @rule(who=PEOPLE, other=PEOPLE, blocks=st.booleans())
    def block(self, who: int, other: int, blocks: bool) -> None:
        path = f"/users/me/blocks/{self.people[other].id}"
        self.call(lambda: self.people[who].put(path) if blocks else self.people[who].delete(path))

    @rule(who=PEOPLE, told=st.booleans())
    def tell_of_reading(self, who: int, told: bool) -> None:
        self.call(lambda: self.people[who].patch("/users/me/privacy", {"read_receipts": told}))

    @rule(device=st.integers(0, 5), limit=st.sampled_from([1, 3, 500]))
    def sync(self, device: int, limit: int) -> None:
        state = self.devices[device].sync(limit=limit)
        assert state.comparable() == State.fetched(state.person).comparable()

    def teardown(self) -> None:
        if hasattr(self, "devices"):
            for state in self.devices:
                assert state.sync(limit=2).comparable() == State.fetched(state.person).comparable()
            self.cast.goodbye()


def test_every_device_ends_in_the_same_state(server: Server, contract: Contract) -> None:
    run_state_machine_as_test(
        type("ChatHere", (Chat,), {"server": server, "contract": contract}),
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            derandomize=True,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )
