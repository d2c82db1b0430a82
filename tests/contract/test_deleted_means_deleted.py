"""Deleted means deleted: whatever was done with a message before, no table keeps a word of it, and nobody can read one.

A type of message, or a handler that changes something about a message, needs a line here, so that what it stores is
looked through too.
"""

import random
import secrets
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from chatx.registry import catalogue
from chatx.schemas.message.types import MessageType
from tests.support.database import stored_words
from tests.support.people import Answer, Cast, Person

WORD = r"gone[0-9a-f]{16}"
MESSAGES, DOINGS, DELETIONS = 40, 200, 25
TOMORROW = (datetime.now(UTC) + timedelta(days=1)).isoformat()

Message = dict[str, Any]
Word = Callable[[], str]  # makes a new one, which belongs to the message


def a_text(word: Word) -> dict[str, Any]:
    return {"text": f"Look: {word()}!"}


def a_location(word: Word) -> dict[str, Any]:
    return {"text": word(), "data": {"latitude": 1, "longitude": 2, "name": word(), "address": word()}}


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
    "location": a_location,
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


def path(message: Message) -> str:
    return f"/rooms/{message['room_id']}/messages/{message['seq']}"


def putting(what: str, **body: Any) -> Callable[[Person, Message, Word], Answer]:
    return lambda person, message, word: person.put(f"{path(message)}/{what}", body)


def posting(what: str) -> Callable[[Person, Message, Word], Answer]:
    return lambda person, message, word: person.post(f"{path(message)}/{what}")


def taking_away(what: str) -> Callable[[Person, Message, Word], Answer]:
    return lambda person, message, word: person.delete(f"{path(message)}/{what}")


def vote(person: Person, message: Message, word: Word) -> Answer:
    return person.put(f"{path(message)}/vote", {"option_ids": [message["data"]["options"][0]["id"]]})


def add_option(person: Person, message: Message, word: Word) -> Answer:
    return person.post(f"{path(message)}/options", {"text": word()})


def read(person: Person, message: Message, word: Word) -> Answer:
    return person.post(f"/rooms/{message['room_id']}/read", {"seq": message["seq"]})


# By event: the types of messages that it is done with, and how.
DONE: dict[str, tuple[tuple[str, ...], Callable[[Person, Message, Word], Answer]]] = {
    "message:edit": (("text",), edit),
    "message:delete": ((*SAID,), delete_for_oneself),
    "receipt:read": ((*SAID,), read),
    "reaction:set": ((*SAID,), putting("reaction", emoji="👍")),
    "reaction:clear": ((*SAID,), taking_away("reaction")),
    "star:set": ((*SAID,), putting("star")),
    "star:clear": ((*SAID,), taking_away("star")),
    "pin:set": ((*SAID,), putting("pin", seconds=86_400)),
    "pin:clear": ((*SAID,), taking_away("pin")),
    "reminder:set": ((*SAID,), putting("reminder", at=TOMORROW)),
    "reminder:clear": ((*SAID,), taking_away("reminder")),
    "poll:vote": (("poll",), vote),
    "poll:add_option": (("poll",), add_option),
    "poll:close": (("poll",), posting("close")),
    "event:rsvp": (("event",), putting("rsvp", answer="going")),
    "event:update": (("event",), update_event),
    "event:cancel": (("event",), posting("cancel")),
}
SELDOM = ("message:delete", "poll:close", "event:cancel")


class Story:
    """Three people in a group and two of them in a direct room; every text that is ever written is a word of its own."""

    def __init__(self, cast: Cast) -> None:
        self.chance = random.Random(7)
        alice, bob, carol = (cast.person(name) for name in ("alice", "bob", "carol"))
        self.rooms = {alice.group(bob, carol): [alice, bob, carol], alice.direct(bob): [alice, bob]}
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
        (event,) = self.chance.choices(list(DONE), [1 if event in SELDOM else 5 for event in DONE])
        kinds, do = DONE[event]
        sender, message, words = self.chance.choice([each for each in self.said if each[1]["type"] in kinds])
        person = self.chance.choice([*self.rooms[message["room_id"]], sender, sender])
        # What one does not see any more, one cannot delete for everybody.
        if event != "message:delete" or person is not sender:
            answer = do(person, message, lambda: new(words))
            assert answer.status < 300 or answer.code in ("forbidden", "not_found", "conflict"), (event, answer.body)
            self.done[event] += answer.status < 300


def new(words: list[str]) -> str:
    words.append(f"gone{secrets.token_hex(8)}")
    return words[-1]


def test_no_table_keeps_a_word_of_what_was_deleted(cast: Cast) -> None:
    story = Story(cast)
    for number in range(MESSAGES):
        story.say(list(SAID)[number % len(SAID)])
    for _ in range(DOINGS):
        story.act()
    assert story.done.keys() == DONE.keys() and all(story.done.values()), "everything was done"
    deleted = story.chance.sample(story.said, DELETIONS)
    for sender, message, _ in deleted:
        assert sender.delete(f"{path(message)}?scope=all").status == 204
    gone = {word for _, _, words in deleted for word in words}
    stored = stored_words(cast.server, WORD)
    assert not gone & stored
    # An event that is updated forgets what it was called.
    kept = {words[0] for _, message, words in story.said if message["type"] != "event" and words[0] not in gone}
    assert kept <= stored, "what was not deleted is found, or this test finds nothing"
    readable = "".join(str(person.history(room, limit=100)) for room, people in story.rooms.items() for person in people)
    assert not [word for word in gone if word in readable]


def test_all_that_is_said_and_done_is_looked_through() -> None:
    assert {"text", *MessageType.known} == SAID.keys(), "each type of message needs a line here"
    handlers = [handler for handler in catalogue.values() if not handler.reads and not handler.internal]
    about_one = {handler.event for handler in handlers if {"room_id", "seq"} <= handler.takes.fields.keys()}
    assert about_one == DONE.keys(), "each handler that changes something about a message needs a line here"
