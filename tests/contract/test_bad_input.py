"""Broken and hostile input on every layer: it gets the error object or a closed connection, and nothing else happens."""

import contextlib
import json
import struct
import time
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
import requests
import websocket
from websocket import ABNF, WebSocket

from config import LIMITS
from tests.contract.test_permissions import TABLE, asked, refused_connection
from tests.support.contract import Contract
from tests.support.people import PATIENCE, Answer, Cast, Refused
from tests.support.server import Server

JSON = {"Content-Type": "application/json"}
NOT_JSON = ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "application/xml", ""]
TEN_MEGABYTES = 10 * 2**20
CLOSE = ABNF.OPCODE_CLOSE
# An array this deep is JSON, and no parser of ours may fall over it.
DEEP = "[" * 100_000


class Stage:
    """Alice sends what is bad, bob is connected and must not notice; one message has been said."""

    def __init__(self, cast: Cast) -> None:
        self.cast, self.server, self.contract = cast, cast.server, cast.contract
        self.alice, self.bob = cast.person("alice"), cast.person("bob").live()
        self.room = self.alice.direct(self.bob)
        self.alice.say(self.room, "before")
        self.messages = f"/rooms/{self.room}/messages"

    @contextlib.contextmanager
    def nothing_happens(self) -> Iterator[None]:
        """The server goes on, nothing is stored, bob stays connected and hears nothing, and the log has no traceback."""
        self.bob.forget()
        history, logged = self.alice.history(self.room), len(self.server.log())
        yield
        assert requests.get(f"{self.server.url}/readyz", timeout=PATIENCE).status_code == 200
        assert self.alice.history(self.room) == history
        self.bob.settle()
        assert {event for event, _ in self.bob.heard} == {"profile:updated"}
        assert self.bob.ask("user:me")["id"] == self.bob.id
        assert "Traceback" not in self.server.log()[logged:]

    def send_raw(self, raw: bytes, **headers: str) -> Answer:
        return self.alice.call("POST", self.messages, data=raw, headers=JSON | headers)

    def engine(self) -> WebSocket:
        """A WebSocket that has been opened by Engine.IO and has not said anything yet."""
        address = self.server.url.replace("http", "ws")
        raw = websocket.create_connection(f"{address}/socket.io/?EIO=4&transport=websocket", timeout=PATIENCE)
        assert raw.recv().startswith("0{")
        return raw

    def connected(self) -> WebSocket:
        """Alice's WebSocket in the namespace, after `ready`."""
        raw = self.engine()
        raw.send(f"40/chat,{json.dumps({'token': self.alice.token})}")
        assert raw.recv().startswith("40/chat,{")
        assert raw.recv().startswith('42/chat,["ready"')
        return raw

    def polling(self) -> str:
        """The address of alice's long-polling session, in the namespace."""
        url = f"{self.server.url}/socket.io/?EIO=4&transport=polling"
        opened = json.loads(requests.get(url, timeout=PATIENCE).text[1:])
        url = f"{url}&sid={opened['sid']}"
        requests.post(url, data=f"40/chat,{json.dumps({'token': self.alice.token})}", timeout=PATIENCE)
        assert "ready" in requests.get(url, timeout=PATIENCE).text
        return url


@pytest.fixture(scope="module")
def stage(server: Server, contract: Contract) -> Iterator[Stage]:
    cast = Cast(server, contract)
    yield Stage(cast)
    cast.goodbye()


@pytest.mark.parametrize(
    "raw",
    [
        b'{"client_id": ',
        b"client_id=1&text=hello",
        b'{"client_id": "1", "text": "hello"} {}',
        b'{"client_id": "1", "text": NaN}',
        b"{'client_id': '1'}",
        b"[]",
        b'[{"client_id": "1", "text": "hello"}]',
        b'"text"',
        b"5",
        b"null",
        b"true",
        DEEP.encode(),
        b'{"client_id": "1", "text": "\xff\xfe"}',
        b'{"client_id": "1", "text": "\xed\xa0\x80"}',
        b'{"client_id": "1", "text": "half of an emoji: \\ud83d"}',
        '{"client_id": "1", "text": "hello"}'.encode("utf-16"),
        b"\0",
    ],
    ids=lambda raw: repr(raw[:40]),
)
def test_a_body_that_is_no_json_object_cannot_be_read(stage: Stage, raw: bytes) -> None:
    with stage.nothing_happens():
        answer = stage.send_raw(raw)
        assert (answer.status, answer.code) == (400, "bad_request")


@pytest.mark.parametrize("media", NOT_JSON)
def test_another_content_type_is_not_understood(stage: Stage, media: str) -> None:
    with stage.nothing_happens():
        answer = stage.send_raw(b'{"client_id": "1", "text": "hello"}', **{"Content-Type": media})
        assert (answer.status, answer.code) == (415, "unsupported_media")


