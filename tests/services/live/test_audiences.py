"""Who hears a frame that travelled without its members: those at its commit, never those of another moment."""

from collections.abc import Collection
from dataclasses import replace

import pytest

from chatx.models.audience import RoomMembers
from chatx.services.live import Frame
from chatx.services.live.audiences import Audiences
from chatx.services.live.news import decode, room_channel, user_channel

MESSAGE = Frame("message:created", room_channel("r"), (), b"{}", seq=5, version=3)
# Version 4 began with seq 6, when bob left; carol has been away and back before.
NOW = RoomMembers(4, 9, {"alice": [(1, None)], "bob": [(1, 5)], "carol": [(1, 2), (4, None)]})


class Database:
    """Answers NOW, and counts how often it was asked."""

    def __init__(self) -> None:
        self.asked: list[list[str]] = []

    def __call__(self, room_ids: Collection[str]) -> dict[str, RoomMembers]:
        self.asked.append(sorted(room_ids))
        return {room_id: NOW for room_id in room_ids}


@pytest.fixture
def database() -> Database:
    return Database()


@pytest.fixture
def audiences(database: Database) -> Audiences:
    return Audiences(database)


def filled(audiences: Audiences, *frames: Frame) -> list[Frame]:
    """These frames with their members, heard together."""
    found = audiences.unknown(frames)
    return [audiences.fill(frame, found) for frame in frames]


def people(audiences: Audiences, frame: Frame) -> list[str]:
    (heard,) = filled(audiences, frame)
    return list(heard.audience)


def test_the_members_of_a_version_are_looked_up_once(audiences: Audiences, database: Database) -> None:
    for seq in (7, 8):
        assert people(audiences, replace(MESSAGE, version=4, seq=seq)) == ["alice", "carol"]
    assert database.asked == [["r"]]


def test_many_rooms_are_looked_up_at_once_and_only_those_that_are_not_known(audiences: Audiences, database: Database) -> None:
    rooms = [replace(MESSAGE, channel=room_channel(f"r{number}"), version=4, seq=7) for number in range(3)]
    filled(audiences, rooms[0])
    joined = replace(rooms[1], event="member:joined", version=5, members=("alice", "dave"), changed=True)
    heard = filled(audiences, *rooms, joined, replace(rooms[1], version=5, seq=8), replace(rooms[2], version=3, seq=5))
    assert database.asked == [["r0"], ["r1", "r2"]]
    assert [list(frame.audience) for frame in heard[3:]] == [["alice", "dave"]] * 2 + [["alice", "bob", "carol"]]


def test_what_cannot_be_looked_up_holds_up_nothing_that_is_known(audiences: Audiences) -> None:
    known = replace(MESSAGE, version=4, seq=7)
    filled(audiences, known)
    assert [audiences.fill(frame, {}) is None for frame in (MESSAGE, known)] == [True, False]


def test_who_left_since_still_hears_what_was_committed_before(audiences: Audiences) -> None:
    assert people(audiences, MESSAGE) == ["alice", "bob", "carol"]
    assert people(audiences, replace(MESSAGE, seq=3)) == ["alice", "bob"]


def test_what_is_volatile_is_heard_by_those_who_are_there_now(audiences: Audiences) -> None:
    assert people(audiences, replace(MESSAGE, event="typing", seq=0, but="carol")) == ["alice"]


def test_a_change_of_members_brings_them_along(audiences: Audiences, database: Database) -> None:
    left = replace(MESSAGE, event="member:left", version=3, members=("alice",), changed=True)
    assert people(audiences, decode(left.encode())) == ["alice"]
    assert people(audiences, MESSAGE) == ["alice"]
    assert not database.asked


def test_an_older_version_never_replaces_a_newer_one(audiences: Audiences, database: Database) -> None:
    filled(audiences, replace(MESSAGE, version=4, seq=6))
    filled(audiences, replace(MESSAGE, event="member:joined", version=2, members=("mallory",), changed=True))
    assert people(audiences, replace(MESSAGE, version=4, seq=7)) == ["alice", "carol"]
    assert database.asked == [["r"]]


def test_a_private_feed_has_one_listener(audiences: Audiences, database: Database) -> None:
    own = Frame("room:me", user_channel("alice"), ("alice",), b'{"a":1}\n{}', seq=2)
    assert filled(audiences, decode(own.encode())) == [replace(own, members=("alice",))]
    assert not database.asked


def test_some_of_the_audience_get_other_data(audiences: Audiences) -> None:
    forms = (("carol", "mallory"), b'{"message":null}'), (("bob",), b'{"message":{"reply_to":null}}')
    edited = replace(MESSAGE, event="message:edited", version=4, seq=7, data=b'{"message":{}}', forms=forms)
    heard, again = filled(audiences, decode(edited.encode()), replace(edited, forms=()))
    assert [(list(people), data) for people, data in heard.copies] == [(["alice"], edited.data), (["carol"], b'{"message":null}')]
    assert again.copies == [(("alice", "carol"), edited.data)]
