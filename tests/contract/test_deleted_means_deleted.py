"""Deleted means deleted: whatever was done with a message before, no table keeps a word of it, and nobody can read one.

The same holds for what expires, and for what was opened that could be opened once. A type of message, or a handler that
changes something about a message, needs a line here, so that what it stores is looked through too.
"""

import random
import secrets
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from chatx.registry import catalogue
from chatx.schemas.message.types import MessageType
from tests.support.database import let_expire, rows_about, stored_words
from tests.support.people import PATIENCE, Answer, Cast, Person
from tests.support.website import Website

WORD = r"gone[0-9a-f]{16}"
MESSAGES, DOINGS, DELETIONS, EXPIRIES = 56, 400, 20, 16
TOMORROW = (datetime.now(UTC) + timedelta(days=1)).isoformat()
DAY = 86_400

Message = dict[str, Any]
Word = Callable[[], str]  # makes a new one, which belongs to the message
Doing = Callable[[Person, Message, Word], Answer]


def a_text(word: Word) -> dict[str, Any]:
    return {"text": f"Look: {word()}!"}


def to_open_once(word: Word) -> dict[str, Any]:
    return a_text(word) | {"type": "text", "view_once": True}


def a_location(word: Word) -> dict[str, Any]:
    return {"text": word(), "data": {"latitude": 1, "longitude": 2, "name": word(), "address": word()}}


def a_live_location(word: Word) -> dict[str, Any]:
    return {"text": word(), "data": {"latitude": 1, "longitude": 2, "seconds": 900}}


def a_contact(word: Word) -> dict[str, Any]:
    return {"text": word(), "data": {"contacts": [{"display_name": word(), "phones": [word()], "emails": [word()]}]}}


def a_poll(word: Word) -> dict[str, Any]:
    return {"data": {"question": word(), "options": [word(), word()], "add_options": True, "closes_at": TOMORROW}}


def an_event(word: Word) -> dict[str, Any]:
    place = {"name": word(), "address": word()}
    when = {"starts_at": TOMORROW, "reminder_seconds": 60}
    return {"data": {"name": word(), "description": word(), "place": place, **when}}


SAID: dict[str, Callable[[Word], dict[str, Any]]] = {
    "text": a_text,
    "view_once": to_open_once,
    "location": a_location,
    "live_location": a_live_location,
    "contact": a_contact,
    "poll": a_poll,
    "event": an_event,
}


def edit(person: Person, message: Message, word: Word) -> Answer:
    return person.patch(path(message), {"text": f"I mean: {word()}"})


def delete_for_oneself(person: Person, message: Message, word: Word) -> Answer:
    return person.delete(f"{path(message)}?scope=me")


def update_event(person: Person, message: Message, word: Word) -> Answer:
    return person.patch(f"{path(message)}/event", {"name": word(), "description": word(), "place": {"name": word()}})


def vote(person: Person, message: Message, word: Word) -> Answer:
    return person.put(f"{path(message)}/vote", {"option_ids": [message["data"]["options"][0]["id"]]})


def add_option(person: Person, message: Message, word: Word) -> Answer:
    return person.post(f"{path(message)}/options", {"text": word()})


def read(person: Person, message: Message, word: Word) -> Answer:
    return person.post(f"/rooms/{message['room_id']}/read", {"seq": message["seq"]})


def putting(what: str, **body: Any) -> Doing:
    return lambda person, message, word: person.put(f"{path(message)}/{what}", body)


def posting(what: str) -> Doing:
    return lambda person, message, word: person.post(f"{path(message)}/{what}")


def taking_away(what: str) -> Doing:
    return lambda person, message, word: person.delete(f"{path(message)}/{what}")


def path(message: Message) -> str:
    return f"/rooms/{message['room_id']}/messages/{message['seq']}"


