"""For every action that exists: the state before plus the changes told equals the state that a fresh client fetches."""

import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from chatx.models import Timer
from chatx.registry import catalogue
from tests.support.database import connected
from tests.support.people import PASSWORD, Cast, Person
from tests.support.verify import verify_action
from tests.support.website import Website


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
    website: Website

    @property
    def everybody(self) -> list[Person]:
        return [self.alice, self.bob, self.carol, self.dave]


@pytest.fixture
def stage(cast: Cast, website: Website) -> Stage:
    alice, bob, carol, dave = (cast.person(name).live() for name in ("alice", "bob", "carol", "dave"))
    group, direct = alice.group(bob, carol), alice.direct(bob)
    alice.say(group, "who comes?")
    bob.say(group, "me", mentions=[carol.id])
    alice.say(direct, "hi")
    return Stage(cast, alice, bob, carol, dave, group, direct, website)


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


def mention_everyone(stage: Stage) -> None:
    """By edits too, while one is away and another one has it muted; what is deleted mentions nobody."""
    stage.carol.patch(f"/rooms/{stage.group}/me", {"everyone_muted_until": "2099-01-01T00:00:00Z"})
    said = [stage.alice.say(stage.group, "all!", mentions_everyone=True, mentions=[stage.bob.id]) for _ in range(3)]
    stage.bob.ask("message:edit", {"room_id": stage.group, "seq": 3, "text": "all?", "mentions_everyone": True})
    stage.alice.patch(f"/rooms/{stage.group}/messages/{said[0]['seq']}", {"text": "bob", "mentions_everyone": False})
    stage.alice.delete(f"/rooms/{stage.group}/messages/{said[1]['seq']}?scope=all")
    leave_and_come_back(stage)
    stage.alice.say(stage.group, "back?", mentions_everyone=True)
    stage.alice.patch(f"/rooms/{stage.group}/messages/{said[2]['seq']}", {"text": "well", "mentions": []})


def answer_privately(stage: Stage) -> None:
    """What is answered is edited, hidden and deleted in the group, which one of them leaves and comes back to."""
    second = stage.bob.say(stage.group, "and you?")["seq"]
    for person, seq in ((stage.alice, 3), (stage.bob, 2), (stage.alice, second)):
        person.say(stage.direct, "between us", reply_to_seq=seq, reply_to_room_id=stage.group)
    stage.bob.patch(f"/rooms/{stage.group}/messages/3", {"text": "me, and alice"})
    stage.bob.delete(f"/rooms/{stage.group}/messages/2?scope=me")
    leave_and_come_back(stage)
    stage.alice.delete(f"/rooms/{stage.group}/messages/{second}?scope=all")
    last = stage.alice.history(stage.direct)[-1]["seq"]
    stage.bob.put(f"/rooms/{stage.direct}/messages/{last}/reaction", {"emoji": "👍"})


def answer_privately_and_leave(stage: Stage) -> None:
    """What becomes of it in the group is not for who has left."""
    stage.alice.say(stage.direct, "between us", reply_to_seq=3, reply_to_room_id=stage.group)
    stage.bob.delete(f"/rooms/{stage.group}/members/{stage.bob.id}")
    stage.alice.say(stage.direct, "why?", reply_to_seq=3, reply_to_room_id=stage.group)
    stage.alice.delete(f"/rooms/{stage.group}/messages/3?scope=all")


def delete_what_was_answered(stage: Stage) -> None:
    stage.bob.say(stage.group, "hello", mentions=[stage.carol.id], reply_to_seq=2)
    stage.carol.say(stage.group, "hi", reply_to_seq=4)
    for person, seq in ((stage.alice, 2), (stage.bob, 4), (stage.alice, 3)):
        person.ask("message:delete", {"room_id": stage.group, "seq": seq, "scope": "all"})
    stage.alice.post(f"/rooms/{stage.group}/members", {"user_ids": [stage.dave.id]})
    stage.carol.ask("message:delete", {"room_id": stage.group, "seq": 5, "scope": "all"})


