"""Private replies: answering in the direct room with somebody what they said in a group."""

from textwrap import dedent
from typing import Any

from tests.support.patched import run_patched
from tests.support.people import Answer, Cast, Person

NOTHING = {"type": "unavailable", "text": None, "fallback_text": None}


def answer(person: Person, room: str, original: dict[str, Any], **more: Any) -> Answer:
    """Answer it in this room."""
    place = {"reply_to_room_id": original["room_id"], "reply_to_seq": original["seq"]}
    return person.post(f"/rooms/{room}/messages", {"client_id": original["id"], "text": "between us", **place, **more})


def quote_of(original: dict[str, Any]) -> dict[str, Any]:
    return {name: original[name] for name in ("room_id", "seq", "sender_id", "type", "text", "fallback_text")}


def test_both_see_what_was_said_in_the_group_as_it_is_now(alice: Person, bob: Person) -> None:
    group, direct = alice.group(bob), bob.direct(alice)
    original = alice.say(group, "who brings the cake?")
    alice.live().forget()
    reply = answer(bob, direct, original).body
    assert reply["reply_to"] == quote_of(original)
    assert alice.hears("message:created")["message"] == reply
    assert alice.history(direct) == bob.history(direct) == [reply]
    assert alice.get(f"/rooms/{direct}").body["last_message"] == reply
    changes = alice.post("/sync", {"cursors": {direct: 1}}).body["changes"]
    assert [change["message"] for change in changes] == [reply]
    edited = alice.patch(f"/rooms/{group}/messages/{original['seq']}", {"text": "who brings it?"}).body
    assert bob.history(direct)[0]["reply_to"] == quote_of(edited)
    alice.delete(f"/rooms/{group}/messages/{original['seq']}?scope=all")
    assert bob.history(direct)[0]["reply_to"] == quote_of(edited) | {"type": "deleted", "text": None}


def test_who_has_left_the_group_learns_nothing_more_of_it(alice: Person, bob: Person) -> None:
    group, direct = alice.group(bob), bob.direct(alice)
    original = bob.say(group, "before")
    answer(alice, direct, original)
    bob.delete(f"/rooms/{group}/members/{bob.id}")
    unavailable = quote_of(original) | NOTHING
    assert bob.history(direct)[0]["reply_to"] == unavailable
    assert alice.history(direct)[0]["reply_to"] == quote_of(original)
    bob.live().forget()
    again = answer(alice, direct, original, client_id="again").body
    assert again["reply_to"] == quote_of(original)
    heard = bob.hears("message:created")["message"]
    assert heard["reply_to"] == unavailable
    path = f"/rooms/{direct}/messages/{again['seq']}"
    reacted = bob.put(f"{path}/reaction", {"emoji": "👍"}).body
    assert reacted["reply_to"] == unavailable
    assert alice.history(direct)[-1]["reply_to"] == quote_of(original)
    assert answer(bob, direct, original, client_id="mine").code == "not_found"
    assert answer(alice, direct, original, client_id="again").body["reply_to"] == quote_of(original)
    alice.post(f"/rooms/{group}/members", {"user_ids": [bob.id]})
    assert bob.history(direct)[0]["reply_to"] == quote_of(original)


def test_a_repeat_quotes_only_what_its_sender_may_see_now(alice: Person, bob: Person) -> None:
    group, direct = alice.group(bob), bob.direct(alice)
    original = alice.say(group, "before")
    first = answer(bob, direct, original).body
    alice.delete(f"/rooms/{group}/members/{bob.id}")
    alice.patch(f"/rooms/{group}/messages/{original['seq']}", {"text": "after"})
    assert answer(bob, direct, original).body == {
        **first,
        "reply_to": quote_of(original) | NOTHING,
        "duplicate": True,
    }


def test_it_is_answered_to_its_author_alone_and_only_by_who_sees_it(
    alice: Person, bob: Person, mallory: Person, cast: Cast
) -> None:
    carol = cast.person("carol")
    group, others = alice.group(bob, carol), carol.group(alice)
    original, secret = alice.say(group, "hello"), alice.say(others, "a secret")
    for room in (bob.direct(carol), bob.group(alice), bob.direct(bob)):
        refused = answer(bob, room, original)
        assert (refused.status, list(refused.body["fields"])) == (422, ["reply_to_room_id"])
    direct = bob.direct(alice)
    assert answer(bob, direct, secret).body | {"request_id": ""} == answer(
        bob, direct, secret | {"room_id": secret["id"]}
    ).body | {"request_id": ""}
    assert answer(mallory, mallory.direct(alice), original).code == "not_found"
    bob.delete(f"/rooms/{group}/messages/{original['seq']}?scope=me")
    assert answer(bob, direct, original).code == "not_found"
    assert answer(bob, direct, {**original, "seq": 99}).code == "not_found"
    assert bob.history(direct) == []


def test_to_name_the_room_itself_is_an_answer_as_any_other(alice: Person, bob: Person) -> None:
    room = alice.group(bob)
    original = alice.say(room, "hello")
    assert answer(bob, room, original).body["reply_to"] == quote_of(original)


def test_a_page_of_them_costs_as_many_queries_as_one(fresh_sqlite: str) -> None:
    script = """
    with app.app_context():
        groups = [dispatch("room:create", bob, {"title": "g", "member_ids": [alice.user_id]})["id"] for _ in range(3)]
    def say(who, where, **more):
        return ask(who, "message:send", {"room_id": where, "client_id": str(uuid4()), "text": "hi", **more})["seq"]
    def answer():
        for group in groups:
            say(alice, room, reply_to_seq=say(bob, group), reply_to_room_id=group)
    asked = []
    with app.app_context():
        event.listen(db.engine, "before_cursor_execute", lambda *about: asked.append(about[2]))
    def queries():
        asked.clear()
        items = ask(bob, "history", {"room_id": room, "limit": 100})["items"]
        return {item["reply_to"]["text"] for item in items}, len(items), len(asked)
    answer()
    one = queries()
    for _ in range(10):
        answer()
    assert queries() == ({"hi"}, 33, one[2]), (one, queries())
    print("ok")
    """
    assert run_patched("from uuid import uuid4\n" + dedent(script), fresh_sqlite, people=True) == "ok"
