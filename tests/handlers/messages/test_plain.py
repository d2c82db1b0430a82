"""The shortcut of plain messages: it answers exactly as the usual way does, or leaves it to that."""

from collections.abc import Iterator

import pytest

from tests.support.backends import Postgres
from tests.support.patched import run_patched

SHORTCUT = """
from chatx import registry
from chatx.services.live import live
shortcut, taken = registry.shortcuts["message:send"], []
def counted(calls, now, once):
    answers, frames = shortcut(calls, now, once)
    taken.append([answer is not None for answer in answers])
    return answers, frames
registry.shortcuts["message:send"] = counted
told = []
publish = live.publish
live.publish = lambda frames: (told.extend(frames), publish(frames))
def send(who, client_id, text="hi", where=None, **more):
    return (who, "message:send", {"room_id": where or room, "client_id": client_id, "text": text, **more})
ask(*send(bob, "known"))
taken.clear(), told.clear()
"""


@pytest.fixture
def database(postgres: Postgres) -> Iterator[str]:
    url = postgres.new_database()
    yield url
    postgres.drop_database(url)


def say(script: str, database: str) -> None:
    setup = "\n".join(f"    {line}" for line in SHORTCUT.strip().splitlines())
    assert run_patched(f"{setup}\n{script}\n    print('ok')\n", database, people=True) == "ok"


def test_both_ways_answer_and_tell_the_same(database: str) -> None:
    say(
        """
    text = "a \\\\ \\"quote\\", {braces}, NULL, ünï, 👩‍👩‍👧‍👦 and *'more'*\\n"
    quick = [ask(*send(alice, '{"\\\\', text)), *together(send(bob, "3", text), send(alice, "4", text))]
    assert taken == [[True], [True, True]], taken
    registry.shortcuts.clear()
    usual = [ask(*send(who, f"u{number}", text)) for number, who in enumerate((alice, bob, alice))]
    for one, other in zip(quick, usual):
        assert list(one) == list(other)
        own = {"id", "seq", "client_id", "created_at"}
        assert {k: v for k, v in one.items() if k not in own} == {k: v for k, v in other.items() if k not in own}
    for frame, other in zip(told[:3], told[3:]):
        import orjson
        one, two = orjson.loads(frame.data), orjson.loads(other.data)
        assert list(one) == list(two) and list(one["message"]) == list(two["message"])
        assert (frame.members, frame.version, frame.channel) == (other.members, other.version, other.channel)
    history = ask(alice, "history", {"room_id": room})["items"]
    assert history[1:] == sorted(quick + usual, key=lambda message: message["seq"])
    assert [orjson.loads(frame.data)["message"] for frame in told] == quick + usual
    """,
        database,
    )


def test_what_a_process_knows_of_a_room_counts_only_while_it_is_true(database: str) -> None:
    say(
        """
    with app.app_context():
        group = dispatch("room:create", alice, {"title": "g", "member_ids": [bob.user_id]})["id"]
    assert ask(*send(bob, "1", where=group))["seq"] == 2
    assert ask(*send(bob, "2", where=group))["seq"] == 3
    with app.app_context():
        dispatch("member:remove", alice, {"room_id": group, "user_id": bob.user_id})
    assert ask(*send(bob, "3", where=group)) == "not_found"
    assert ask(*send(mallory, "4", where=group)) == "not_found"
    with app.app_context():
        dispatch("block:set", bob, {"user_id": alice.user_id})
    assert ask(*send(bob, "5")) == "forbidden"
    assert ask(*send(alice, "6"))["seq"] == 3
    assert taken == [[False], [True], [False], [False], [False], [False]], taken
    assert told[-1].members == (alice.user_id,), "bob is deaf"
    """,
        database,
    )


def test_what_does_not_last_goes_the_usual_way_from_the_moment_when_it_is_to(database: str) -> None:
    say(
        """
    def timer(seconds):
        return (bob, "room:update", {"room_id": room, "settings": {"expire_seconds": seconds}})
    assert ask(*send(alice, "1"))["expires_at"] is None
    ask(*timer(86_400))
    told.clear()
    assert [bool(ask(*send(who, f"2{who.user_id}"))["expires_at"]) for who in (alice, bob, alice)] == [True] * 3
    assert [frame.members for frame in told] == [told[0].members] * 2
    ask(*timer(None))
    assert [ask(*send(alice, f"3{n}"))["expires_at"] for n in range(2)] == [None] * 2
    assert ask(*send(alice, "4", view_once=True))["text"] is None
    assert ask(*send(alice, "5", view_once=False))["text"] == "hi"
    assert taken == [[True], *[[False]] * 3, *[[False], [True]], [False], [True]], taken
    """,
        database,
    )