# The suite is over long before an hour is.
AHEAD = (timedelta(), timedelta(days=30), timedelta(days=LIMITS["reminder_days"], hours=1))
NOW, FUTURE, TOO_FAR = ((datetime.now(UTC) + ahead).isoformat() for ahead in AHEAD)
TOO_FAR_TO_SCHEDULE = (datetime.now(UTC) + timedelta(days=LIMITS["scheduled_days"], hours=1)).isoformat()
NOBODY = "01900000-0000-7000-8000-000000000000"
FORWARD = {"seqs": [2], "to_room_ids": [NOBODY], "client_id": "1"}
FIELDS = [
    pytest.param({"client_id": "1", "text": "hi", "colour": "red", "shape": 2}, {"colour", "shape"}, id="unknown fields"),
    pytest.param({"client_id": "1", "text": "hi", "sender_id": "somebody"}, {"sender_id"}, id="a sender of one's choice"),
    pytest.param({"text": "hi"}, {"client_id"}, id="a missing field"),
    pytest.param({"client_id": 5, "text": ["hi"], "data": "x"}, {"client_id", "text", "data"}, id="wrong types"),
    pytest.param({"client_id": None, "text": None}, {"client_id", "text"}, id="nothing"),
    pytest.param({"client_id": "1", "text": "hi", "reply_to_seq": "1"}, {"reply_to_seq"}, id="a number in quotes"),
    pytest.param({"client_id": "1", "text": "hi", "reply_to_seq": 10**18}, {"reply_to_seq"}, id="a number too large"),
    pytest.param({"client_id": "1", "text": "hi", "mentions": "bob"}, {"mentions"}, id="no list"),
    pytest.param({"client_id": "1", "text": "hi", "mentions": ["bob", 5, None]}, {"mentions"}, id="a list of no ids"),
    pytest.param({"client_id": "1", "text": "hi", "mentions_everyone": 1}, {"mentions_everyone"}, id="everyone once"),
    pytest.param({"client_id": "1", "text": "hi", "mentions_everyone": True}, {"mentions_everyone"}, id="everyone of two"),
    pytest.param({"client_id": "1", "text": "hi", "reply_to_room_id": NOBODY}, {"reply_to_seq"}, id="an answer to a room"),
    pytest.param(
        {"client_id": "1", "text": "hi", "reply_to_room_id": "x", "reply_to_seq": 2},
        {"reply_to_room_id"},
        id="an answer to no room",
    ),
    pytest.param({"client_id": "1", "text": "hi", "entities": []}, {"entities"}, id="entities of one's choice"),
    pytest.param({"client_id": "1", "text": "hi", "type": "system"}, {"type"}, id="a type that only we send"),
    pytest.param({"client_id": "1", "text": "hi", "type": "image"}, {"type"}, id="a type for later"),
    pytest.param({"client_id": "1", "text": "hi", "type": "telegram"}, {"type"}, id="a type that nobody knows"),
    pytest.param({"client_id": "1", "text": "hi", "type": ["text"]}, {"type"}, id="a list of types"),
    pytest.param({"client_id": "1", "text": "hi", "data": {"latitude": 1}}, {"data"}, id="a text with data"),
    pytest.param({"client_id": "1", "type": "poll", "text": "hi", "data": {}}, {"text"}, id="a poll with a text"),
    pytest.param({"client_id": "1", "type": "view_once", "data": {"of": "text"}}, {"type"}, id="a type by its other name"),
    pytest.param({"client_id": "1", "text": "hi", "view_once": "yes"}, {"view_once"}, id="once, in words"),
    pytest.param({"client_id": "1", "text": " ", "view_once": True}, {"text"}, id="nothing, once"),
    pytest.param(
        {"client_id": "1", "type": "location", "data": {"latitude": 1, "longitude": 2}, "view_once": True},
        {"view_once"},
        id="a place to be seen once",
    ),
    *(
        pytest.param({"client_id": "1", "type": kind, "data": data}, {"data"}, id=f"{kind}: {why}")
        for kind, why, data in (
            ("location", "nowhere", {}),
            ("location", "beyond the pole", {"latitude": 91, "longitude": 0}),
            ("location", "an unknown field", {"latitude": 1, "longitude": 0, "altitude": 1}),
            ("live_location", "for ever", {"latitude": 1, "longitude": 0, "seconds": 10**9}),
            ("contact", "of nobody", {"contacts": []}),
            ("contact", "of somebody who is not here", {"contacts": [{"display_name": "x", "user_id": NOBODY}]}),
            ("poll", "one option", {"question": "?", "options": ["a"]}),
            ("poll", "thirteen options", {"question": "?", "options": [str(number) for number in range(13)]}),
            ("poll", "closed before it begins", {"question": "?", "options": ["a", "b"], "closes_at": NOW}),
            ("event", "over before it begins", {"name": "!", "starts_at": FUTURE, "ends_at": NOW}),
            ("event", "at no time", {"name": "!", "starts_at": None}),
        )
    ),
    pytest.param({"client_id": "1", "text": "x" * 65_537}, {"text"}, id="a text too long"),
    pytest.param({"client_id": "1", "text": "é" * 32_769}, {"text"}, id="a text too long in bytes"),
    pytest.param({"client_id": "x" * 65, "text": "hi"}, {"client_id"}, id="a client_id too long"),
    pytest.param({"client_id": "a b\n", "text": "hi"}, {"client_id"}, id="a client_id with spaces"),
]


