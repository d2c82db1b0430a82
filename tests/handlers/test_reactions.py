"""Reactions: one emoji of each person, told to everybody who sees the message, and to nobody who must not know."""

from textwrap import dedent
from typing import Any

import pytest

from config import LIMITS
from tests.support.patched import run_patched
from tests.support.people import Answer, Cast, Person, Refused


def place(message: dict[str, Any]) -> str:
    return f"/rooms/{message['room_id']}/messages/{message['seq']}"


def react(person: Person, message: dict[str, Any], emoji: str) -> Answer:
    return person.put(f"{place(message)}/reaction", {"emoji": emoji})


def take_back(person: Person, message: dict[str, Any]) -> Answer:
    return person.delete(f"{place(message)}/reaction")


def given(emoji: str, *people: Person, mine: bool | None = None) -> dict[str, Any]:
    """As it is shown: the newest first."""
    return {"emoji": emoji, "count": len(people), "user_ids": [person.id for person in people], "mine": mine}


def seen(person: Person, message: dict[str, Any]) -> list[dict[str, Any]]:
    """The reactions to a message as this person finds them."""
    return next(each["reactions"] for each in person.history(message["room_id"]) if each["seq"] == message["seq"])


def test_a_reaction_is_heard_by_all_and_the_last_one_counts(alice: Person, bob: Person, cast: Cast) -> None:
    carol = cast.person("carol").live()
    room = alice.group(bob, carol)
    said = alice.say(room, "who comes?", client_id="1")
    cursor = carol.post("/sync").body["cursors"]
    before = carol.get(f"/rooms/{room}").body
    carol.forget()
    assert react(bob, said, "👍").body == said | {"reactions": [given("👍", bob, mine=True)]}
    alice.ask("reaction:set", {"room_id": room, "seq": said["seq"], "emoji": "🎉"})
    assert react(bob, said, "❤️").status == react(carol, said, "❤️").status == 200
    assert take_back(alice, said).status == 204
    heard = carol.events("reaction:changed")
    assert [(each["actor_id"], each["emoji"]) for each in heard] == [
        (bob.id, "👍"),
        (alice.id, "🎉"),
        (bob.id, "❤️"),
        (carol.id, "❤️"),
        (alice.id, None),
    ]
    assert [each["seq"] for each in heard] == [said["seq"] + number for number in range(1, 6)]
    assert [each["message"]["reactions"] for each in heard] == [
        [given("👍", bob)],
        [given("👍", bob), given("🎉", alice)],
        [given("🎉", alice), given("❤️", bob)],
        [given("❤️", carol, bob), given("🎉", alice)],
        [given("❤️", carol, bob)],
    ]
    assert [seen(person, said)[0]["mine"] for person in (alice, bob, carol)] == [False, True, True]
    replayed = carol.post("/sync", {"cursors": {room: cursor[room]}}).body["changes"]
    now = heard[-1]["message"]
    assert replayed == [each | {"message": now, "emoji": None if each["actor_id"] == alice.id else "❤️"} for each in heard]
    after = carol.get(f"/rooms/{room}").body
    assert after["last_message"] == now | {"reactions": [given("❤️", carol, bob, mine=True)]}
    assert after | {"seq": 0, "last_message": None} == before | {"seq": 0, "last_message": None}
    repeat = alice.post(f"/rooms/{room}/messages", {"client_id": "1", "text": "who comes?"}).body
    assert repeat == said | {"reactions": [given("❤️", carol, bob, mine=False)], "duplicate": True}


def test_the_same_again_changes_nothing(alice: Person, bob: Person) -> None:
    said = alice.say(alice.direct(bob))
    alice.live().forget()
    assert take_back(bob, said).status == 204
    for emoji in ("❤", "❤️", "❤️"):
        assert react(bob, said, emoji).body["reactions"] == [given("❤️", bob, mine=True)]
    assert [take_back(bob, said).status for _ in range(2)] == [204, 204]
    assert len(alice.events("reaction:changed")) == 2


@pytest.mark.parametrize("emoji", ["👍🏽", "👨‍👩‍👧‍👦", "🇺🇦", "🏴󠁧󠁢󠁳󠁣󠁴󠁿", "1️⃣", "👩🏾‍❤️‍💋‍👩🏻", "🫩"])
def test_one_emoji_is_one_whatever_it_is_made_of(alice: Person, emoji: str) -> None:
    said = alice.say(alice.direct(alice))
    assert react(alice, said, emoji).body["reactions"] == [given(emoji, alice, mine=True)]


def test_many_are_counted_and_a_few_are_named(cast: Cast) -> None:
    most = LIMITS["people_shown"]
    people = [cast.person(f"p{number}") for number in range(most + 3)]
    first, *others = people
    said = first.say(first.group(*others))
    for person in people:
        assert react(person, said, "👍").status == 200
    shown = [{**given("👍", *people[: -most - 1 : -1]), "count": len(people), "mine": True}]
    assert seen(first, said) == seen(people[-1], said) == shown
    assert react(first, said, "🎉").body["reactions"][1] == given("🎉", first, mine=True)
    page = first.get(f"{place(said)}/reactions", limit=most, emoji="👍").body
    rest = first.ask(
        "message:reactions",
        {"room_id": said["room_id"], "seq": said["seq"], "limit": most, "emoji": "👍", "cursor": page["next"]},
    )
    assert [each["user_id"] for each in page["items"] + rest["items"]] == [person.id for person in people[:0:-1]]
    assert {each["emoji"] for each in page["items"]} == {"👍"}
    assert rest["next"] is None
    newest = first.get(f"{place(said)}/reactions", limit=1).body["items"][0]
    assert (newest["user_id"], newest["emoji"]) == (first.id, "🎉")


