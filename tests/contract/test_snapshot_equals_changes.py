"""For every action that exists: the state before plus the changes told equals the state that a fresh client fetches."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from chatx.registry import catalogue
from tests.support.people import PASSWORD, Cast, Person
from tests.support.verify import verify_action


@dataclass
class Stage:
    """alice owns a group with bob and carol in it; alice and bob share a direct room; dave is outside."""

    cast: Cast
    alice: Person
    bob: Person
    carol: Person
    dave: Person
    group: str
    direct: str

    @property
    def everybody(self) -> list[Person]:
        return [self.alice, self.bob, self.carol, self.dave]


@pytest.fixture
def stage(cast: Cast) -> Stage:
    alice, bob, carol, dave = (cast.person(name).live() for name in ("alice", "bob", "carol", "dave"))
    group, direct = alice.group(bob, carol), alice.direct(bob)
    alice.say(group, "who comes?")
    bob.say(group, "me", mentions=[carol.id])
    alice.say(direct, "hi")
    return Stage(cast, alice, bob, carol, dave, group, direct)


def leave_and_come_back(stage: Stage) -> None:
    stage.alice.delete(f"/rooms/{stage.group}/members/{stage.bob.id}")
    stage.alice.say(stage.group, "bob is away")
    stage.alice.post(f"/rooms/{stage.group}/members", {"user_ids": [stage.bob.id]})
    stage.carol.say(stage.group, "welcome back", mentions=[stage.bob.id])


def read_what_was_marked_unread(stage: Stage) -> None:
    stage.bob.patch(f"/rooms/{stage.group}/me", {"marked_unread": True})
    stage.bob.ask("receipt:read", {"room_id": stage.group, "seq": 3})


def sign_out_another_device(stage: Stage) -> None:
    another = stage.bob.another_device()
    stage.bob.delete(f"/auth/devices/{another.device_id}")


def spend_a_refresh_token_twice(stage: Stage) -> None:
    token = stage.bob.another_device().session["refresh_token"]
    nobody = stage.cast.stranger()
    assert [nobody.call("POST", "/auth/refresh", token=token).status for _ in range(2)] == [200, 401]


def change_the_password(stage: Stage) -> None:
    stage.bob.another_device()
    body = {"current_password": PASSWORD, "new_password": PASSWORD + "!"}
    assert stage.bob.post("/auth/password", body).status == 204


def keep_rename_and_let_go_of_a_contact(stage: Stage) -> None:
    for name in (None, "Cee"):
        stage.bob.put(f"/users/me/contacts/{stage.carol.id}", {"name": name})
    stage.bob.put(f"/users/me/contacts/{stage.alice.id}", {})
    stage.bob.delete(f"/users/me/contacts/{stage.alice.id}")


def block_who_goes_on_talking(stage: Stage) -> None:
    """The direct room stands still for bob, and not for alice; they still share the group."""
    stage.bob.put(f"/users/me/blocks/{stage.alice.id}")
    stage.alice.say(stage.direct, "do you hear me?", mentions=[stage.bob.id])
    stage.bob.post(f"/rooms/{stage.direct}/read", {"seq": 99})
    stage.alice.say(stage.group, "bob?")


def unblock_who_went_on_talking(stage: Stage) -> None:
    block_who_goes_on_talking(stage)
    stage.bob.delete(f"/users/me/blocks/{stage.alice.id}")
    stage.alice.say(stage.direct, "and now?")


def unblock_who_opened_a_room(stage: Stage) -> None:
    stage.bob.put(f"/users/me/blocks/{stage.dave.id}")
    stage.dave.say(stage.dave.direct(stage.bob), "hello?")
    stage.bob.delete(f"/users/me/blocks/{stage.dave.id}")


def unblock_at_once(stage: Stage) -> None:
    for _ in range(2):
        stage.bob.put(f"/users/me/blocks/{stage.alice.id}")
        stage.bob.delete(f"/users/me/blocks/{stage.alice.id}")
    stage.bob.say(stage.direct, "sorry")


def read_without_telling(stage: Stage) -> None:
    stage.bob.patch("/users/me/privacy", {"read_receipts": False})
    for room in (stage.direct, stage.group):
        stage.bob.post(f"/rooms/{room}/read", {"seq": 99})


def edit_again_and_again(stage: Stage) -> None:
    """What was answered, who is mentioned, and what was said before carol came and while bob was away."""
    stage.alice.say(stage.group, "when?", reply_to_seq=3)
    for text, mentions in (("me, and carol", [stage.carol.id]), ("and me", [stage.bob.id]), ("not me", [])):
        stage.bob.patch(f"/rooms/{stage.group}/messages/3", {"text": text, "mentions": mentions})
    leave_and_come_back(stage)
    stage.alice.post(f"/rooms/{stage.group}/members", {"user_ids": [stage.dave.id]})
    stage.dave.say(stage.group, "hello all")
    stage.alice.say(stage.group, "as I said", reply_to_seq=4)
    for seq in (2, 4):
        stage.alice.ask("message:edit", {"room_id": stage.group, "seq": seq, "text": f"{seq} in other words"})


def delete_what_was_answered(stage: Stage) -> None:
    stage.bob.say(stage.group, "hello", mentions=[stage.carol.id], reply_to_seq=2)
    stage.carol.say(stage.group, "hi", reply_to_seq=4)
    for person, seq in ((stage.alice, 2), (stage.bob, 4), (stage.alice, 3)):
        person.ask("message:delete", {"room_id": stage.group, "seq": seq, "scope": "all"})
    stage.alice.post(f"/rooms/{stage.group}/members", {"user_ids": [stage.dave.id]})
    stage.carol.ask("message:delete", {"room_id": stage.group, "seq": 5, "scope": "all"})


ACTIONS: dict[str, list[Callable[[Stage], object]]] = {
    "auth:register": [lambda stage: stage.cast.person("erin")],
    "auth:login": [lambda stage: stage.bob.another_device()],
    "auth:refresh": [spend_a_refresh_token_twice],
    "auth:logout": [lambda stage: stage.bob.another_device().post("/auth/logout")],
    "auth:password": [change_the_password],
    "device:revoke": [sign_out_another_device],
    "user:update": [lambda stage: stage.bob.patch("/users/me", {"display_name": "Robert", "about": "away"})],
    "contact:set": [keep_rename_and_let_go_of_a_contact],
    "contact:remove": [keep_rename_and_let_go_of_a_contact],
    "block:set": [
        block_who_goes_on_talking,
        lambda stage: [one.put(f"/users/me/blocks/{other.id}") for one in stage.everybody for other in stage.everybody],
    ],
    "block:remove": [unblock_who_went_on_talking, unblock_who_opened_a_room, unblock_at_once],
    "privacy:set": [read_without_telling],
    "room:create": [lambda stage: stage.dave.group(stage.bob), lambda stage: stage.bob.ask("room:create", {"title": "alone"})],
    "room:direct": [
        lambda stage: stage.dave.direct(stage.alice),
        lambda stage: stage.dave.direct(stage.dave),
        lambda stage: stage.bob.direct(stage.alice),
    ],
    "room:update": [lambda stage: stage.alice.patch(f"/rooms/{stage.group}", {"title": "Lake", "description": "at ten"})],
    "room:set_me": [
        lambda stage: stage.bob.patch(
            f"/rooms/{stage.group}/me", {"pinned": True, "draft": "I", "muted_until": "2099-01-01T00:00:00Z"}
        ),
        lambda stage: stage.bob.patch(f"/rooms/{stage.direct}/me", {"archived": True, "marked_unread": True}),
    ],
    "member:add": [
        lambda stage: stage.alice.post(f"/rooms/{stage.group}/members", {"user_ids": [stage.dave.id, stage.bob.id]}),
        leave_and_come_back,
    ],
    "member:update": [lambda stage: stage.alice.patch(f"/rooms/{stage.group}/members/{stage.bob.id}", {"role": "admin"})],
    "member:remove": [
        lambda stage: stage.alice.delete(f"/rooms/{stage.group}/members/{stage.bob.id}"),
        lambda stage: stage.bob.delete(f"/rooms/{stage.group}/members/{stage.bob.id}"),
        lambda stage: stage.alice.delete(f"/rooms/{stage.group}/members/{stage.alice.id}"),
    ],
    "message:send": [
        lambda stage: stage.bob.say(stage.group, "and carol?", mentions=[stage.carol.id], reply_to_seq=2),
        lambda stage: [stage.alice.say(stage.direct, "again", client_id="same"), stage.bob.say(stage.direct, "yes")],
        lambda stage: stage.carol.ask("message:send", {"room_id": stage.group, "client_id": "1", "text": "live"}),
    ],
    "message:edit": [edit_again_and_again],
    "message:delete": [delete_what_was_answered],
    "receipt:read": [
        lambda stage: stage.bob.ask("receipt:read", {"room_id": stage.direct, "seq": 2}),
        read_what_was_marked_unread,
    ],
    "receipt:delivered": [lambda stage: stage.bob.ask("receipt:delivered", {"marks": {stage.direct: 2, stage.group: 3}})],
}


@pytest.mark.parametrize(
    ("event", "number"), [(event, number) for event, actions in ACTIONS.items() for number in range(len(actions))]
)
def test_snapshot_plus_changes_is_the_fresh_snapshot(event: str, number: int, stage: Stage) -> None:
    verify_action(lambda: ACTIONS[event][number](stage), *stage.everybody)


def test_every_action_is_verified() -> None:
    writes = {handler.event for handler in catalogue.values() if not handler.reads and not handler.internal}
    assert writes == ACTIONS.keys(), "each handler that changes something needs an action here"