@pytest.mark.parametrize(("body", "wrong"), FIELDS)
def test_wrong_fields_are_named(stage: Stage, body: dict[str, Any], wrong: set[str]) -> None:
    with stage.nothing_happens():
        answer = stage.alice.post(stage.messages, body)
        assert (answer.status, answer.code, set(answer.body["fields"])) == (422, "validation_failed", wrong)
        with pytest.raises(Refused) as refused:
            stage.alice.ask("message:send", {"room_id": stage.room, **body})
        assert refused.value.error | {"request_id": ""} == answer.body | {"request_id": ""}


SEARCHES = [
    "' OR '1'='1' --",
    "a AND (b OR",
    "NEAR(a b, 5)",
    "fts_search : before",
    "befor* -after ^x",
    '"""',
    '" "before',
    "b%fore _efore",
    "a & ! | b :* <-> c",
    "{[^$.|?*+()\\",
    "(" * 256,
    "\u202e\u2066before x",
    "before \U0001f600\u0301\u200d",
    "be\u0000fore",
]


@pytest.mark.parametrize("q", SEARCHES, ids=ascii)
def test_a_search_full_of_operators_is_plain_text(stage: Stage, q: str) -> None:
    with stage.nothing_happens():
        answer = stage.alice.get("/search", q=q)
        if "\0" in q:
            assert (answer.status, answer.body["fields"]) == (422, {"q": ["The character U+0000 cannot be stored."]})
        else:
            assert (answer.status, answer.body) == (200, {"items": [], "next": None})
            assert stage.alice.ask("search", {"q": q}) == answer.body