LAKE = {"question": "Where to?", "options": ["lake", "hills"], "add_options": True}


def vote(person: Person, poll: dict[str, Any], *numbers: int) -> None:
    """For the options with these numbers."""
    chosen = [poll["data"]["options"][number]["id"] for number in numbers]
    person.ask("poll:vote", {"room_id": poll["room_id"], "seq": poll["seq"], "option_ids": chosen})


def vote_among_all_else(stage: Stage) -> None:
    """Quoted, while one is away and another one comes, with more options, until it is closed."""
    poll = stage.carol.send(stage.group, "poll", LAKE)
    stage.alice.say(stage.group, "well", reply_to_seq=poll["seq"])
    vote(stage.bob, poll, 0)
    stage.alice.post(f"/rooms/{stage.group}/members", {"user_ids": [stage.dave.id]})
    vote(stage.alice, poll, 1)
    leave_and_come_back(stage)
    vote(stage.bob, poll)
    at = {"room_id": stage.group, "seq": poll["seq"]}
    vote(stage.bob, stage.bob.ask("poll:add_option", at | {"text": "home"}), 2)
    stage.carol.ask("poll:close", at)


def vote_in_secret(stage: Stage) -> None:
    poll = stage.alice.send(stage.group, "poll", LAKE | {"hidden_voters": True, "multiple": True})
    for person, *numbers in ((stage.bob, 0, 1), (stage.carol, 1), (stage.bob, 0), (stage.alice,)):
        vote(person, poll, *numbers)


def vote_for_somebody_who_blocks(stage: Stage) -> None:
    """bob keeps the poll as he knows it; alice goes on."""
    polls = [person.send(stage.direct, "poll", LAKE) for person in (stage.alice, stage.bob)]
    vote(stage.alice, polls[1], 0)
    stage.bob.say(stage.direct, "hm", reply_to_seq=polls[0]["seq"])
    stage.bob.put(f"/users/me/blocks/{stage.alice.id}")
    for number in (1, 0):
        for poll in polls:
            vote(stage.alice, poll, number)
    stage.alice.ask("poll:close", {"room_id": stage.direct, "seq": polls[0]["seq"]})


def vote_and_unblock(stage: Stage) -> None:
    vote_for_somebody_who_blocks(stage)
    stage.bob.delete(f"/users/me/blocks/{stage.alice.id}")


def delete_what_was_voted_on(stage: Stage) -> None:
    poll = stage.alice.send(stage.group, "poll", LAKE)
    vote(stage.bob, poll, 0)
    stage.bob.say(stage.group, "me first", reply_to_seq=poll["seq"])
    stage.alice.ask("message:delete", {"room_id": stage.group, "seq": poll["seq"], "scope": "all"})


def hide_what_others_go_on_about(stage: Stage) -> None:
    """What is edited, answered and deleted by others meanwhile stays hidden on all own devices, and comes back as it is then."""
    stage.carol.say(stage.group, "you?", reply_to_seq=3)
    stage.carol.ask("message:delete", {"room_id": stage.group, "seq": 2, "scope": "me"})
    stage.carol.ask("message:hide", {"room_id": stage.group, "ranges": [[3, 3], [1, 1], [2, 3], [9, 99]]})
    stage.bob.patch(f"/rooms/{stage.group}/messages/3", {"text": "me, carol", "mentions": [stage.carol.id]})
    stage.alice.say(stage.group, "good", reply_to_seq=3)
    stage.alice.ask("message:delete", {"room_id": stage.group, "seq": 2, "scope": "all"})


def take_back_what_was_hidden(stage: Stage) -> None:
    hide_what_others_go_on_about(stage)
    stage.carol.ask("message:unhide", {"room_id": stage.group})


def clear_a_room_and_go_on(stage: Stage) -> None:
    stage.bob.post(f"/rooms/{stage.group}/clear")
    stage.bob.post(f"/rooms/{stage.direct}/clear")
    leave_and_come_back(stage)
    stage.alice.say(stage.direct, "all gone?", reply_to_seq=2)