def test_a_message_carries_only_so_many_emojis(fresh_sqlite: str) -> None:
    script = """
    config.LIMITS["reaction_emojis"] = 2
    room = ask(alice, "room:create", {"title": "Lake", "member_ids": [bob.user_id, mallory.user_id]})["id"]
    seq = ask(alice, "message:send", {"room_id": room, "client_id": "1", "text": "hi"})["seq"]
    fruit = {"A": "\\N{RED APPLE}", "B": "\\N{BANANA}", "C": "\\N{CHERRIES}"}
    def react(who, name):
        message = ask(who, "reaction:set", {"room_id": room, "seq": seq, "emoji": fruit[name]})
        return message if message == "conflict" else "".join(
            sorted(name for name in fruit for each in message["reactions"] if each["emoji"] == fruit[name])
        )
    asked = [(alice, "A"), (bob, "B"), (mallory, "C"), (mallory, "A"), (bob, "C"), (alice, "B"), (mallory, "C"), (alice, "B")]
    print(*(react(*each) for each in asked))
    """
    assert run_patched(dedent(script), fresh_sqlite, people=True) == "A AB conflict AB AC conflict AC BC"


def test_deleting_a_message_takes_its_reactions_and_lets_in_no_more(alice: Person, bob: Person, mallory: Person) -> None:
    room = alice.group(bob)
    said = alice.say(room)
    react(bob, said, "👍")
    alice.delete(f"{place(said)}?scope=all")
    assert seen(alice, said) == []
    assert react(bob, said, "👍").code == take_back(bob, said).code == "conflict"
    assert bob.get(f"{place(said)}/reactions").body["items"] == []
    nowhere = said | {"seq": 1}
    assert react(bob, nowhere, "👍").code == react(mallory, said, "👍").code == "not_found"


def test_who_came_later_does_not_hear_of_what_they_do_not_see(alice: Person, bob: Person) -> None:
    room = alice.group()
    said = alice.say(room)
    alice.post(f"/rooms/{room}/members", {"user_ids": [bob.id]})
    bob.live().forget()
    react(alice, said, "👍")
    heard = bob.hears("reaction:changed", feed=room)
    assert heard["message"] is None
    assert "emoji" not in heard
    assert bob.post("/sync", {"cursors": {room: heard["seq"] - 1}}).body["changes"] == [heard]
    assert bob.get(f"{place(said)}/reactions").code == "not_found"


def test_who_has_left_sees_no_reaction_of_later(alice: Person, bob: Person, cast: Cast) -> None:
    carol = cast.person("carol")
    room = alice.group(bob, carol)
    said = bob.say(room, client_id="mine")
    react(alice, said, "👍")
    alice.delete(f"/rooms/{room}/members/{bob.id}")
    react(carol, said, "😢")
    known = [given("👍", alice, mine=False)]
    assert seen(bob, said) == known
    assert [each["user_id"] for each in bob.get(f"{place(said)}/reactions").body["items"]] == [alice.id]
    repeat = bob.post(f"/rooms/{room}/messages", {"client_id": "mine", "text": "hello"}).body
    assert repeat["reactions"] == known
    assert react(bob, said, "👍").code == "not_found"
    alice.post(f"/rooms/{room}/members", {"user_ids": [bob.id]})
    assert len(seen(bob, said)) == 2


def test_the_blocked_reach_nobody_by_a_reaction(alice: Person, bob: Person) -> None:
    """Each of the two keeps what they know, until the blocked one reacts again after it."""
    room = alice.direct(bob)
    said, other = bob.say(room, "hello"), bob.say(room, "how are you?")
    react(alice, said, "👍")
    bob.put(f"/users/me/blocks/{alice.id}")
    with pytest.raises(Refused, match="forbidden"):
        bob.ask("reaction:set", {"room_id": room, "seq": said["seq"], "emoji": "👍"})
    for emoji in ("🖕", "💩"):
        assert react(alice, said, emoji).body["reactions"] == [given(emoji, alice, mine=True)]
    react(alice, other, "💩")
    for message in (said, other):
        assert [each["user_id"] for each in alice.get(f"{place(message)}/reactions").body["items"]] == [alice.id]
    known = [[given("👍", alice, mine=False)], []]
    assert [seen(bob, said), seen(bob, other)] == known
    bob.delete(f"/users/me/blocks/{alice.id}")
    assert [seen(bob, said), seen(bob, other)] == known
    assert [each["emoji"] for each in bob.get(f"{place(said)}/reactions").body["items"]] == ["👍"]
    alice.live().forget()
    bob.live().forget()
    react(bob, said, "😢")
    assert [seen(person, said) for person in (alice, bob)] == [
        [given("💩", alice, mine=True), given("😢", bob, mine=False)],
        [given("👍", alice, mine=False), given("😢", bob, mine=True)],
    ]
    for person, emoji in ((alice, "💩"), (bob, "👍")):
        assert person.hears("reaction:changed")["message"]["reactions"] == [given(emoji, alice), given("😢", bob)]
    take_back(alice, said)
    for person in (alice, bob):
        assert person.hears("reaction:changed", emoji=None)["message"]["reactions"] == [given("😢", bob)]
        assert [each["emoji"] for each in seen(person, said)] == ["😢"]


def test_a_reaction_taken_back_behind_a_block_stays_for_the_blocker(alice: Person, bob: Person) -> None:
    said = bob.say(alice.direct(bob))
    react(alice, said, "👍")
    bob.put(f"/users/me/blocks/{alice.id}")
    take_back(alice, said)
    bob.delete(f"/users/me/blocks/{alice.id}")
    assert (seen(alice, said), seen(bob, said)) == ([], [given("👍", alice, mine=False)])
    react(alice, said, "🎉")
    assert seen(bob, said) == [given("🎉", alice, mine=False)]