OF_A_MESSAGE = [
    *(pytest.param("message:edit", {"text": text}, {"text"}, id=f"edit: {text!r:.9}") for text in ("", " \n", "a\0b", 5, None)),
    pytest.param("message:edit", {"text": "é" * 32_769}, {"text"}, id="edit: a text too long in bytes"),
    pytest.param("message:edit", {}, {"text"}, id="edit: nothing"),
    pytest.param("message:edit", {"text": "hi", "type": "image"}, {"type"}, id="edit: an unknown field"),
    pytest.param("message:edit", {"text": "hi", "mentions": ["bob"]}, {"mentions"}, id="edit: a list of no ids"),
    pytest.param("message:edit", {"text": "hi", "mentions": ["{stranger}"]}, {"mentions"}, id="edit: a stranger"),
    pytest.param("message:edit", {"text": "hi", "mentions_everyone": "yes"}, {"mentions_everyone"}, id="edit: everyone in words"),
    pytest.param("message:edits", {"limit": 101}, {"limit"}, id="edits: too many at once"),
    pytest.param("message:edits", {"cursor": "W10"}, {"cursor"}, id="edits: a cursor of another list"),
    *(pytest.param("message:delete", {"scope": scope}, {"scope"}, id=f"delete: {scope}") for scope in ("", "everybody", "ALL")),
    pytest.param("message:delete", {}, {"scope"}, id="delete: for whom?"),
    *(
        pytest.param("message:hide", {"ranges": ranges}, {"ranges"}, id=f"hide: {ranges!s:.12}")
        for ranges in (None, [], {}, "1", [5], [[1]], [[1, 2, 3]], [[2, 1]], [[0, 1]], [["1", 2]], [[1, 2**53]], [[1, 1]] * 101)
    ),
    pytest.param("message:hide", {}, {"ranges"}, id="hide: nothing"),
    pytest.param("room:clear", {"up_to": 2}, {"up_to"}, id="clear: an unknown field"),
    pytest.param("message:unhide", {"ranges": [[1, 1]]}, {"ranges"}, id="unhide: an unknown field"),
    *(
        pytest.param("reaction:set", {"emoji": emoji}, {"emoji"}, id=f"react: {emoji!r:.12}")
        for emoji in ("", "a", ":)", "1", "👍👍", "👍 ", "🏻", "🇩", "\u200d", "x👍", "👍" * 1_000, "\0", 5, None, ["👍"])
    ),
    pytest.param("reaction:set", {}, {"emoji"}, id="react: with what?"),
    pytest.param("message:reactions", {"emoji": "a"}, {"emoji"}, id="reactions: with what is no emoji"),
    *(
        pytest.param("pin:set", {"seconds": for_}, {"seconds"}, id=f"pin: for {for_!r:.9}")
        for for_ in (60, "86400", 10**30, None, 0)
    ),
    *(
        pytest.param("poll:vote", {"option_ids": ids}, {"option_ids"}, id=f"vote: {ids!s:.12}")
        for ids in (None, {}, "1", ["a"], [5], [NOBODY] * 13)
    ),
    pytest.param("poll:vote", {}, {"option_ids"}, id="vote: for what?"),
    *(
        pytest.param("poll:add_option", {"text": text}, {"text"}, id=f"option: {text!r:.9}")
        for text in ("", " ", "x" * 101, None)
    ),
    pytest.param("poll:voters", {"option_id": "a"}, {"option_id"}, id="voters: of no option"),
    pytest.param("poll:close", {"at": FUTURE}, {"at"}, id="close: an unknown field"),
    *(
        pytest.param("event:rsvp", {"answer": answer}, {"answer"}, id=f"rsvp: {answer!r:.9}")
        for answer in ("", "perhaps", None, True)
    ),
    *(
        pytest.param("event:rsvp", {"answer": "going", "guests": guests}, {"guests"}, id=f"rsvp: with {guests!r} guests")
        for guests in (-1, 11, "1", 1.5, None)
    ),
    *(
        pytest.param("event:update", {name: value}, {name}, id=f"event: {name} {value!s:.12}")
        for name, value in (
            ("name", " "),
            ("description", "x" * 2_049),
            ("starts_at", None),
            ("ends_at", "tomorrow"),
            ("place", {"latitude": 1, "longitude": 2}),
            ("reminder_seconds", 604_801),
            ("cancelled_at", NOW),
        )
    ),
    pytest.param("event:answers", {"answer": "perhaps"}, {"answer"}, id="answers: of no kind"),
    *(
        pytest.param("live_location:update", {"latitude": 1, "longitude": 2} | wrong, {*wrong}, id=f"move: {wrong!s:.24}")
        for wrong in (
            {"latitude": -91},
            {"longitude": "2"},
            {"heading": 361},
            {"accuracy": -1},
            {"latitude": True},
            {"user_id": NOBODY},
        )
    ),
    pytest.param("live_location:stop", {"seconds": 60}, {"seconds"}, id="stop: an unknown field"),
    *(
        pytest.param("room:set_me", {"everyone_muted_until": at}, {"everyone_muted_until"}, id=f"mute everyone: until {at!r:.9}")
        for at in ("tomorrow", "2099-13-01T00:00:00Z", True, 5)
    ),
    pytest.param("star:set", {"starred": False}, {"starred"}, id="star: an unknown field"),
    *(
        pytest.param("message:forward", FORWARD | wrong, {*wrong}, id=f"forward: {why}")
        for why, wrong in {
            "no messages": {"seqs": []},
            "too many messages": {"seqs": [2] * 21},
            "messages that are none": {"seqs": [0]},
            "messages in words": {"seqs": ["2"]},
            "no rooms": {"to_room_ids": []},
            "too many rooms": {"to_room_ids": [NOBODY] * 6},
            "rooms in words": {"to_room_ids": ["home"]},
            "a long client_id": {"client_id": "x" * 65},
            "a score of one's choice": {"forward_score": 0},
        }.items()
    ),
    pytest.param("message:forward", {}, {"seqs", "to_room_ids", "client_id"}, id="forward: nothing"),
    *(
        pytest.param("room:set_me", own, {*own}, id=f"own: {own!s:.24}")
        for own in (
            {"locked": "yes"},
            {"favourite": None},
            {"custom_name": " "},
            {"custom_name": "x" * 101},
            {"draft": "x" * 65_537},
            {"draft_reply_to_seq": 0},
            {"draft_reply_to_seq": 2},
            {"archived": 1},
            {"muted_until": "tomorrow"},
            {"comes_back": True},
        )
    ),
    *(
        pytest.param("room:update", {"settings": settings}, {"settings"}, id=f"settings: {settings!r:.20}")
        for settings in ({"colour": "red"}, {"pin": "everybody"}, {"pin": None}, [], "admins")
    ),
    *(
        pytest.param("room:update", {"settings": {"expire_seconds": seconds}}, {"settings"}, id=f"expire: after {seconds!r:.9}")
        for seconds in (0, -86_400, 60, 86_401, 7_776_001, 10**30, "86400", 86_400.5, True, [86_400])
    ),
    pytest.param("keep:set", {"seconds": 60}, {"seconds"}, id="keep: an unknown field"),
    pytest.param("keep:clear", {"refused": True}, {"refused"}, id="let go: an unknown field"),
    pytest.param("message:open", {"device_id": NOBODY}, {"device_id"}, id="open: an unknown field"),
]


@pytest.mark.parametrize(("event", "body", "wrong"), OF_A_MESSAGE)
def test_what_is_wrong_of_a_change_is_named(stage: Stage, event: str, body: dict[str, Any], wrong: set[str]) -> None:
    row = next(row for row in TABLE if row.event == event)
    payload = {"room_id": stage.room} | ({"seq": 2} if "seq" in row.in_path else {}) | body
    payload |= {"mentions": [str(uuid.uuid4())]} if payload.get("mentions") == ["{stranger}"] else {}
    with stage.nothing_happens():
        answers = [asked(stage.alice, row, payload, wire) for wire in ("REST", "socket")]
        assert answers[0] == answers[1]
        assert (answers[0][0], set(answers[0][1]["fields"])) == ("validation_failed", wrong)


