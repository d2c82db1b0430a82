"""Who hears a frame that travelled without its members: those at its commit, never those of another moment."""

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
        self.asked: list[str] = []

    def __call__(self, room_id: str) -> RoomMembers:
        self.asked.append(room_id)
        return NOW


@pytest.fixture
def database() -> Database:
    return Database()


@pytest.fixture
def audiences(database: Database) -> Audiences:
    return Audiences(database)


def test_the_members_of_a_version_are_looked_up_once(audiences: Audiences, database: Database) -> None:
    for seq in (7, 8):
        assert list(audiences.fill(replace(MESSAGE, version=4, seq=seq)).audience) == ["alice", "carol"]
    assert database.asked == ["r"]


def test_who_left_since_still_hears_what_was_committed_before(audiences: Audiences) -> None:
    assert list(audiences.fill(MESSAGE).audience) == ["alice", "bob", "carol"]
    assert list(audiences.fill(replace(MESSAGE, seq=3)).audience) == ["alice", "bob"]


def test_what_is_volatile_is_heard_by_those_who_are_there_now(audiences: Audiences) -> None:
    assert list(audiences.fill(replace(MESSAGE, event="typing", seq=0, but="carol")).audience) == ["alice"]


def test_a_change_of_members_brings_them_along(audiences: Audiences, database: Database) -> None:
    left = replace(MESSAGE, event="member:left", version=3, members=("alice",), changed=True)
    assert list(audiences.fill(decode(left.encode())).audience) == ["alice"]
    assert list(audiences.fill(MESSAGE).audience) == ["alice"]
    assert not database.asked


def test_an_older_version_never_replaces_a_newer_one(audiences: Audiences, database: Database) -> None:
    audiences.fill(replace(MESSAGE, version=4, seq=6))
    audiences.fill(replace(MESSAGE, event="member:joined", version=2, members=("mallory",), changed=True))
    assert list(audiences.fill(replace(MESSAGE, version=4, seq=7)).audience) == ["alice", "carol"]
    assert database.asked == ["r"]


def test_a_private_feed_has_one_listener(audiences: Audiences, database: Database) -> None:
    own = Frame("room:me", user_channel("alice"), ("alice",), b'{"a":1}\n{}', seq=2)
    assert audiences.fill(decode(own.encode())) == replace(own, members=("alice",))
    assert not database.asked


def test_some_of_the_audience_get_other_data(audiences: Audiences) -> None:
    forms = (("carol", "mallory"), b'{"message":null}'), (("bob",), b'{"message":{"reply_to":null}}')
    edited = replace(MESSAGE, event="message:edited", version=4, seq=7, data=b'{"message":{}}', forms=forms)
    heard = audiences.fill(decode(edited.encode()))
    assert [(list(people), data) for people, data in heard.copies] == [(["alice"], edited.data), (["carol"], b'{"message":null}')]
    assert audiences.fill(replace(edited, forms=())).copies == [(("alice", "carol"), edited.data)]