def delete_for_somebody_who_blocks(stage: Stage) -> None:
    """bob hears no change of the room, but that is one he must not miss."""
    stage.bob.say(stage.direct, "hello", reply_to_seq=2)
    stage.bob.put(f"/users/me/blocks/{stage.alice.id}")
    for seq in (2, 2, 4):
        stage.alice.say(stage.direct, "meanwhile")
        stage.alice.delete(f"/rooms/{stage.direct}/messages/{seq}?scope=all")


def edit_for_somebody_who_blocks(stage: Stage) -> None:
    """bob keeps the words that he knows, also in quotes and in his figures; alice goes on with her own."""
    stage.bob.say(stage.direct, "hi alice", reply_to_seq=2)
    said = stage.alice.say(stage.direct, "one", mentions=[stage.bob.id])
    stage.alice.patch(f"/rooms/{stage.direct}/messages/{said['seq']}", {"text": "two"})
    stage.bob.put(f"/users/me/blocks/{stage.alice.id}")
    for seq, mentions in ((2, [stage.bob.id]), (said["seq"], []), (said["seq"], [stage.alice.id])):
        stage.alice.patch(f"/rooms/{stage.direct}/messages/{seq}", {"text": f"psst {mentions}", "mentions": mentions})


def edit_after_unblocking(stage: Stage) -> None:
    edit_for_somebody_who_blocks(stage)
    stage.bob.delete(f"/users/me/blocks/{stage.alice.id}")
    stage.bob.say(stage.direct, "what did you say?", reply_to_seq=2)
    stage.alice.say(stage.direct, "nothing", reply_to_seq=4)
    stage.alice.patch(f"/rooms/{stage.direct}/messages/4", {"text": "nothing"})


def edit_while_somebody_is_away(stage: Stage) -> None:
    stage.carol.say(stage.group, "and you?", reply_to_seq=2)
    stage.alice.delete(f"/rooms/{stage.group}/members/{stage.bob.id}")
    stage.alice.patch(f"/rooms/{stage.group}/messages/2", {"text": "who comes, without bob?"})
    stage.alice.post(f"/rooms/{stage.group}/members", {"user_ids": [stage.bob.id]})
    stage.carol.say(stage.group, "not me", reply_to_seq=2)
    stage.carol.patch(f"/rooms/{stage.group}/messages/4", {"text": "and what about you?"})
    stage.alice.patch(f"/rooms/{stage.group}/messages/2", {"text": "who comes now?"})


def in_time(seconds: float) -> dict[str, str]:
    return {"at": (datetime.now(UTC) + timedelta(seconds=seconds)).isoformat()}


def set_move_and_clear_reminders(stage: Stage) -> None:
    for room in (stage.group, stage.direct):
        for seconds in (3600, 7200):
            stage.bob.put(f"/rooms/{room}/messages/2/reminder", in_time(seconds))
    stage.bob.delete(f"/rooms/{stage.group}/messages/2/reminder")


def be_reminded(stage: Stage) -> None:
    stage.bob.put(f"/rooms/{stage.group}/messages/2/reminder", in_time(3600))
    stage.bob.put(f"/rooms/{stage.group}/messages/3/reminder", in_time(0.2))
    stage.bob.hears("reminder:due")


def schedule(person: Person, room: str, seconds: float, **more: Any) -> dict[str, Any]:
    body = {"client_id": uuid.uuid4().hex, "text": "later", **in_time(seconds), **more}
    return person.ask("scheduled:create", {"room_id": room, **body})


def schedule_change_and_cancel(stage: Stage) -> None:
    first, second, third = (schedule(stage.bob, room, 3600) for room in (stage.group, stage.direct, stage.group))
    stage.bob.ask("scheduled:edit", {"scheduled_id": first["id"], "text": "later still", **in_time(7200)})
    stage.bob.ask("scheduled:edit", {"scheduled_id": second["id"], "mentions": [stage.alice.id]})
    for each in (second, third):
        stage.bob.ask("scheduled:cancel", {"scheduled_id": each["id"]})