def without_the_moment(value: Any) -> str:
    """So that each test process gives a test the same name."""
    return str(value).replace(NOW, "now").replace(TOO_FAR_TO_SCHEDULE, "too far")


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        *(({"at": at}, {"at"}) for at in (NOW, TOO_FAR_TO_SCHEDULE, "2099-01-01T00:00:00", "tomorrow", 4_000_000_000, None)),
        ({"text": " "}, {"text"}),
        ({"text": "x" * 65_537}, {"text"}),
        ({"type": "image"}, {"type"}),
        ({"type": "poll", "text": None, "data": {}}, {"text"}),
        ({"client_id": "x" * 65}, {"client_id"}),
        ({"mentions": [NOBODY]}, {"mentions"}),
        ({"reply_to_seq": 0}, {"reply_to_seq"}),
        ({"every": "day"}, {"every"}),
    ],
    ids=without_the_moment,
)
def test_what_cannot_be_said_at_a_time_is_not_scheduled(stage: Stage, wrong: dict[str, Any], named: set[str]) -> None:
    body = {"client_id": "scheduled", "text": "hi", "at": FUTURE} | wrong
    with stage.nothing_happens():
        answer = stage.alice.post(f"/rooms/{stage.room}/scheduled", body)
        assert (answer.status, answer.code, set(answer.body["fields"])) == (422, "validation_failed", named)
        assert stage.alice.get("/users/me/scheduled").body["items"] == []


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        *(({"at": at}, {"at"}) for at in (NOW, TOO_FAR_TO_SCHEDULE, "tomorrow", None)),
        ({"text": " "}, {"text"}),
        ({"text": None}, {"text"}),
        ({"mentions": [NOBODY]}, {"mentions"}),
        ({"type": "poll"}, {"type"}),
    ],
    ids=without_the_moment,
)
def test_what_is_scheduled_is_not_made_wrong(stage: Stage, wrong: dict[str, Any], named: set[str]) -> None:
    with stage.nothing_happens():
        body = {"client_id": uuid.uuid4().hex, "text": "hi", "at": FUTURE}
        path = f"/users/me/scheduled/{stage.alice.post(f'/rooms/{stage.room}/scheduled', body).body['id']}"
        answer = stage.alice.patch(path, wrong)
        assert (answer.status, answer.code, set(answer.body["fields"])) == (422, "validation_failed", named)
        assert [each["text"] for each in stage.alice.get("/users/me/scheduled").body["items"]] == ["hi"]
        assert stage.alice.delete(path).status == 204


@pytest.mark.parametrize(
    "at",
    [
        pytest.param(NOW, id="the past"),
        pytest.param(TOO_FAR, id="too far"),
        pytest.param("2099-01-01T00:00:00", id="no zone"),
        pytest.param("tomorrow", id="words"),
        pytest.param(4_000_000_000, id="a number"),
        pytest.param(None, id="nothing"),
    ],
)
def test_a_reminder_at_no_time_is_refused(stage: Stage, at: Any) -> None:
    with stage.nothing_happens():
        answer = stage.alice.put(f"{stage.messages}/2/reminder", {"at": at})
        assert (answer.status, answer.code, set(answer.body["fields"])) == (422, "validation_failed", {"at"})
        assert stage.alice.put(f"{stage.messages}/99/reminder", {"at": FUTURE}).code == "not_found"
        assert stage.alice.get("/users/me/reminders").body["items"] == []


@pytest.mark.parametrize("format", ["pdf", "", None, 1, ["text"]])
def test_an_export_in_another_format_is_refused(stage: Stage, format: Any) -> None:
    with stage.nothing_happens():
        answer = stage.alice.post(f"/rooms/{stage.room}/exports", {"format": format})
        assert (answer.status, answer.code, set(answer.body["fields"])) == (422, "validation_failed", {"format"})
        assert stage.alice.get("/exports").body == {"items": [], "next": None}


@pytest.mark.parametrize(("name", "value"), [("cursor", "x"), ("cursor", "W10"), ("limit", "5"), ("export_id", NOBODY)])
def test_a_file_is_asked_for_as_it_is(stage: Stage, name: str, value: str) -> None:
    with stage.nothing_happens():
        answer = stage.alice.get(f"/exports/{NOBODY}/file?{name}={value}")
        assert (answer.status, answer.code, set(answer.body["fields"])) == (
            422,
            "validation_failed",
            {name},
        )


@pytest.mark.parametrize("told", ["no", 0, None, []])
def test_whether_links_are_looked_up_is_yes_or_no(stage: Stage, told: Any) -> None:
    with stage.nothing_happens():
        answer = stage.alice.patch("/users/me/privacy", {"link_previews": told})
        assert (answer.status, answer.code, set(answer.body["fields"])) == (422, "validation_failed", {"link_previews"})


def test_a_field_of_the_path_is_unknown_in_the_body(stage: Stage) -> None:
    with stage.nothing_happens():
        answer = stage.alice.post(stage.messages, {"client_id": "1", "text": "hi", "room_id": stage.room})
        assert (answer.status, set(answer.body["fields"])) == (422, {"room_id"})


@pytest.mark.parametrize("path", ["/rooms/%00", "/rooms/../../etc/passwd", "/rooms/0/messages", "/nothing", "/rooms//messages"])
def test_an_address_of_nothing_is_not_found(stage: Stage, path: str) -> None:
    with stage.nothing_happens():
        signed_in = {"Authorization": f"Bearer {stage.alice.token}"}
        answer = requests.get(f"{stage.server.api}{path}", headers=signed_in, timeout=PATIENCE)
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
        assert answer.headers["Content-Type"] == "application/problem+json"


