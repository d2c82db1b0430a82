"""Deleted means deleted: whatever was done with a message before, no table keeps a word of it, and nobody can read one.

A handler that changes something about a message needs an action here, so that what it stores is looked through too.
"""

import random
import secrets
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from chatx.registry import catalogue
from tests.support.database import rows_about, stored_words
from tests.support.people import Cast, Person
from tests.support.website import Website

WORD = r"gone[0-9a-f]{16}"
MESSAGES, DOINGS, DELETIONS = 30, 200, 18


Doing = Callable[["Story", Person, dict[str, Any]], None]


class Story:
    """Three people in a group and two of them in a direct room; every text that is ever written is a word of its own.

    A fourth one leaves the group before anything becomes of what was said, and so keeps seeing it as it was.
    """

    def __init__(self, cast: Cast, website: Website) -> None:
        self.website = website
        self.chance = random.Random(7)
        alice, bob, carol, self.leaver = (cast.person(name) for name in ("alice", "bob", "carol", "dave"))
        self.group = alice.group(bob, carol, self.leaver)
        self.rooms = {self.group: [alice, bob, carol], alice.direct(bob): [alice, bob]}
        self.said: list[dict[str, Any]] = []
        self.words: dict[tuple[str, int], list[str]] = {}

    def word(self, room: str, seq: int) -> str:
        """A new word of this message."""
        word = f"gone{secrets.token_hex(8)}"
        self.words.setdefault((room, seq), []).append(word)
        return word

    def linked(self, word: str) -> str:
        """The word, or a link to a page that says it."""
        return self.chance.choice([word, f"{self.website.url}/echo/{word}"])

    def show_a_link(self) -> dict[str, Any]:
        """A message with the preview of its link; the word stands in both."""
        word, (sender, *_) = f"gone{secrets.token_hex(8)}", self.rooms[self.group]
        message = sender.say(self.group, f"{self.website.url}/echo/{word}")
        self.words[self.group, message["seq"]] = [word]
        while not (shown := sender.history(self.group, around=message["seq"], limit=1)[0])["preview"]:
            time.sleep(0.02)
        assert shown["preview"]["title"] == f"/echo/{word}"
        return message | {"sender": sender}

    def say(self) -> None:
        room = self.chance.choice(list(self.rooms))
        sender, *others = self.chance.sample(self.rooms[room], 2)
        before = [message["seq"] for message in self.said if message["room_id"] == room]
        body = {"reply_to_seq": self.chance.choice([None, *before]), "mentions": [other.id for other in others]}
        word = f"gone{secrets.token_hex(8)}"
        kind = self.chance.choice(["text", "text", *DATA])
        if kind == "text":
            message = sender.say(room, f"Look: {self.linked(word)}", **body)
        elif kind in NAME:
            message = sender.send(room, kind, DATA[kind] | {NAME[kind]: f"Look: {word}!"})
        else:
            message = sender.send(room, kind, DATA[kind], text=f"Look: {word}!")
        self.said.append(message | {"sender": sender})
        self.words[room, message["seq"]] = [word]

    def act(self) -> None:
        """Somebody does something with a message."""
        message = self.chance.choice(self.said)
        person = self.chance.choice(self.rooms[message["room_id"]])
        DONE[self.chance.choice(list(DONE))](self, person, message)


DATA: dict[str, dict[str, Any]] = {
    "poll": {"options": ["lake", "hills"], "add_options": True},
    "event": {"starts_at": (datetime.now(UTC) + timedelta(days=7)).isoformat(), "extra_guests": True},
    "live_location": {"latitude": 1, "longitude": 2, "seconds": 900},
    "location": {"latitude": 1, "longitude": 2},
}
NAME = {"poll": "question", "event": "name", "location": "address"}


def edit(story: Story, _: Person, message: dict[str, Any]) -> None:
    if message["type"] != "text":
        return
    word = story.word(message["room_id"], message["seq"])
    assert message["sender"].patch(path(message), {"text": f"I mean: {story.linked(word)}"}).status == 200


def delete_for_oneself(story: Story, person: Person, message: dict[str, Any]) -> None:
    """By who did not say it: what one does not see any more, one cannot delete for everybody."""
    if person is not message["sender"]:
        assert person.delete(f"{path(message)}?scope=me").status == 204


def read(story: Story, person: Person, message: dict[str, Any]) -> None:
    assert person.post(f"/rooms/{message['room_id']}/read", {"seq": message["seq"]}).status == 200


