"""Kept messages: whoever asks, it stays; and who said it has the last word."""

import time

from tests.handlers.test_expiry import DAY, place, set_timer, tombstone, words
from tests.support.database import let_last, make_overdue
from tests.support.people import Answer, Cast, Person
from tests.support.verify import verify_action


def keep(person: Person, message: dict) -> Answer:
    return person.put(f"{place(message)}/keep")


def let_go(person: Person, message: dict) -> Answer:
    return person.delete(f"{place(message)}/keep")


def test_what_anybody_keeps_does_not_expire(cast: Cast, alice: Person, bob: Person) -> None:
    room = alice.group(bob)
    set_timer(alice, room, DAY)
    let_last(cast.server, room, 2)
    said, other = alice.say(room, "the address"), alice.say(room, "nothing")
    bob.live().forget()
    kept = keep(bob, said).body
    assert kept == said | {"expires_at": None, "kept_by": bob.id}
    assert keep(alice, said).body == kept == keep(bob, said).body
    told = bob.hears("message:kept")
    assert (told["actor_id"], told["message"]) == (bob.id, kept)
    assert bob.hears("message:expired")["seqs"] == [other["seq"]]
    assert words(alice, room) == [kept, tombstone(other)]
    assert len(bob.events("message:kept")) == 1


def test_only_who_said_it_and_who_keeps_it_let_it_go(cast: Cast, alice: Person, bob: Person, mallory: Person) -> None:
    carol = cast.person("carol")
    room = alice.group(bob, carol)
    set_timer(alice, room, DAY)
    said = alice.say(room)
    assert keep(bob, said).status == 200
    assert (let_go(carol, said).code, let_go(mallory, said).code, keep(mallory, said).code) == ("forbidden", *["not_found"] * 2)
    carol.live().forget()
    assert [let_go(bob, said).status for _ in range(2)] == [204, 204]
    assert carol.hears("message:unkept")["message"] == said
    assert keep(carol, said).status == 200
    assert let_go(alice, said).status == 204
    refused = keep(bob, said)
    assert (refused.code, refused.body["detail"]) == ("forbidden", "Who said it has let it go: nobody else can keep it again.")
    assert keep(alice, said).body["kept_by"] == alice.id
    assert let_go(bob, said).code == "forbidden"
    assert len(carol.events("message:unkept")) == 2


def test_what_is_let_go_after_its_time_is_gone_at_once(cast: Cast, alice: Person, bob: Person) -> None:
    room = alice.direct(bob)
    set_timer(alice, room, DAY)
    let_last(cast.server, room, 1)
    said = alice.say(room, "psst")
    assert keep(bob, said).status == 200
    time.sleep(1.1)
    assert words(alice, room)[0]["text"] == "psst"
    bob.live().forget()
    assert let_go(alice, said).status == 204
    assert bob.hears("message:unkept")["message"] == tombstone(said)
    assert words(alice, room) == [tombstone(said)]
    assert keep(bob, said).code == "conflict"


def test_what_is_let_go_in_time_expires_in_time(cast: Cast, alice: Person, bob: Person) -> None:
    room = alice.direct(bob)
    set_timer(alice, room, DAY)
    let_last(cast.server, room, 2)
    said = alice.say(room, "psst")
    keep(bob, said)
    bob.live().forget()
    let_go(bob, said)
    assert bob.hears("message:expired")["seqs"] == [said["seq"]]
    assert words(bob, room) == [tombstone(said)]


def test_only_what_would_expire_can_be_kept(cast: Cast, alice: Person, bob: Person) -> None:
    room = alice.direct(bob)
    lasting = alice.say(room)
    assert (keep(bob, lasting).code, keep(bob, lasting).body["detail"]) == ("conflict", "This message does not expire.")
    set_timer(alice, room, DAY)
    deleted, over = alice.say(room), alice.say(room)
    alice.delete(f"{place(deleted)}?scope=all")
    make_overdue(cast.server, room, over["seq"])
    assert keep(bob, deleted).code == keep(bob, over).code == "conflict"
    assert let_go(bob, lasting).status == 204
    assert keep(bob, lasting | {"seq": 99}).code == "not_found"


def test_what_is_kept_after_one_left_expires_for_them_as_it_was_to(cast: Cast, alice: Person, bob: Person) -> None:
    room = alice.group(bob)
    set_timer(alice, room, DAY)
    let_last(cast.server, room, 2)
    said = alice.say(room, "the address")
    alice.say(room, "there", reply_to_seq=said["seq"])
    bob.delete(f"/rooms/{room}/members/{bob.id}")
    assert keep(alice, said).status == 200
    assert words(bob, room)[0] == said
    time.sleep(2.1)
    assert words(alice, room)[0]["text"] == "the address"
    assert words(bob, room)[0] == tombstone(said)
    assert bob.put(f"{place(said)}/reminder", {"at": "2099-01-01T00:00:00Z"}).code in ("validation_failed", "not_found")
    assert "the address" not in str(words(bob, room))


def test_keeping_behind_a_block_is_not_noticed(cast: Cast, alice: Person, bob: Person) -> None:
    room = alice.direct(bob)
    set_timer(alice, room, DAY)
    alice.live(), bob.live()
    said, other = bob.say(room, "mine"), alice.say(room, "theirs")
    keep(bob, other)

    def keep_and_let_go() -> None:
        bob.put(f"/users/me/blocks/{alice.id}")
        assert keep(bob, said).code == "forbidden"
        assert keep(alice, said).status == 200
        assert words(bob, room)[0] == said
        assert let_go(alice, other).status == 204

    verify_action(keep_and_let_go, alice, bob)
    verify_action(lambda: bob.delete(f"/users/me/blocks/{alice.id}"), alice, bob)