ALL = tuple(SAID)
# By event: the types of messages that it is done with, and how.
DONE: dict[str, tuple[tuple[str, ...], Doing]] = {
    "message:edit": (("text",), edit),
    "message:delete": (ALL, delete_for_oneself),
    "receipt:read": (ALL, read),
    "reaction:set": (ALL, putting("reaction", emoji="👍")),
    "reaction:clear": (ALL, taking_away("reaction")),
    "star:set": (ALL, putting("star")),
    "star:clear": (ALL, taking_away("star")),
    "pin:set": (ALL, putting("pin", seconds=DAY)),
    "pin:clear": (ALL, taking_away("pin")),
    "keep:set": (ALL, putting("keep")),
    "keep:clear": (ALL, taking_away("keep")),
    "reminder:set": (ALL, putting("reminder", at=TOMORROW)),
    "reminder:clear": (ALL, taking_away("reminder")),
    "message:open": (("view_once",), posting("open")),
    "poll:vote": (("poll",), vote),
    "poll:add_option": (("poll",), add_option),
    "poll:close": (("poll",), posting("close")),
    "event:rsvp": (("event",), putting("rsvp", answer="going")),
    "event:update": (("event",), update_event),
    "event:cancel": (("event",), posting("cancel")),
    "live_location:update": (("live_location",), putting("position", latitude=3, longitude=4)),
    "live_location:stop": (("live_location",), posting("stop")),
}
SELDOM = ("message:delete", "poll:close", "event:cancel", "live_location:stop")


class Story:
    """Three people in a group and two of them in a direct room; every text that is ever written is a word of its own.

    A fourth one leaves the group before anything becomes of what was said, and so keeps seeing it as it was.
    """

    def __init__(self, cast: Cast) -> None:
        self.chance = random.Random(7)
        alice, bob, carol, self.leaver = (cast.person(name) for name in ("alice", "bob", "carol", "dave"))
        self.group = alice.group(bob, carol, self.leaver)
        self.rooms = {self.group: [alice, bob, carol], alice.direct(bob): [alice, bob]}
        for room in self.rooms:
            assert alice.patch(f"/rooms/{room}", {"settings": {"expire_seconds": DAY}}).status == 200
        self.said: list[tuple[Person, Message, list[str]]] = []
        self.done: Counter[str] = Counter()

    def say(self, kind: str) -> None:
        room = self.chance.choice(list(self.rooms))
        sender, other = self.chance.sample(self.rooms[room], 2)
        before = [message["seq"] for _, message, _ in self.said if message["room_id"] == room]
        words: list[str] = []
        body = {"client_id": secrets.token_hex(8), "type": kind, "reply_to_seq": self.chance.choice([None, *before])}
        answer = sender.post(f"/rooms/{room}/messages", body | {"mentions": [other.id]} | SAID[kind](lambda: new(words)))
        assert answer.status == 201, answer.body
        self.said.append((sender, answer.body, words))

    def act(self) -> None:
        """Somebody does something with a message; some of it they may not, or cannot any more."""
        (event,) = self.chance.choices(list(DONE), [2 if event in SELDOM else 5 for event in DONE])
        kinds, do = DONE[event]
        sender, message, words = self.chance.choice([each for each in self.said if each[1]["type"] in kinds])
        person = self.chance.choice([*self.rooms[message["room_id"]], sender, sender])
        # What one does not see any more, one cannot delete for everybody.
        if event != "message:delete" or person is not sender:
            answer = do(person, message, lambda: new(words))
            assert answer.status < 300 or answer.code in ("forbidden", "not_found", "conflict", "window_closed"), (
                event,
                answer.body,
            )
            self.done[event] += answer.status < 300

    def open(self, sender: Person, message: Message) -> None:
        """By all who can, unless they did so before or have hidden it; the one who left is not waited for."""
        for person in self.rooms[message["room_id"]]:
            if person is not sender:
                assert person.post(f"{path(message)}/open").status in (200, 404, 409)

    def readable(self) -> str:
        readers = [(room, person) for room, people in self.rooms.items() for person in people] + [(self.group, self.leaver)]
        return "".join(str(person.history(room, limit=100)) for room, person in readers)