def ask(method: str, tail: str, body: dict[str, Any] | None = None, kind: str = "") -> Doing:
    """Ask for it over REST, of messages of that kind; what is refused, e.g. of something hidden, changes nothing."""

    def do(story: Story, person: Person, message: dict[str, Any]) -> None:
        if not kind or message["type"] == kind:
            assert person.call(method, path(message) + tail, body).status in (200, 201, 204, 403, 404, 409)

    return do


def vote(story: Story, person: Person, message: dict[str, Any]) -> None:
    if message["type"] == "poll":
        ask("PUT", "/vote", {"option_ids": [message["data"]["options"][0]["id"]]})(story, person, message)


def update(story: Story, _: Person, message: dict[str, Any]) -> None:
    if message["type"] == "event":
        told = message["sender"].patch(f"{path(message)}/event", {"description": story.word(message["room_id"], message["seq"])})
        if told.status != 200:
            story.words[message["room_id"], message["seq"]].pop()


def exported(person: Person, export: str) -> str:
    """The file of an export, once it is ready."""
    while (answer := person.get(f"/exports/{export}/file")).code == "conflict":
        time.sleep(0.02)
    assert answer.status == 200
    return answer.body


def path(message: dict[str, Any]) -> str:
    return f"/rooms/{message['room_id']}/messages/{message['seq']}"


LATER = {"at": (datetime.now(UTC) + timedelta(days=7)).isoformat()}

DONE: dict[str, Doing] = {
    "message:edit": edit,
    "message:delete": delete_for_oneself,
    "receipt:read": read,
    "reaction:set": ask("PUT", "/reaction", {"emoji": "👍"}),
    "reaction:clear": ask("DELETE", "/reaction"),
    "star:set": ask("PUT", "/star"),
    "star:clear": ask("DELETE", "/star"),
    "pin:set": ask("PUT", "/pin"),
    "pin:clear": ask("DELETE", "/pin"),
    "reminder:set": ask("PUT", "/reminder", LATER),
    "reminder:clear": ask("DELETE", "/reminder"),
    "poll:vote": vote,
    "poll:add_option": ask("POST", "/options", {"text": "home"}, "poll"),
    "poll:close": ask("POST", "/close", {}, "poll"),
    "event:rsvp": ask("PUT", "/rsvp", {"answer": "going"}, "event"),
    "event:update": update,
    "event:cancel": ask("POST", "/cancel", {}, "event"),
    "live_location:update": ask("PUT", "/position", {"latitude": 3, "longitude": 4}, "live_location"),
    "live_location:stop": ask("POST", "/stop", {}, "live_location"),
}


def test_no_table_keeps_a_word_of_what_was_deleted(cast: Cast, website: Website) -> None:
    story = Story(cast, website)
    for _ in range(MESSAGES):
        story.say()
    assert story.leaver.delete(f"/rooms/{story.group}/members/{story.leaver.id}").status == 204
    for _ in range(DOINGS):
        story.act()
    assert rows_about(cast.server, "message_versions", story.group)
    deleted = [*story.chance.sample(story.said, DELETIONS), story.show_a_link()]
    story.said.append(story.show_a_link())
    readers = [(room, person) for room, people in story.rooms.items() for person in people] + [(story.group, story.leaver)]
    exports = [(person, person.post(f"/rooms/{room}/exports").body["id"]) for room, person in readers]
    files = [exported(person, export) for person, export in exports]
    assert [word for message in deleted for word in story.words[message["room_id"], message["seq"]] if word in "".join(files)]
    for message in deleted:
        assert message["sender"].delete(f"{path(message)}?scope=all").status == 204
    gone = {word for message in deleted for word in story.words.pop((message["room_id"], message["seq"]))}
    kept = {word for words in story.words.values() for word in words}
    stored = stored_words(cast.server, WORD)
    assert kept <= stored
    assert not gone & stored
    readable = "".join(str(person.history(room, limit=100)) for room, person in readers)
    readable += "".join(exported(person, export) for person, export in exports)
    assert not [word for word in gone if word in readable]
    latest = {words[-1] for words in story.words.values()}
    assert len([word for word in latest if word in readable]) > len(latest) / 2


def test_all_that_is_done_with_a_message_is_looked_through() -> None:
    handlers = [handler for handler in catalogue.values() if not handler.reads and not handler.internal]
    about_one = {handler.event for handler in handlers if {"room_id", "seq"} <= handler.takes.fields.keys()}
    assert about_one == DONE.keys(), "each handler that changes something about a message needs an action here"
