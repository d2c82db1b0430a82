"""Polls: everybody in the room votes, changes their mind, and sees at once how it stands; until the end."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from config import LIMITS
from tests.support.database import rows_about
from tests.support.people import Answer, Cast, Person, Refused

LAKE = {"question": "Where to?", "options": ["lake", "hills", "home"]}


def path(poll: dict[str, Any], what: str) -> str:
    return f"/rooms/{poll['room_id']}/messages/{poll['seq']}/{what}"


def options(poll: dict[str, Any]) -> dict[str, str]:
    """The ids of its options by their text."""
    return {option["text"]: option["id"] for option in poll["data"]["options"]}


def vote(person: Person, poll: dict[str, Any], *texts: str) -> Answer:
    return person.put(path(poll, "vote"), {"option_ids": [options(poll)[text] for text in texts]})


def standing(poll: dict[str, Any]) -> dict[str, tuple[int, list[str]]]:
    return {option["text"]: (option["count"], option["user_ids"]) for option in poll["data"]["options"]}


def soon(seconds: float = 1) -> str:
    return (datetime.now(UTC) + timedelta(seconds=seconds)).isoformat()


def test_a_poll_is_asked_voted_on_and_heard_as_it_stands(alice: Person, bob: Person) -> None:
    room = alice.group(bob)
    poll = alice.send(room, "poll", LAKE)
    unset = {"multiple": False, "hidden_voters": False, "add_options": False, "closes_at": None, "closed_at": None}
    asked = [{"text": text, "added_by": alice.id, "count": 0, "user_ids": []} for text in LAKE["options"]]
    shown = [{name: value for name, value in option.items() if name != "id"} for option in poll["data"]["options"]]
    assert poll["data"] | {"options": shown} == unset | {"question": "Where to?", "options": asked, "voters": 0}
    assert (poll["text"], poll["fallback_text"]) == (None, "Poll: Where to?")
    for person in (alice, bob):
        person.live().forget()
    answer = bob.ask("poll:vote", {"room_id": room, "seq": poll["seq"], "option_ids": [options(poll)["lake"]]})
    assert standing(answer) == {"lake": (1, [bob.id]), "hills": (0, []), "home": (0, [])}
    for person in (alice, bob):
        heard = person.hears("poll:changed", feed=room)
        assert (heard["message"], heard["actor_id"], heard["seq"]) == (answer, bob.id, poll["seq"] + 1)
    assert alice.history(room) == [answer]
    assert alice.get(f"/rooms/{room}").body["last_message"] == answer


def test_a_vote_is_changed_withdrawn_and_the_same_again_changes_nothing(alice: Person, bob: Person) -> None:
    poll = alice.send(alice.group(bob), "poll", LAKE)
    bob.live().forget()
    assert standing(vote(alice, poll, "lake").body)["lake"] == (1, [alice.id])
    assert [standing(vote(bob, poll, "lake").body)["lake"] for _ in range(2)] == [(2, [alice.id, bob.id])] * 2
    moved = vote(bob, poll, "home").body
    assert standing(moved) == {"lake": (1, [alice.id]), "hills": (0, []), "home": (1, [bob.id])}
    assert bob.get(path(poll, "vote")).body == {"option_ids": [options(poll)["home"]]}
    withdrawn = [vote(bob, poll).body for _ in range(2)]
    assert (standing(withdrawn[0])["home"], withdrawn[0]["data"]["voters"]) == ((0, []), 1)
    assert withdrawn[0] == withdrawn[1]
    assert bob.ask("poll:my_vote", {"room_id": poll["room_id"], "seq": poll["seq"]}) == {"option_ids": []}
    assert len(bob.events("poll:changed")) == 4


def test_several_can_be_chosen_where_the_poll_says_so(alice: Person, bob: Person) -> None:
    room = alice.group(bob)
    poll = alice.send(room, "poll", LAKE | {"multiple": True})
    both = vote(bob, poll, "lake", "home").body
    assert (standing(both), both["data"]["voters"]) == ({"lake": (1, [bob.id]), "hills": (0, []), "home": (1, [bob.id])}, 1)
    other = vote(bob, poll, "home", "hills").body
    assert standing(other) == {"lake": (0, []), "hills": (1, [bob.id]), "home": (1, [bob.id])}
    refused = vote(alice, alice.send(room, "poll", LAKE), "lake", "home")
    assert (refused.status, refused.body["fields"]) == (422, {"option_ids": ["Only one option can be chosen."]})


def test_options_of_another_poll_are_not_chosen(alice: Person, bob: Person) -> None:
    room = alice.direct(bob)
    one, other = (alice.send(room, "poll", LAKE | {"multiple": True}) for _ in range(2))
    ids = [options(one)["lake"], options(other)["lake"]]
    refused = bob.put(path(one, "vote"), {"option_ids": ids})
    assert refused.body["fields"] == {"option_ids": [f"{ids[1]} is not an option of this poll."]}
    assert bob.history(room) == [one, other]


def test_hidden_voters_are_named_nowhere(alice: Person, bob: Person, cast: Cast) -> None:
    carol = cast.person("carol")
    room = alice.group(bob, carol)
    poll = alice.send(room, "poll", LAKE | {"hidden_voters": True})
    cursor = alice.post("/sync").body["cursors"][room]
    alice.live().forget()
    voted = vote(bob, poll, "lake").body
    assert (standing(voted)["lake"], voted["data"]["voters"]) == ((1, []), 1)
    heard = alice.hears("poll:changed", feed=room)
    replayed = alice.post("/sync", {"cursors": {room: cursor}}).body["changes"]
    assert replayed == [heard]
    assert (heard["actor_id"], heard["message"]) == (None, voted)
    assert bob.id not in str([heard, alice.history(room)])
    refused = alice.get(path(poll, "voters"))
    assert (refused.status, refused.code) == (403, "forbidden")
    assert [person.get(path(poll, "vote")).body["option_ids"] for person in (bob, alice)] == [[options(poll)["lake"]], []]
    closed = alice.post(path(poll, "close")).body
    assert alice.hears("poll:changed", feed=room)["actor_id"] == alice.id
    assert standing(closed)["lake"] == (1, [])


def test_the_first_voters_are_shown_and_all_are_listed_page_by_page(alice: Person, cast: Cast, mallory: Person) -> None:
    people = [cast.person("voter") for _ in range(LIMITS["people_shown"] + 2)]
    room = alice.group(*people)
    polls = [alice.send(room, "poll", LAKE | {"multiple": True}) for _ in range(2)]
    for person in people:
        vote(person, polls[0], "lake", "home")
    vote(people[0], polls[0], "home")
    vote(people[1], polls[1], "hills")
    now = alice.history(room)
    shown = people[: LIMITS["people_shown"]]
    assert standing(now[0])["home"] == (len(people), [person.id for person in shown])
    assert standing(now[0])["lake"] == (len(people) - 1, [person.id for person in people[1 : LIMITS["people_shown"] + 1]])
    assert [poll["data"]["voters"] for poll in now] == [len(people), 1]
    listed, query = [], {"limit": 5}
    while True:
        page = alice.get(path(polls[0], "voters"), **query).body
        listed += page["items"]
        if page["next"] is None:
            break
        query["cursor"] = page["next"]
    assert [voter["user_id"] for voter in listed] == sorted(person.id for person in people)
    chosen = {voter["user_id"]: set(voter["option_ids"]) for voter in listed}
    ids = options(polls[0])
    assert chosen == {person.id: {ids["lake"], ids["home"]} for person in people} | {people[0].id: {ids["home"]}}
    lake = alice.ask("poll:voters", {"room_id": room, "seq": polls[0]["seq"], "option_id": ids["lake"]})["items"]
    assert [voter["user_id"] for voter in lake] == sorted(person.id for person in people[1:])
    assert alice.get(path(polls[0], "voters"), option_id=options(polls[1])["hills"]).body["items"] == []
    assert mallory.get(path(polls[0], "voters")).code == "not_found"


def test_members_add_options_where_the_poll_says_so(alice: Person, bob: Person) -> None:
    room = alice.group(bob)
    poll = alice.send(room, "poll", LAKE | {"add_options": True})
    alice.live().forget()
    voted = vote(bob, poll, "lake").body
    more = bob.post(path(poll, "options"), {"text": " the moon "}).body
    assert [(option["text"], option["added_by"]) for option in more["data"]["options"]][-1] == ("the moon", bob.id)
    assert more["data"]["options"][:3] == voted["data"]["options"]
    assert alice.events("poll:changed")[-1]["message"] == more
    again = alice.ask("poll:add_option", {"room_id": room, "seq": poll["seq"], "text": "the moon"})
    assert again == more
    for number in range(LIMITS["poll_options"] - 4):
        assert alice.post(path(poll, "options"), {"text": f"{number}"}).status == 200
    full = alice.post(path(poll, "options"), {"text": "one more"})
    assert (full.status, full.code, full.body["detail"]) == (409, "conflict", "More than poll_options: 12.")
    assert vote(bob, more, "the moon").status == 200
    closed = alice.send(room, "poll", LAKE)
    assert alice.post(path(closed, "options"), {"text": "one more"}).code == "forbidden"


def test_its_author_closes_it_and_then_nobody_votes(alice: Person, bob: Person) -> None:
    room = alice.group(bob)
    poll = alice.send(room, "poll", LAKE | {"add_options": True, "closes_at": soon(3_600)})
    assert bob.post(path(poll, "close")).code == "forbidden"
    bob.live().forget()
    closed = alice.ask("poll:close", {"room_id": room, "seq": poll["seq"]})
    assert closed["data"]["closed_at"] < poll["data"]["closes_at"]
    assert alice.post(path(poll, "close")).body == closed
    assert [heard["message"] for heard in bob.events("poll:changed")] == [closed]
    late = [vote(bob, poll, "lake"), bob.post(path(poll, "options"), {"text": "moon"})]
    assert [(answer.status, answer.code) for answer in late] == [(409, "window_closed")] * 2
    assert late[0].body["detail"] == f"The poll was closed at {closed['data']['closed_at']}."
    assert rows_about(alice.server, "timers", room) == []


def test_it_closes_by_itself_in_time(alice: Person, bob: Person) -> None:
    """What is due is "poll:end"."""
    room = alice.group(bob)
    poll = alice.send(room, "poll", LAKE | {"closes_at": soon()})
    vote(bob, poll, "lake")
    bob.live()
    heard = bob.hears("poll:changed", feed=room, actor_id=None)
    assert heard["message"]["data"]["closed_at"] == poll["data"]["closes_at"]
    assert standing(heard["message"])["lake"] == (1, [bob.id])
    assert vote(bob, poll, "home").code == "window_closed"
    assert alice.post(path(poll, "close")).body == heard["message"]
    assert bob.history(room) == [heard["message"]]


def test_a_deleted_poll_forgets_its_votes_and_never_closes(alice: Person, bob: Person) -> None:
    room = alice.group(bob)
    poll = alice.send(room, "poll", LAKE | {"closes_at": soon(3_600)})
    vote(bob, poll, "lake")
    assert alice.delete(f"/rooms/{room}/messages/{poll['seq']}?scope=all").status == 204
    assert [rows_about(alice.server, table, room) for table in ("poll_votes", "message_versions", "timers")] == [[], [], []]
    assert alice.history(room)[0]["data"] == {}
    late = vote(bob, poll, "home")
    assert (late.status, late.code, late.body["detail"]) == (409, "conflict", "The type of this message is deleted, not poll.")


def test_who_left_or_blocks_sees_the_poll_as_they_left_it(alice: Person, bob: Person, cast: Cast) -> None:
    carol = cast.person("carol")
    room = alice.group(bob, carol)
    poll = alice.send(room, "poll", LAKE, client_id="once")
    left = vote(bob, poll, "lake").body
    carol.delete(f"/rooms/{room}/members/{carol.id}")
    now = [vote(alice, poll, "home").body, vote(bob, poll, "hills").body][-1]
    assert carol.history(room)[0] == left
    assert carol.get(path(poll, "voters")).code == carol.get(path(poll, "vote")).code == "not_found"
    assert vote(carol, poll, "lake").code == "not_found"
    alice.post(f"/rooms/{room}/members", {"user_ids": [carol.id]})
    assert carol.history(room)[0] == now

    direct = alice.direct(bob)
    asked = alice.send(direct, "poll", LAKE)
    known = vote(bob, asked, "lake").body
    reply = bob.say(direct, "well", reply_to_seq=asked["seq"])
    alice.put(f"/users/me/blocks/{bob.id}")
    later = vote(bob, asked, "home").body
    assert (bob.history(direct), alice.history(direct)) == ([later, reply], [known, reply])
    for what in ("voters", "vote"):
        assert alice.get(path(asked, what)).code == "forbidden"
    assert vote(alice, asked, "lake").code == "forbidden"
    alice.delete(f"/users/me/blocks/{bob.id}")
    assert alice.history(direct) == [later, reply]


def test_who_sends_again_from_outside_learns_nothing_new(alice: Person, bob: Person) -> None:
    room = alice.group(bob)
    body = {"client_id": "once", "type": "poll", "data": LAKE}
    poll = bob.post(f"/rooms/{room}/messages", body).body
    alice.delete(f"/rooms/{room}/members/{bob.id}")
    vote(alice, poll, "lake")
    again = bob.post(f"/rooms/{room}/messages", body)
    assert (again.status, again.body) == (200, poll | {"duplicate": True})


def test_who_came_later_neither_sees_the_poll_nor_hears_of_it(alice: Person, bob: Person) -> None:
    room = alice.group()
    poll = alice.send(room, "poll", LAKE)
    alice.post(f"/rooms/{room}/members", {"user_ids": [bob.id]})
    bob.live().forget()
    vote(alice, poll, "lake")
    assert bob.hears("poll:changed", feed=room)["message"] is None
    with pytest.raises(Refused, match="not_found"):
        bob.ask("poll:vote", {"room_id": room, "seq": poll["seq"], "option_ids": []})


def test_what_is_no_poll_takes_no_votes(alice: Person) -> None:
    said = alice.say(alice.direct(alice), "not a poll")
    for answer in (
        alice.put(path(said, "vote"), {"option_ids": []}),
        alice.get(path(said, "voters")),
        alice.post(path(said, "close")),
    ):
        assert (answer.status, answer.body["detail"]) == (409, "The type of this message is text, not poll.")


BAD = {
    "one option": (LAKE | {"options": ["a"]}, {"options"}),
    "thirteen options": (LAKE | {"options": [str(number) for number in range(13)]}, {"options"}),
    "options alike": (LAKE | {"options": ["a", " a"]}, {"options"}),
    "options alike in another spelling": (LAKE | {"options": ["é", "e\u0301"]}, {"options"}),
    "an option too long": (LAKE | {"options": ["a", "x" * 101]}, {"options"}),
    "an empty option": (LAKE | {"options": ["a", "  "]}, {"options"}),
    "no question": ({"options": ["a", "b"]}, {"question"}),
    "an empty question": (LAKE | {"question": " "}, {"question"}),
    "closed before": (LAKE | {"closes_at": "2020-01-01T00:00:00Z"}, {"closes_at"}),
    "closed too late": (LAKE | {"closes_at": "2999-01-01T00:00:00Z"}, {"closes_at"}),
    "closed at no time": (LAKE | {"closes_at": "tomorrow"}, {"closes_at"}),
    "results of one's own": (LAKE | {"voters": 9, "closed_at": None}, {"voters", "closed_at"}),
}


def test_a_bad_poll_is_named_field_by_field(alice: Person) -> None:
    room = alice.direct(alice)
    for what, (data, wrong) in BAD.items():
        refused = alice.post(f"/rooms/{room}/messages", {"client_id": "1", "type": "poll", "data": data})
        assert (refused.status, refused.code, set(refused.body["fields"]["data"])) == (422, "validation_failed", wrong), what
    assert alice.history(room) == []
    assert rows_about(alice.server, "timers", room) == []


def test_what_was_sent_in_time_is_repeated_late(alice: Person) -> None:
    room = alice.direct(alice)
    body = {"client_id": "1", "type": "poll", "data": LAKE | {"closes_at": soon(0.5)}}
    poll = alice.post(f"/rooms/{room}/messages", body).body
    alice.live().hears("poll:changed", feed=room)
    again = alice.post(f"/rooms/{room}/messages", body)
    assert (again.status, again.body["seq"], again.body["duplicate"]) == (200, poll["seq"], True)


def test_everybody_votes_at_once_and_every_vote_counts(alice: Person, cast: Cast) -> None:
    people = [cast.person("voter") for _ in range(8)]
    poll = alice.send(alice.group(*people), "poll", LAKE)
    with ThreadPoolExecutor(len(people)) as together:
        answers = list(together.map(lambda person: vote(person, poll, "lake"), people))
    counts = sorted(standing(answer.body)["lake"][0] for answer in answers)
    assert counts == list(range(1, len(people) + 1))