def have_it_said_or_refused(stage: Stage) -> None:
    """One is said and ends no draft, one is refused, one goes to a room that comes back for alice."""
    archive_until_something_is_said(stage)
    stage.bob.patch(f"/rooms/{stage.group}/me", {"draft": "me too"})
    schedule(stage.bob, stage.group, 0.5, mentions=[stage.alice.id], reply_to_seq=2)
    schedule(stage.bob, stage.direct, 0.6)
    schedule(stage.carol, stage.group, 0.7)
    stage.alice.delete(f"/rooms/{stage.group}/members/{stage.carol.id}")
    for _ in range(2):
        stage.bob.hears("scheduled:sent")
    while stage.carol.hears("scheduled:updated")["scheduled"]["state"] != "refused":
        continue


def draft_and_send(stage: Stage) -> None:
    for room in (stage.group, stage.direct):
        stage.bob.patch(f"/rooms/{room}/me", {"draft": "hm", "draft_reply_to_seq": 2})
        stage.carol.say(stage.group, "?")
        stage.bob.another_device().say(room, "well", reply_to_seq=2)
    stage.alice.patch(f"/rooms/{stage.group}/me", {"draft": "left alone"})
    stage.bob.say(stage.group)


def archive_until_something_is_said(stage: Stage) -> None:
    for person in (stage.alice, stage.bob):
        person.patch("/users/me/settings", {"keep_archived": False})
    stage.alice.patch(f"/rooms/{stage.direct}/me", {"archived": True})
    stage.bob.patch(f"/rooms/{stage.group}/me", {"archived": True, "favourite": True})


def find_again_what_was_archived(stage: Stage) -> None:
    archive_until_something_is_said(stage)
    stage.carol.say(stage.group, "there?")
    stage.bob.patch(f"/rooms/{stage.group}/me", {"archived": True})
    stage.bob.patch("/users/me/settings", {"keep_archived": True})
    stage.bob.post(f"/rooms/{stage.group}/forward", {"seqs": [2], "to_room_ids": [stage.direct], "client_id": "1"})
    stage.carol.say(stage.group, "?")


def react_again_and_again(stage: Stage) -> None:
    """Also to what was said before dave came and while bob was away; carol takes hers back, and alice deletes one."""

    def react(person: Person, seq: int, emoji: str) -> None:
        person.ask("reaction:set", {"room_id": stage.group, "seq": seq, "emoji": emoji})

    for person, seq, emoji in ((stage.bob, 2, "👍"), (stage.carol, 2, "👍"), (stage.alice, 3, "🎉"), (stage.bob, 2, "😢")):
        react(person, seq, emoji)
    stage.carol.delete(f"/rooms/{stage.group}/messages/2/reaction")
    leave_and_come_back(stage)
    stage.alice.post(f"/rooms/{stage.group}/members", {"user_ids": [stage.dave.id]})
    stage.dave.say(stage.group, "hello all")
    for person, seq, emoji in ((stage.bob, 3, "🎉"), (stage.carol, 2, "❤️"), (stage.bob, 2, "👍")):
        react(person, seq, emoji)
    last = stage.alice.history(stage.group)[-1]["seq"]
    react(stage.dave, last, "👋")
    stage.dave.patch(f"/rooms/{stage.group}/messages/{last}", {"text": "hello everybody"})
    stage.alice.delete(f"/rooms/{stage.group}/messages/3?scope=all")


