"""What people choose for themselves: whether what they have archived comes back when something is said there."""

from concurrent.futures import ThreadPoolExecutor
from textwrap import dedent

from config import SETTINGS
from tests.support.patched import run_patched
from tests.support.people import Cast, Person
from tests.support.verify import verify_action


def choose(person: Person, *, keep: bool) -> None:
    assert person.patch("/users/me/settings", {"keep_archived": keep}).body == {"keep_archived": keep}


def archive(person: Person, room: str) -> None:
    assert person.patch(f"/rooms/{room}/me", {"archived": True}).body["me"]["archived"]


def archived(person: Person) -> list[str]:
    aside, shown = (person.get("/rooms", archived=flag).body["items"] for flag in ("true", "false"))
    assert all(room["me"]["archived"] for room in aside)
    assert not any(room["me"]["archived"] for room in shown)
    return [room["id"] for room in aside]


def test_everybody_begins_with_what_the_server_says(cast: Cast, alice: Person) -> None:
    assert cast.stranger().get("/config").body["settings"] == SETTINGS == {"keep_archived": True}
    assert alice.get("/users/me/settings").body == SETTINGS == alice.ask("settings:get")


def test_own_devices_hear_of_a_choice_and_nobody_else(alice: Person, bob: Person) -> None:
    alice.direct(bob)
    laptop = alice.another_device().live()
    bob.live().forget()
    choose(alice, keep=False)
    assert laptop.hears("settings:updated")["settings"] == {"keep_archived": False}
    assert alice.ask("settings:set", {"keep_archived": False}) == {"keep_archived": False}
    assert len(laptop.events("settings:updated")) == 1
    assert bob.events("settings:updated") == []


def test_what_is_archived_stays_so_and_counts_on_no_badge(alice: Person, bob: Person) -> None:
    room = alice.direct(bob)
    archive(alice, room)
    bob.say(room, mentions=[alice.id])
    alice.say(room)
    assert archived(alice) == [room]
    assert alice.get("/users/me/unread").body == {"rooms": 0, "messages": 0, "mentions": 0}


def test_for_who_wants_it_so_it_comes_back_with_the_next_message_on_every_device(alice: Person, bob: Person) -> None:
    rooms = [alice.direct(bob), alice.group(bob)]
    choose(alice, keep=False)
    for room in rooms:
        bob.say(room)
        archive(alice, room)
    laptop = alice.another_device().live()
    bob.put(f"/rooms/{rooms[1]}/messages/2/reaction", {"emoji": "👍"})
    assert sorted(archived(alice)) == sorted(rooms)
    bob.say(rooms[1])
    told = laptop.hears("room:me")
    assert (told["room_id"], told["actor_id"], told["me"]["archived"], told["me"]["unread"]) == (rooms[1], None, False, 2)
    assert archived(alice) == [rooms[0]]
    assert alice.get("/users/me/unread").body["messages"] == 2
    bob.post(f"/rooms/{rooms[1]}/forward", {"seqs": [2], "to_room_ids": [rooms[0]], "client_id": "1"})
    assert laptop.hears("room:me")["room_id"] == rooms[0]
    assert archived(alice) == []


def test_the_choice_is_about_what_is_archived_already_too(alice: Person, bob: Person) -> None:
    room = alice.direct(bob)
    archive(alice, room)
    bob.say(room)
    choose(alice, keep=False)
    assert archived(alice) == [room]
    choose(alice, keep=True)
    bob.say(room)
    assert archived(alice) == [room]
    choose(alice, keep=False)
    bob.say(room)
    assert archived(alice) == []
    choose(alice, keep=True)
    assert archived(alice) == []


def test_nobody_notices_what_others_have_archived(alice: Person, bob: Person) -> None:
    room = alice.direct(bob)
    choose(alice, keep=False)
    archive(alice, room)
    bob.live().forget()
    bob.say(room)
    assert len(bob.events("message:created")) == 1
    assert bob.events("room:me") == []


def test_what_a_blocked_person_says_brings_nothing_back(alice: Person, bob: Person) -> None:
    room = alice.direct(bob)
    choose(alice, keep=False)
    archive(alice, room)
    alice.put(f"/users/me/blocks/{bob.id}")
    bob.say(room)
    assert archived(alice) == [room]
    alice.delete(f"/users/me/blocks/{bob.id}")
    assert archived(alice) == [room]
    bob.say(room)
    assert archived(alice) == []


def test_it_comes_back_to_many_at_once_and_all_their_clients_agree(cast: Cast, alice: Person) -> None:
    others = [cast.person(f"p{number}").live() for number in range(5)]
    room = alice.group(*others)
    for person in others[:4]:
        choose(person, keep=False)
        archive(person, room)

    def say_at_once() -> None:
        with ThreadPoolExecutor(5) as pool:
            list(pool.map(lambda person: person.say(room), [alice, *others]))

    verify_action(say_at_once, *others)
    assert all(not archived(person) for person in others)


def test_it_takes_as_many_statements_for_many_as_for_two(fresh_sqlite: str) -> None:
    script = """
    from chatx.registry import followers
    followers.clear()  # what follows from a message is done beside the call
    with app.app_context():
        people = [person(f"person_{number}") for number in range(20)]
    for each in people:
        ask(each, "settings:set", {"keep_archived": False})
    def statements(members):
        ids = [each.user_id for each in members]
        room = ask(alice, "room:create", {"title": "g", "member_ids": ids})["id"]
        for each in members:
            ask(each, "room:set_me", {"room_id": room, "archived": True})
        seen = []
        with app.app_context():
            engine = db.engine
        listen = lambda connection, cursor, sql, *more: seen.append(sql)
        event.listen(engine, "before_cursor_execute", listen)
        ask(alice, "message:send", {"room_id": room, "client_id": room, "text": "hi"})
        event.remove(engine, "before_cursor_execute", listen)
        assert not any(ask(each, "room:get", {"room_id": room})["me"]["archived"] for each in members)
        return len(seen)
    few, many = statements(people[:2]), statements(people)
    assert few == many, (few, many)
    print("ok")
    """
    assert run_patched(dedent(script), fresh_sqlite, people=True) == "ok"