def new(words: list[str]) -> str:
    words.append(f"gone{secrets.token_hex(8)}")
    return words[-1]


def test_no_table_keeps_a_word_of_what_was_deleted(cast: Cast) -> None:
    story = Story(cast)
    for number in range(MESSAGES):
        story.say(list(SAID)[number % len(SAID)])
    assert story.leaver.delete(f"/rooms/{story.group}/members/{story.leaver.id}").status == 204
    for _ in range(DOINGS):
        story.act()
    assert story.done.keys() == DONE.keys() and all(story.done.values()), f"everything was done: {story.done}"
    assert rows_about(cast.server, "message_versions", story.group)
    story.chance.shuffle(story.said)
    deleted, expired, left = (
        story.said[:DELETIONS],
        story.said[DELETIONS : DELETIONS + EXPIRIES],
        story.said[DELETIONS + EXPIRIES :],
    )
    for sender, message, _ in deleted:
        assert sender.delete(f"{path(message)}?scope=all").status == 204
    for room in story.rooms:
        let_expire(cast.server, room, *(message["seq"] for _, message, _ in expired if message["room_id"] == room))
    gone = {word for _, _, words in deleted + expired for word in words}
    readable = story.readable()
    assert not [word for word in gone if word in readable], "also before a worker came"
    wait_for(lambda: not gone & stored_words(cast.server, WORD))
    readable, stored = story.readable(), stored_words(cast.server, WORD)
    assert not [word for word in gone if word in readable]
    # An event that is updated forgets what it was called.
    lasting = {words[0] for _, message, words in left if message["type"] not in ("event", "view_once")}
    assert lasting <= stored, "what was not deleted is found, or this test finds nothing"
    assert len([word for word in lasting if word in readable]) > len(lasting) / 2


def test_no_table_keeps_a_word_of_what_was_opened_by_all(cast: Cast) -> None:
    story = Story(cast)
    assert story.leaver.delete(f"/rooms/{story.group}/members/{story.leaver.id}").status == 204
    for _ in range(8):
        story.say("view_once")
    sealed = {word for _, _, words in story.said for word in words}
    assert sealed <= stored_words(cast.server, WORD)
    readable = story.readable()
    assert not [word for word in sealed if word in readable]
    for sender, message, _ in story.said:
        story.open(sender, message)
    assert not sealed & stored_words(cast.server, WORD)


def test_nor_of_what_its_link_showed_or_an_export_had(cast: Cast, website: Website) -> None:
    story, words = Story(cast), [f"gone{secrets.token_hex(8)}" for _ in range(2)]
    (alice, bob, _), room = story.rooms[story.group], story.group
    seqs = [alice.say(room, f"{website.url}/echo/{word}")["seq"] for word in words]
    wait_for(lambda: all(bob.history(room, around=seq, limit=1)[0]["preview"] for seq in seqs))
    exports = [(person, person.post(f"/rooms/{room}/exports").body["id"]) for person in (bob, story.leaver)]
    assert all(word in exported(*export) for word in words for export in exports)
    assert alice.delete(f"/rooms/{room}/messages/{seqs[0]}?scope=all").status == 204
    assert stored_words(cast.server, WORD) & set(words) == {words[1]}
    assert [word in exported(*export) for word in words for export in exports] == [False, False, True, True]


def exported(person: Person, export: str) -> str:
    """The file of an export, once it is ready."""
    wait_for(lambda: person.get(f"/exports/{export}").body["state"] == "ready")
    answer = person.get(f"/exports/{export}/file")
    assert answer.status == 200
    return answer.body


def test_all_that_is_said_and_done_is_looked_through() -> None:
    assert {"text", *MessageType.known} - {"system"} == SAID.keys(), "each type of message needs a line here"
    handlers = [handler for handler in catalogue.values() if not handler.reads and not handler.internal]
    about_one = {handler.event for handler in handlers if {"room_id", "seq"} <= handler.takes.fields.keys()}
    assert about_one == DONE.keys(), "each handler that changes something about a message needs a line here"


def wait_for(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.1)