def react_and_pin_behind_a_block(stage: Stage) -> None:
    """bob knows what was there before; alice goes on, and both see their own when they meet again."""

    def react(person: Person, seq: int, emoji: str) -> None:
        person.put(f"/rooms/{stage.direct}/messages/{seq}/reaction", {"emoji": emoji})

    for text in ("one", "two"):
        stage.bob.say(stage.direct, text)
    react(stage.alice, 2, "👍")
    react(stage.alice, 3, "👍")
    stage.bob.put(f"/rooms/{stage.direct}/messages/2/pin")
    stage.bob.put(f"/users/me/blocks/{stage.alice.id}")
    react(stage.alice, 2, "🖕")
    stage.alice.delete(f"/rooms/{stage.direct}/messages/3/reaction")
    react(stage.alice, 4, "💩")
    stage.alice.delete(f"/rooms/{stage.direct}/messages/2/pin")
    stage.alice.put(f"/rooms/{stage.direct}/messages/3/pin")


def react_and_pin_after_a_block(stage: Stage) -> None:
    react_and_pin_behind_a_block(stage)
    stage.bob.delete(f"/users/me/blocks/{stage.alice.id}")
    for person, seq in ((stage.bob, 2), (stage.bob, 3), (stage.alice, 4)):
        person.put(f"/rooms/{stage.direct}/messages/{seq}/reaction", {"emoji": "🙂"})
    stage.bob.patch(f"/rooms/{stage.direct}/messages/3", {"text": "edited"})
    stage.bob.put(f"/rooms/{stage.direct}/messages/4/pin")
    stage.bob.delete(f"/rooms/{stage.direct}/messages/2/pin")


def star_and_unstar(stage: Stage) -> None:
    def starred(seq: int) -> str:
        return f"/rooms/{stage.group}/messages/{seq}/star"

    for seq in (2, 3):
        stage.bob.put(starred(seq))
    stage.carol.put(starred(2))
    stage.carol.put(starred(3))
    stage.carol.delete(starred(2))
    stage.bob.patch(f"/rooms/{stage.group}/messages/3", {"text": "edited"})
    leave_and_come_back(stage)
    stage.alice.delete(f"/rooms/{stage.group}/messages/2?scope=all")


def star_a_message_that_is_gone(stage: Stage) -> None:
    """The star and its end stand in another feed than the message."""
    stage.bob.ask("star:set", {"room_id": stage.direct, "seq": 2})
    stage.bob.ask("star:clear", {"room_id": stage.direct, "seq": 2})
    stage.bob.ask("star:set", {"room_id": stage.direct, "seq": 2})
    stage.alice.ask("message:delete", {"room_id": stage.direct, "seq": 2, "scope": "all"})
    stage.bob.ask("star:clear", {"room_id": stage.direct, "seq": 2})


def pin_for_somebody_who_leaves(stage: Stage) -> None:
    for person, verb, seq in ((stage.bob, "set", 2), (stage.alice, "set", 3), (stage.carol, "clear", 2), (stage.bob, "clear", 3)):
        person.ask(f"pin:{verb}", {"room_id": stage.group, "seq": seq})
    stage.bob.delete(f"/rooms/{stage.group}/members/{stage.bob.id}")
    stage.carol.ask("pin:set", {"room_id": stage.group, "seq": 2})
    stage.alice.post(f"/rooms/{stage.group}/members", {"user_ids": [stage.bob.id]})
    stage.bob.ask("pin:clear", {"room_id": stage.group, "seq": 2})


def pin_and_unpin(stage: Stage) -> None:
    def pin(person: Person, seq: int) -> None:
        assert person.put(f"/rooms/{stage.group}/messages/{seq}/pin", {"seconds": 86_400}).status == 200

    pin(stage.bob, 2)
    pin(stage.carol, 3)
    pin(stage.alice, 2)
    stage.alice.delete(f"/rooms/{stage.group}/messages/3/pin")
    stage.alice.post(f"/rooms/{stage.group}/members", {"user_ids": [stage.dave.id]})
    pin(stage.alice, 3)
    pin(stage.dave, stage.dave.say(stage.group)["seq"])
    stage.alice.delete(f"/rooms/{stage.group}/messages/2?scope=all")