def test_a_body_of_ten_megabytes_is_too_large(stage: Stage) -> None:
    with stage.nothing_happens():
        answer = stage.send_raw(b'{"client_id": "1", "text": "' + b"x" * TEN_MEGABYTES + b'"}')
        assert (answer.status, answer.code) == (413, "too_large")


def test_a_body_in_chunks_is_read_like_any_other_and_bounded_too(stage: Stage) -> None:
    with stage.nothing_happens():
        answer = stage.send_raw(chunk for chunk in [b'{"client_id": "1", ', b'"text": ""}'])
        assert (answer.status, set(answer.body["fields"])) == (422, {"text"})
        answer = stage.send_raw(b"x" * 2**20 for _ in range(10))
        assert (answer.status, answer.code) == (413, "too_large")


def minted(stage: Stage, **changes: Any) -> str:
    """An access token of alice's, as the server would sign it but for these changes of its claims; `secret`, `algorithm`."""
    secret = changes.pop("secret", stage.server.environ["CHATX_SECRET_KEY"])
    algorithm = changes.pop("algorithm", "HS256")
    claims = jwt.decode(stage.alice.token, options={"verify_signature": False}) | changes
    return jwt.encode(claims, secret, algorithm=algorithm)


LONG_AGO = datetime.now(UTC) - timedelta(days=1)
OTHER_SECRET = "another secret, also long enough for production"
BAD_TOKENS: dict[str, tuple[Callable[[Stage], str], str]] = {
    "signed by another server": (
        lambda stage: minted(stage, secret=OTHER_SECRET),
        "unauthenticated",
    ),
    "not signed": (lambda stage: minted(stage, secret="", algorithm="none"), "unauthenticated"),
    "expired": (lambda stage: minted(stage, exp=LONG_AGO), "token_expired"),
    "not valid yet": (lambda stage: minted(stage, nbf=datetime.now(UTC) + timedelta(days=1)), "unauthenticated"),
    "for refreshing": (lambda stage: stage.alice.session["refresh_token"], "unauthenticated"),
    "of a device that never was": (lambda stage: minted(stage, device=NOBODY), "unauthenticated"),
    "of a person who never was": (lambda stage: minted(stage, sub=NOBODY), "unauthenticated"),
    "of somebody else's device": (lambda stage: minted(stage, device=stage.bob.device_id), "unauthenticated"),
    "without a device": (lambda stage: minted(stage, device=None), "unauthenticated"),
    "of a device that is a list": (lambda stage: minted(stage, device=["x"]), "unauthenticated"),
    "cut short": (lambda stage: stage.alice.token[:-5], "unauthenticated"),
    "garbage": (lambda stage: "garbage", "unauthenticated"),
}


def test_a_minted_token_would_be_good(stage: Stage) -> None:
    assert stage.alice.call("GET", "/users/me", token=minted(stage)).status == 200


@pytest.mark.parametrize("kind", BAD_TOKENS)
def test_a_bad_token_opens_nothing(stage: Stage, kind: str) -> None:
    make, code = BAD_TOKENS[kind]
    with stage.nothing_happens():
        token = make(stage)
        answer = stage.cast.stranger().call("POST", stage.messages, {"client_id": "1", "text": "hi"}, token=token)
        assert (answer.status, answer.code) == (401, code)
        assert answer.headers["WWW-Authenticate"] == "Bearer"
        error = refused_connection(stage.server, {"token": token})
        assert error | {"request_id": ""} == answer.body | {"request_id": ""}


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Basic YWxpY2U6eA==", "Bearer a b", "Token x"])
def test_a_bad_authorization_header_opens_nothing(stage: Stage, header: str) -> None:
    with stage.nothing_happens():
        answer = stage.cast.stranger().call("GET", "/users/me", headers={"Authorization": header})
        assert (answer.status, answer.code) == (401, "unauthenticated")


@pytest.mark.parametrize(
    ("make", "code"),
    [
        pytest.param(lambda stage: stage.alice.token, "unauthenticated", id="an access token"),
        pytest.param(lambda stage: minted(stage, type="refresh"), "unauthenticated", id="without its use"),
        pytest.param(lambda stage: minted(stage, type="refresh", use=NOBODY, exp=LONG_AGO), "token_expired", id="expired"),
        pytest.param(
            lambda stage: minted(stage, type="refresh", use=NOBODY, secret=OTHER_SECRET), "unauthenticated", id="of another"
        ),
    ],
)
def test_a_session_is_refreshed_only_with_its_refresh_token(stage: Stage, make: Callable[[Stage], str], code: str) -> None:
    with stage.nothing_happens():
        answer = stage.cast.stranger().call("POST", "/auth/refresh", token=make(stage))
        assert (answer.status, answer.code) == (401, code)
    assert stage.alice.get("/users/me").status == 200


