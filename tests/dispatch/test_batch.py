"""Batches: calls that come together share a commit, and nothing else: each has its own answer."""

from tests.support.patched import run_patched


def test_calls_that_come_together_share_a_commit(fresh_database: str) -> None:
    script = """
    with app.app_context():
        engine = db.engine
    commits, statements = [], []
    event.listen(engine, "commit", lambda connection: commits.append(1))
    event.listen(engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
    sends = [(alice, "message:send", {"room_id": room, "client_id": str(n), "text": str(n)}) for n in range(100)]
    seqs = [answer["seq"] for answer in together(*sends)]
    assert seqs == list(range(2, 102)), seqs
    assert len(commits) <= 5, commits
    assert len(statements) <= 60, len(statements)
    print("ok")
    """
    assert run_patched(script, fresh_database, people=True) == "ok"


def test_a_bad_call_does_not_fail_its_neighbours(fresh_database: str) -> None:
    script = """
    def send(who, client_id, text="hi", **more):
        return (who, "message:send", {"room_id": room, "client_id": client_id, "text": text, **more})
    answers = together(
        send(alice, "1", "one"),
        send(mallory, "1", "let me in"),
        send(alice, "1", "one"),
        send(alice, "1", "something else"),
        send(bob, "1", "two", reply_to_seq=2),
        send(bob, "2", "three", reply_to_seq=99),
        send(bob, "3", "four", mentions=[mallory.user_id]),
        send(alice, "2", "five", mentions=[bob.user_id]),
    )
    told = [answer if isinstance(answer, str) else (answer["seq"], answer.get("duplicate", False)) for answer in answers]
    assert told == [
        (2, False), "not_found", (2, True), "client_id_reused", (3, False), "not_found", "validation_failed", (4, False)
    ], told
    assert answers[4]["reply_to"]["text"] == "one"
    history = ask(alice, "history", {"room_id": room})["items"]
    assert [message["text"] for message in history] == ["one", "two", "five"]
    print("ok")
    """
    assert run_patched(script, fresh_database, people=True) == "ok"


def test_a_batch_that_fails_as_a_whole_is_tried_call_by_call(fresh_database: str) -> None:
    script = """
    from chatx import registry
    handler = registry.catalogue["message:send"]
    def fragile(calls, run=handler.run):
        if any(call.arguments["text"] == "poison" for call in calls):
            raise ZeroDivisionError
        return run(calls)
    object.__setattr__(handler, "run", fragile)
    def poisoned(actor, name, payload):
        with app.app_context():
            try:
                return dispatch(name, actor, payload)["seq"]
            except ZeroDivisionError:
                return "raised"
    texts = ["a", "poison", "b", "c"]
    asked = [
        eventlet.spawn(poisoned, alice, "message:send", {"room_id": room, "client_id": text, "text": text}) for text in texts
    ]
    answers = [each.wait() for each in asked]
    assert answers == [2, "raised", 3, 4], answers
    print("ok")
    """
    assert run_patched(script, fresh_database, people=True) == "ok"


def test_members_removed_meanwhile_say_nothing_more(fresh_database: str) -> None:
    """The removal and the send race for the room's lock: whichever is first, the history is that of members only."""
    script = """
    with app.app_context():
        groups = [dispatch("room:create", alice, {"title": "g", "member_ids": [bob.user_id]})["id"] for _ in range(25)]
    for number, group in enumerate(groups):
        said = {"room_id": group, "client_id": f"race-{number}", "text": "still here?"}
        removal = (alice, "member:remove", {"room_id": group, "user_id": bob.user_id})
        calls = [(bob, "message:send", said), removal]
        answers = together(*(calls if number % 2 else reversed(calls)))
        sent = next(answer for answer in answers if answer is not None)
        replayed = ask(alice, "sync", {"cursors": {group: 0}})["changes"]
        kinds = [change["type"] for change in sorted(replayed, key=lambda change: change["seq"]) if change["feed"] == group]
        expected = ["room:created", "message:created", "member:left"] if sent != "not_found" else ["room:created", "member:left"]
        assert kinds == expected, (sent, kinds)
    print("ok")
    """
    assert run_patched(script, fresh_database, people=True) == "ok"