def forward_to_all(stage: Stage) -> None:
    notes = stage.bob.direct(stage.bob)
    seen = {"seqs": [2, 3], "to_room_ids": [stage.direct, notes, stage.group], "client_id": "once"}
    for _ in range(2):
        stage.bob.post(f"/rooms/{stage.group}/forward", seen)
    stage.alice.delete(f"/rooms/{stage.direct}/messages/3?scope=all")
    stage.bob.ask("message:forward", {"room_id": stage.group, **seen})


def meet(stage: Stage) -> dict[str, Any]:
    data = {"name": "Picnic", "reminder_seconds": 60, "extra_guests": True} | {"starts_at": in_time(3600)["at"]}
    return stage.alice.send(stage.group, "event", data)


def answer_an_event_that_changes(stage: Stage) -> None:
    """Quoted, while one is away and another one comes, until it is cancelled."""
    at = {"room_id": stage.group, "seq": meet(stage)["seq"]}
    stage.carol.say(stage.group, "nice", reply_to_seq=at["seq"])
    stage.bob.ask("event:rsvp", at | {"answer": "going", "guests": 2})
    stage.alice.post(f"/rooms/{stage.group}/members", {"user_ids": [stage.dave.id]})
    stage.alice.ask("event:update", at | {"name": "Dinner", "extra_guests": False})
    leave_and_come_back(stage)
    for person, answer in ((stage.carol, "maybe"), (stage.bob, "no"), (stage.carol, "going")):
        person.ask("event:rsvp", at | {"answer": answer})
    stage.alice.ask("event:cancel", at)


def be_reminded_of_an_event(stage: Stage) -> None:
    event = meet(stage)
    stage.alice.ask("event:update", {"room_id": stage.group, "seq": event["seq"], "starts_at": in_time(60.3)["at"]})
    stage.bob.hears("event:reminder")


HERE = {"latitude": 48.1, "longitude": 11.5}


def share_where_one_is(stage: Stage) -> None:
    """In two rooms, one of which is left, the other one stopped; somebody else goes on, and one is deleted."""
    shared = [person.send(room, "live_location", HERE | {"seconds": 900}) for person, room in in_rooms(stage)]
    for (person, room), message in zip(in_rooms(stage), shared, strict=True):
        person.ask("live_location:update", {"room_id": room, "seq": message["seq"], "latitude": 1, "longitude": 2})
    stage.alice.say(stage.group, "where?", reply_to_seq=shared[0]["seq"])
    stage.bob.delete(f"/rooms/{stage.group}/members/{stage.bob.id}")
    stage.bob.ask("live_location:stop", {"room_id": stage.direct, "seq": shared[1]["seq"]})
    stage.alice.ask("message:delete", {"room_id": stage.group, "seq": shared[3]["seq"], "scope": "all"})


def in_rooms(stage: Stage) -> list[tuple[Person, str]]:
    return [(stage.bob, stage.group), (stage.bob, stage.direct), (stage.carol, stage.group), (stage.alice, stage.group)]


def block_who_shares_where_they_are(stage: Stage) -> None:
    mine, theirs = (person.send(stage.direct, "live_location", HERE | {"seconds": 900}) for person in (stage.bob, stage.alice))
    stage.bob.put(f"/users/me/blocks/{stage.alice.id}")
    at = {"room_id": stage.direct, "seq": theirs["seq"]}
    stage.alice.ask("live_location:update", at | {"latitude": 1, "longitude": 2})
    stage.alice.say(stage.direct, "there", reply_to_seq=mine["seq"])
    stage.alice.ask("live_location:stop", at)


def last_a_day(person: Person, room: str) -> None:
    assert person.patch(f"/rooms/{room}", {"settings": {"expire_seconds": 86_400}}).status == 200


def keep_what_would_expire(stage: Stage) -> None:
    """Quoted, while one is away and another one comes; of a pair too, and let go."""
    for room in (stage.group, stage.direct):
        last_a_day(stage.alice, room)
    said = stage.bob.say(stage.group, "the address")
    stage.carol.say(stage.group, "thanks", reply_to_seq=said["seq"])
    stage.carol.ask("keep:set", {"room_id": stage.group, "seq": said["seq"]})
    stage.alice.post(f"/rooms/{stage.group}/members", {"user_ids": [stage.dave.id]})
    leave_and_come_back(stage)
    stage.carol.ask("keep:clear", {"room_id": stage.group, "seq": said["seq"]})
    other = stage.alice.say(stage.direct, "the number")
    stage.bob.ask("keep:set", {"room_id": stage.direct, "seq": other["seq"]})