@pytest.mark.parametrize(
    ("event", "code"),
    [
        ('"no:such",{}', "not_found"),
        ('"",{}', "not_found"),
        ('"__class__",{}', "not_found"),
        ('"trigger_event",{}', "not_found"),
        ('"auth:login",{}', "not_found"),
        ('"device:identify",{"token":"x"}', "not_found"),
        (f'"{"x" * 100_000}",{{}}', "not_found"),
        ('"\\ud83d",{}', "not_found"),
        ('"user:me",[]', "bad_request"),
        ('"user:me","text"', "bad_request"),
        ('"user:me",null', "bad_request"),
        ('"user:me",5', "bad_request"),
        ('"user:me",{},{}', "bad_request"),
        ('"user:update",{"about":"half of an emoji: \\ud83d"}', "bad_request"),
        ('"user:update",{"about":NaN}', "bad_request"),
        ('"user:me",{"x":1}', "validation_failed"),
        ('"user:update",{"about":{"_placeholder":true,"num":0}}', "validation_failed"),
    ],
    ids=lambda text: text[:40],
)
def test_an_event_that_cannot_be_done_is_acked_with_the_error_object(stage: Stage, event: str, code: str) -> None:
    with stage.nothing_happens():
        raw = stage.connected()
        raw.send(f"42/chat,7[{event}]")
        acked = raw.recv()
        assert acked.startswith("43/chat,7[")
        (ack,) = json.loads(acked.removeprefix("43/chat,7"))
        assert (ack["ok"], ack["error"]["code"]) == (False, code)
        stage.contract.check_ack("user:me", ack)
        answers(raw)
        raw.close()


# What breaks a protocol closes the connection that sent it.
SOCKET_IO = [
    '42/chat,["message:send"',
    "42/chat,not json",
    "42/chat,",
    "42/chat",
    "42/chat,7",
    "42/chat,[]",
    "42/chat,{}",
    "42/chat,null",
    "42/chat,[5]",
    "42/chat,[null,{}]",
    '42/chat,[["user:me"],{}]',
    '42/chat,["connect",{}]',
    '42/chat,["connect_error",{}]',
    '42/chat,["disconnect"]',
    '42["message:send",{}]',
    '42/calls,["message:send",{}]',
    f'42/chat,{"9" * 150}["user:me",{{}}]',
    '42/chat,-1["user:me",{}]',
    f'42/chat,7["user:me",{DEEP}',
    "40/chat,{}",
    '40/chat,{"token":',
    "44/chat,{}",
    '450-/chat,["user:me",{}]',
    '451-/chat,7["user:update",{"about":{"_placeholder":true,"num":0}}]',
    '451-/chat,7["user:update",{"about":{"_placeholder":true,"num":9}}]',
    '4599999999999-/chat,["user:me",{}]',
    '461-/chat,7[{"_placeholder":true,"num":0}]',
    "47/chat,",
    "49",
    "4x",
    "4²",
    "4",
]
ENGINE_IO = ["", "0", "1", "2", "2probe", "7abc", "9", "x", "bAAAA", "b!", "\x1e", "²", "\0"]


ACKS_FOR_NOTHING = ["43/chat,", "43/chat,77[{}]", "43/chat,77", "43/chat,[{}]"]


@pytest.mark.parametrize("packet", SOCKET_IO + ENGINE_IO, ids=lambda packet: repr(packet[:50]))
def test_a_malformed_packet_closes_the_connection(stage: Stage, packet: str) -> None:
    with stage.nothing_happens():
        raw = stage.connected()
        raw.send(packet)
        ends(raw)


@pytest.mark.parametrize("packet", ["3", "3probe", "6", *ACKS_FOR_NOTHING, '42/chat,["user:me",{}]'])
def test_a_packet_that_nobody_waits_for_does_nothing(stage: Stage, packet: str) -> None:
    with stage.nothing_happens():
        raw = stage.connected()
        raw.send(packet)
        answers(raw)
        raw.close()


@pytest.mark.parametrize("packet", ['42/chat,7["user:me",{}]', '42["user:me",{}]', "40/chat,not json", "4", "x"])
def test_a_packet_before_the_connection_closes_it(stage: Stage, packet: str) -> None:
    with stage.nothing_happens():
        raw = stage.engine()
        raw.send(packet)
        ends(raw)


def test_an_event_after_the_farewell_closes_the_connection(stage: Stage) -> None:
    with stage.nothing_happens():
        raw = stage.connected()
        raw.send("41/chat,")
        raw.send('42/chat,7["user:me",{}]')
        ends(raw)


def test_another_namespace_is_refused_and_the_connection_goes_on(stage: Stage) -> None:
    with stage.nothing_happens():
        raw = stage.connected()
        raw.send("40/nowhere,{}")
        assert raw.recv().startswith("44/nowhere,")
        answers(raw)
        raw.close()


def text_frame(payload: bytes, *, opcode: int = ABNF.OPCODE_TEXT, mask: int = 1) -> bytes:
    return ABNF(1, 0, 0, 0, opcode, mask, payload).format()


