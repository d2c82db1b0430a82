"""Logs: one JSON line a request or event, which says who did what, and never what they said."""

from tests.support.people import PASSWORD, Person


def line_of(person: Person, request_id: str) -> dict:
    lines = [line for line in person.server.log_lines() if line.get("id") == request_id]
    assert len(lines) == 1, lines
    return lines[0]


def test_a_request_is_one_line(alice: Person) -> None:
    answer = alice.get("/users/me")
    line = line_of(alice, answer.headers["X-Request-ID"])
    assert line.keys() == {
        "at",
        "level",
        "message",
        "id",
        "wire",
        "event",
        "outcome",
        "ms",
        "actor",
        "device",
        "method",
        "path",
        "status",
    }
    assert (line["wire"], line["event"], line["outcome"], line["status"]) == ("rest", "user:me", "ok", 200)
    assert (line["actor"], line["device"]) == (alice.id, alice.device_id)


def test_a_refused_request_says_why_under_the_id_that_the_caller_was_given(alice: Person) -> None:
    answer = alice.get("/rooms/01234567-89ab-7def-8123-456789abcdef")
    assert answer.headers["X-Request-ID"] == answer.body["request_id"]
    line = line_of(alice, answer.body["request_id"])
    assert (line["event"], line["outcome"], line["status"], line["path"]) == (
        "room:get",
        "not_found",
        404,
        "/api/v1/rooms/<uuid:room_id>",
    )


def test_an_event_is_one_line(alice: Person) -> None:
    notes = alice.direct(alice)
    alice.ask("message:send", {"room_id": notes, "client_id": "1", "text": "x"})
    lines = [line for line in alice.server.log_lines() if line.get("actor") == alice.id and line["wire"] == "socket"]
    assert [(line["event"], line["outcome"]) for line in lines] == [("connect", "ok"), ("message:send", "ok")]


def test_nothing_that_people_say_or_keep_secret_is_logged(alice: Person, bob: Person) -> None:
    secret = "a sentence that nobody else may read"
    room = alice.direct(bob)
    alice.say(room, secret)
    alice.ask("message:send", {"room_id": room, "client_id": "1", "text": secret})
    alice.post(f"/rooms/{room}/messages", {"client_id": "2", "text": secret, "unknown": secret})
    alice.patch(f"/rooms/{room}/me", {"draft": secret})
    alice.get("/users", username=secret)
    log = alice.server.log()
    for hidden in (secret, PASSWORD, alice.token, alice.session["refresh_token"], alice.server.environ["CHATX_SECRET_KEY"]):
        assert hidden not in log