def let_go_of_what_was_kept(stage: Stage) -> None:
    """Also behind a block; and delete what is kept."""
    keep_what_would_expire(stage)
    other = stage.alice.history(stage.direct)[-1]["seq"]
    stage.bob.put(f"/users/me/blocks/{stage.alice.id}")
    stage.alice.ask("keep:clear", {"room_id": stage.direct, "seq": other})
    kept = stage.carol.say(stage.group, "one more")["seq"]
    stage.alice.ask("keep:set", {"room_id": stage.group, "seq": kept})
    stage.carol.ask("message:delete", {"room_id": stage.group, "seq": kept, "scope": "all"})


def open_what_is_sealed(stage: Stage) -> None:
    """In a group and by one of a pair, one of whom does not tell what they read; one is deleted after it was opened."""
    stage.carol.patch("/users/me/privacy", {"read_receipts": False})
    for room, openers in ((stage.group, [stage.bob, stage.carol]), (stage.direct, [stage.bob])):
        seqs = [stage.alice.say(room, "secret", view_once=True)["seq"] for _ in range(2)]
        for opener in openers:
            for seq in seqs:
                opener.ask("message:open", {"room_id": room, "seq": seq})
        stage.alice.ask("message:delete", {"room_id": room, "seq": seqs[0], "scope": "all"})
        stage.bob.say(room, "what was that?", reply_to_seq=seqs[1])


def show_what_links_lead_to(stage: Stage) -> None:
    """To those who are there; one is edited to another link, one deleted, one forwarded, and bob leaves in between."""
    link = f"{stage.website.url}/echo"
    stage.alice.say(stage.group, f"see {link}/1", reply_to_seq=2)
    stage.carol.hears("message:previewed", feed=stage.group)
    stage.alice.say(stage.group, "this?", reply_to_seq=4)
    stage.alice.patch(f"/rooms/{stage.group}/messages/4", {"text": f"no, {link}/2"})
    stage.carol.hears("message:previewed", feed=stage.group)
    stage.bob.delete(f"/rooms/{stage.group}/members/{stage.bob.id}")
    seq = stage.carol.say(stage.group, f"({link}/3)")["seq"]
    stage.alice.post(f"/rooms/{stage.group}/members", {"user_ids": [stage.bob.id, stage.dave.id]})
    assert stage.carol.hears("message:previewed", feed=stage.group)["message"]["seq"] == seq
    stage.alice.post(f"/rooms/{stage.group}/forward", {"seqs": [4], "to_room_ids": [stage.direct], "client_id": "f"})
    stage.alice.hears("message:previewed", feed=stage.direct)
    stage.carol.ask("message:delete", {"room_id": stage.group, "seq": seq, "scope": "all"})


def show_what_a_link_leads_to_behind_a_block(stage: Stage) -> None:
    stage.bob.put(f"/users/me/blocks/{stage.alice.id}")
    stage.alice.say(stage.direct, f"{stage.website.url}/echo/4")
    stage.alice.hears("message:previewed", feed=stage.direct)


def keep_links_to_oneself(stage: Stage) -> None:
    stage.bob.patch("/users/me/privacy", {"link_previews": False})
    stage.bob.say(stage.group, f"{stage.website.url}/echo/5")
    stage.carol.say(stage.group, f"{stage.website.url}/echo/6")
    stage.carol.hears("message:previewed", feed=stage.group)