# The bytes, and the status that the closing frame may carry (RFC 6455 §7.4.1).
FRAMES = {
    "binary": (text_frame(b"\x00\x01", opcode=ABNF.OPCODE_BINARY), None),
    "an empty binary": (text_frame(b"", opcode=ABNF.OPCODE_BINARY), None),
    "an event in binary": (text_frame(b'42/chat,7["user:me",{}]', opcode=ABNF.OPCODE_BINARY), None),
    "invalid UTF-8": (text_frame(b'42/chat,7["\xff\xfe",{}]'), None),
    "half of a character": (text_frame(b'42/chat,7["\xf0\x9f"'), None),
    "unmasked": (text_frame(b'42/chat,7["user:me",{}]', mask=0), 1002),
    "reserved bits": (b"\xf1\x81\0\0\0\0x", 1002),
    "an unknown opcode": (b"\x83\x81\0\0\0\0x", 1002),
    "a continuation of nothing": (text_frame(b"x", opcode=ABNF.OPCODE_CONT), 1002),
    "a ping too long": (b"\x89\xfe\x00\x80\0\0\0\0" + b"x" * 128, 1002),
    "a bad close": (text_frame(b"\x00", opcode=CLOSE), 1002),
    "not even a frame": (b"GET / HTTP/1.1\r\n\r\n", None),
    "one that announces too much": (b"\x81\xff" + struct.pack("!Q", TEN_MEGABYTES) + b"\0\0\0\0", 1009),
    "one of an exabyte": (b"\x81\xff" + struct.pack("!Q", 2**63 - 1) + b"\0\0\0\0", 1009),
}


@pytest.mark.parametrize("kind", FRAMES)
def test_a_bad_frame_closes_the_connection(stage: Stage, kind: str) -> None:
    frame, status = FRAMES[kind]
    with stage.nothing_happens():
        raw = stage.connected()
        raw.sock.sendall(frame)
        told = ends(raw)
        assert told is None or status is None or told == status


def test_a_frame_of_ten_megabytes_closes_the_connection(stage: Stage) -> None:
    with stage.nothing_happens():
        raw = stage.connected()
        with contextlib.suppress(ConnectionError):
            raw.send(f'42/chat,7["user:update",{{"about":"{"x" * TEN_MEGABYTES}"}}]')
        ends(raw)


def test_a_message_of_many_fragments_is_bounded_like_one_frame(stage: Stage) -> None:
    with stage.nothing_happens():
        raw = stage.engine()
        with contextlib.suppress(ConnectionError):
            raw.send_frame(ABNF(0, 0, 0, 0, ABNF.OPCODE_TEXT, 1, b"4" + b"x" * 2**19))
            for _ in range(20):
                raw.send_frame(ABNF(0, 0, 0, 0, ABNF.OPCODE_CONT, 1, b"x" * 2**19))
        assert ends(raw) in (None, 1009)


@pytest.mark.parametrize(
    "posted",
    [b"4" + b"x" * TEN_MEGABYTES, b"\xff\xfe", b"garbage", b"x", b"4", b"42/chat,[", b"b!!!!", b"\x1e".join([b"2"] * 50), b"1"],
    ids=lambda posted: repr(posted[:20]),
)
def test_a_bad_post_ends_the_long_polling_session(stage: Stage, posted: bytes) -> None:
    with stage.nothing_happens():
        session = stage.polling()
        assert requests.post(session, data=posted, timeout=PATIENCE).status_code in (200, 400, 413)
        for method in ("POST", "GET"):
            assert requests.request(method, session, data=b"", timeout=PATIENCE).status_code == 400


@pytest.mark.parametrize(
    ("method", "query", "status"),
    [
        ("GET", "", 400),
        ("GET", "EIO=3&transport=polling", 400),
        ("GET", "EIO=4&transport=carrier-pigeon", 400),
        ("GET", "EIO=4&transport=websocket", 400),
        ("GET", "EIO=4&transport=polling&sid=nobody", 400),
        ("POST", "EIO=4&transport=polling&sid=nobody", 400),
        ("POST", "EIO=4&transport=polling", 400),
        ("GET", "EIO=4&transport=polling&j=x", 400),
        ("PUT", "EIO=4&transport=polling", 400),
        ("DELETE", "EIO=4&transport=polling&sid=%ff", 400),
    ],
)
def test_a_bad_handshake_is_refused(stage: Stage, method: str, query: str, status: int) -> None:
    with stage.nothing_happens():
        answer = requests.request(method, f"{stage.server.url}/socket.io/?{query}", timeout=PATIENCE)
        assert answer.status_code == status


def test_a_connection_that_says_nothing_and_leaves_is_no_trouble(stage: Stage) -> None:
    with stage.nothing_happens():
        for leave in (lambda raw: raw.sock.close(), lambda raw: raw.shutdown(), lambda raw: raw.close()):
            leave(stage.engine())
            leave(stage.connected())


def answers(raw: WebSocket) -> None:
    """The connection is alive: the next call is acked, other packets may come before."""
    raw.send('42/chat,9["device:list",{}]')
    deadline = time.monotonic() + PATIENCE
    while not raw.recv().startswith('43/chat,9[{"ok":true'):
        assert time.monotonic() < deadline


def ends(raw: WebSocket) -> int | None:
    """The server ends the connection, without a call being acked before; the status of its closing frame, if it gave one."""
    try:
        while True:
            opcode, data = raw.recv_data(control_frame=True)
            if opcode == CLOSE:
                return struct.unpack("!H", data[:2])[0] if len(data) >= 2 else None
            assert not data.startswith(b"43"), data
    except (websocket.WebSocketConnectionClosedException, ConnectionError):
        return None
    finally:
        raw.shutdown()