def test_a_repeat_finds_the_first_result_and_nobody_else_is_the_worse_for_it(database: str) -> None:
    say(
        """
    first = ask(*send(alice, "1", "once"))
    answers = together(send(bob, "2", "b"), send(alice, "1", "once"), send(alice, "1", "twice"), send(alice, "3", "c"))
    told = [answer if isinstance(answer, str) else (answer["seq"], answer.get("duplicate", False)) for answer in answers]
    assert told == [(4, False), (3, True), "client_id_reused", (5, False)], told
    assert ask(*send(alice, "1", "once")) == {**first, "duplicate": True}
    together(*(send(alice, "same", "x") for _ in range(5)))
    assert [m["text"] for m in ask(alice, "history", {"room_id": room})["items"]] == ["hi", "once", "b", "c", "x"]
    """,
        database,
    )


def test_a_room_keeps_its_order_also_when_only_some_of_it_is_plain(database: str) -> None:
    say(
        """
    calls = [send(alice, str(n), str(n), **({"reply_to_seq": 2} if n == 2 else {})) for n in range(5)]
    answers = together(*calls)
    assert [answer["seq"] for answer in answers] == [3, 4, 5, 6, 7], answers
    assert taken == [[True, True, False, False, False]], taken
    """,
        database,
    )


def test_a_text_with_a_link_goes_the_usual_way_and_its_neighbours_do_not(database: str) -> None:
    say(
        """
    said = ("see HTTPS://example.com", "see example.com", "http: a word")
    sent = [ask(*send(alice, f"n{number}", words)) for number, words in enumerate(said)]
    assert taken == [[False], [True], [True]], taken
    assert [message["preview"] for message in sent] == [None] * 3
    with app.app_context():
        kinds = db.session.execute(text("SELECT kind FROM timers WHERE kind = 'message:preview'")).scalars().all()
    assert kinds == ["message:preview"], kinds
    from chatx.services.links import links
    links.on = False
    ask(*send(alice, "4", "see https://example.com"))
    assert taken[3:] == [[True]], taken
    """,
        database,
    )


def test_a_lost_connection_loses_and_doubles_nothing(database: str) -> None:
    say(
        """
    import psycopg2
    for number in range(6):
        other = psycopg2.connect(db_url)
        other.autocommit = True
        others = "datname = current_database() AND pid <> pg_backend_pid()"
        ended = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {others}"
        other.cursor().execute(ended)
        other.close()
        assert ask(*send(alice, f"lost-{number}"))["seq"] == 3 + number
    assert len(ask(alice, "history", {"room_id": room})["items"]) == 7
    """.replace("db_url", f'"{database}"'),
        database,
    )


def test_who_has_a_draft_goes_the_usual_way_which_ends_it_and_nobody_else_does(database: str) -> None:
    say(
        """
    def drafted(who, **own):
        return ask(who, "room:set_me", {"room_id": room, **own})["me"]["draft"]
    assert drafted(alice, draft="well") == "well"
    assert ask(*send(bob, "1"))["seq"] == 3
    assert ask(*send(alice, "2"))["seq"] == 4
    assert (drafted(alice), taken) == (None, [[True], [False]]), taken
    assert [frame.event for frame in told] == ["room:me", "message:created", "room:me", "message:created"], told
    taken.clear(), told.clear()
    assert drafted(bob, draft="hm") == "hm"
    other = dispatch_group()
    ask(*send(alice, "known", where=other))
    taken.clear()
    answers = together(send(alice, "3", where=other), send(alice, "4"), send(bob, "5"), send(alice, "6"))
    assert [answer["seq"] for answer in answers] == [3, 5, 6, 7], answers
    assert taken == [[True, False, False, False]], taken
    assert drafted(bob) is None
    """.replace("dispatch_group()", 'ask(alice, "room:create", {"title": "g", "member_ids": [mallory.user_id]})["id"]'),
        database,
    )


def test_a_room_that_is_to_come_back_does_so_once_and_is_quick_again(database: str) -> None:
    say(
        """
    assert ask(bob, "settings:set", {"keep_archived": False}) == {"keep_archived": False}
    assert ask(bob, "room:set_me", {"room_id": room, "archived": True})["me"]["archived"]
    answers = together(send(alice, "1"), send(alice, "2"))
    assert [answer["seq"] for answer in answers] == [3, 4], answers
    assert not ask(bob, "room:get", {"room_id": room})["me"]["archived"]
    ask(*send(alice, "3"))
    assert taken == [[False, False], [True]], taken
    ask(alice, "room:set_me", {"room_id": room, "archived": True})
    ask(*send(bob, "4"))
    assert taken[2:] == [[True]], taken
    assert ask(alice, "room:get", {"room_id": room})["me"]["archived"]
    """,
        database,
    )