def export_chats(stage: Stage) -> None:
    """One becomes ready, one is removed, and one is over."""
    ready, removed, over = (stage.bob.ask("export:create", {"room_id": stage.group, "format": "json"}) for _ in range(3))
    for export in (ready, removed, over):
        while stage.bob.ask("export:get", {"export_id": export["id"]})["state"] != "ready":
            time.sleep(0.02)
    stage.bob.delete(f"/exports/{removed['id']}")
    with connected(stage.cast.server) as connection:
        mine = sa.and_(Timer.kind == "export:expire", Timer.key == over["id"])
        connection.execute(sa.update(Timer).where(mine).values(due_at=datetime.now(UTC)))
    stage.bob.hears("exports:updated", export_id=over["id"], export=None)


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
    "privacy:set": [read_without_telling, keep_links_to_oneself],
    "reminder:set": [set_move_and_clear_reminders, be_reminded],
    "reminder:clear": [set_move_and_clear_reminders],
    "settings:set": [archive_until_something_is_said, find_again_what_was_archived],
    "scheduled:create": [have_it_said_or_refused],
    "scheduled:edit": [schedule_change_and_cancel],
    "scheduled:cancel": [schedule_change_and_cancel],
    "room:create": [lambda stage: stage.dave.group(stage.bob), lambda stage: stage.bob.ask("room:create", {"title": "alone"})],
    "room:direct": [
        lambda stage: stage.dave.direct(stage.alice),
        lambda stage: stage.dave.direct(stage.dave),
        lambda stage: stage.bob.direct(stage.alice),
    ],
    "room:update": [
        lambda stage: stage.alice.patch(f"/rooms/{stage.group}", {"title": "Lake", "description": "at ten"}),
        lambda stage: stage.alice.patch(f"/rooms/{stage.group}", {"settings": {"pin": "admins"}}),
        lambda stage: [last_a_day(stage.alice, room) for room in (stage.group, stage.direct)],
    ],
    "room:set_me": [
        lambda stage: stage.bob.patch(
            f"/rooms/{stage.group}/me", {"pinned": True, "draft": "I", "muted_until": "2099-01-01T00:00:00Z"}
        ),
        lambda stage: stage.bob.patch(f"/rooms/{stage.direct}/me", {"archived": True, "marked_unread": True}),
        lambda stage: stage.bob.patch(f"/rooms/{stage.group}/me", {"locked": True, "favourite": True, "custom_name": "Lake"}),
        draft_and_send,
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
        show_what_links_lead_to,
        show_what_a_link_leads_to_behind_a_block,
        answer_privately,
        answer_privately_and_leave,
    ],
    "message:edit": [
        mention_everyone,
        edit_again_and_again,
        edit_for_somebody_who_blocks,
        edit_after_unblocking,
        edit_while_somebody_is_away,
    ],
    "message:delete": [delete_what_was_answered, delete_for_somebody_who_blocks, delete_what_was_voted_on],
    "message:hide": [hide_what_others_go_on_about],
    "message:unhide": [take_back_what_was_hidden],
    "room:clear": [clear_a_room_and_go_on],
    "message:forward": [forward_to_all],
    "reaction:set": [react_again_and_again, react_and_pin_behind_a_block],
    "reaction:clear": [react_and_pin_after_a_block],
    "star:set": [star_and_unstar],
    "star:clear": [star_a_message_that_is_gone],
    "pin:set": [pin_and_unpin],
    "pin:clear": [pin_for_somebody_who_leaves],
    "keep:set": [keep_what_would_expire],
    "keep:clear": [let_go_of_what_was_kept],
    "message:open": [open_what_is_sealed],
    "poll:vote": [vote_in_secret, vote_for_somebody_who_blocks, vote_and_unblock],
    "event:rsvp": [answer_an_event_that_changes],
    "event:update": [be_reminded_of_an_event],
    "event:cancel": [answer_an_event_that_changes],
    "live_location:update": [share_where_one_is],
    "live_location:stop": [share_where_one_is, block_who_shares_where_they_are],
    "poll:add_option": [vote_among_all_else],
    "poll:close": [vote_among_all_else],
    "export:create": [export_chats],
    "export:remove": [export_chats],
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
