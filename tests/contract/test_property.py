"""Whatever is sent to whatever can be asked: an answer that the contract knows, never an error of ours, never a traceback."""

import re
import uuid
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from marshmallow import Schema, fields

import chatx
from chatx.api import BLUEPRINTS
from chatx.registry import catalogue
from chatx.schemas.message import Data
from tests.contract.test_permissions import refused_connection
from tests.support.contract import Contract
from tests.support.people import Answer, Caller, Cast, Refused
from tests.support.server import Server

assert chatx.handlers, "importing chatx fills the registry"

EXAMPLES = 10
ON_SOCKETS = [handler.event for handler in catalogue.values() if handler.guard == "device" and not handler.internal]
ROUTES = [asked[:3] for blueprint in BLUEPRINTS for asked in blueprint.asked]
WITH_BODY = [route for route in ROUTES if route[0] in ("POST", "PUT", "PATCH")]
JSON = {"Content-Type": "application/json"}
# Stand for long texts, so that a failing example stays readable.
LONG = {"<long>": "x" * 70_000, "<long in bytes>": "é" * 40_000, "<long number>": "9" * 5_000}

usual = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)

# Stand for real ids, which are known only when the server runs.
REAL = ("<room>", "<direct>", "<room of others>", "<me>", "<friend>", "<stranger>", "<device>", "<username>")

half_characters = st.sampled_from(["\ud800", "a\udfff", "\ud83d"])
odd_texts = st.sampled_from(
    ["", " ", "\0", "a\0b", "👩‍👩‍👧‍👦", "e\u0301", "\u202e", "\ufeff", "me", "null", "../..", "%s", "'--", *LONG],
)
texts = st.text(max_size=40) | odd_texts | st.sampled_from(REAL)
whole_numbers = st.integers(-3, 3) | st.sampled_from([2**31, 2**53, 2**63, 2**64, 10**30, -(2**63), -(10**30)]) | st.integers()
numbers = whole_numbers | st.floats(allow_nan=False, allow_infinity=False)
leaves = st.none() | st.booleans() | numbers | texts
nested = st.recursive(
    leaves, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4), max_leaves=8
) | st.just([[[[[[[[]]]]]]]]).map(lambda deep: [deep] * 3)
ids = st.sampled_from(REAL) | st.uuids().map(str)
seqs = (st.integers(1, 5) | st.integers(0, 10**20)).map(str)
far_times = st.sampled_from(["0001-01-01T00:00:00+14:00", "9999-12-31T23:59Z"])
times = st.datetimes().map(lambda moment: moment.isoformat() + "Z") | far_times
IDS = {
    "room": st.sampled_from(["<room>", "<room>", "<direct>", "<room of others>"]),
    "user": st.sampled_from(["<me>", "<friend>", "<friend>", "<stranger>"]),
    "device": st.just("<device>"),
}
RIGHT = {
    fields.Integer: st.integers(1, 5) | whole_numbers,
    fields.Float: st.floats(-180, 180) | numbers,
    fields.Boolean: st.booleans(),
    fields.DateTime: times,
    fields.Tuple: st.lists(st.integers(1, 5) | whole_numbers, min_size=2, max_size=2).map(sorted),
    fields.Dict: st.dictionaries(IDS["room"] | ids, st.integers(1, 5) | whole_numbers, max_size=3) | st.just({}),
}


def right(name: str, field: fields.Field[Any]) -> st.SearchStrategy[Any]:
    """Values of the right type, by and large."""
    if isinstance(field, fields.UUID):
        return st.one_of(*[IDS.get(name.removesuffix("_id"), ids)] * 4, ids)
    if isinstance(field, Data):
        return st.one_of(*(objects(form) for form in field.forms.values()))
    if isinstance(field, fields.Nested):
        return objects(field.schema)
    if isinstance(field, fields.List):
        return st.lists(right("user_id", field.inner), max_size=4)
    for kind, values in RIGHT.items():
        if isinstance(field, kind):
            return values
    choices = [one for validator in field.validators for one in getattr(validator, "choices", ())]
    return st.sampled_from(choices) if choices else st.text("abc_. é😀", min_size=1, max_size=9) | texts


def objects(takes: Schema, *without: str) -> st.SearchStrategy[dict[str, Any]]:
    """Objects of the schema: with right values, with one or all of them wrong, with some missing, with unknown ones."""
    known = {name: right(name, field) for name, field in takes.fields.items() if name not in without}
    required = {name: known[name] for name in known if takes.fields[name].required}
    whole = st.fixed_dictionaries(required, optional={name: known[name] for name in known.keys() - required.keys()})
    for name, form in takes.fields["data"].forms.items() if isinstance(takes.fields.get("data"), Data) else ():
        of_this_type = st.fixed_dictionaries({"type": st.just(name), "data": objects(form)})
        whole |= st.builds(lambda body, typed: body | typed, whole, of_this_type)
    names = st.sampled_from([*known, "text"])
    spoiled = st.builds(lambda body, name, value: {**body, name: value}, whole, names, nested | half_characters)
    wrong = st.fixed_dictionaries({}, optional=dict.fromkeys(known, nested))
    unknown = st.builds(lambda body, more: {**more, **body}, whole, st.dictionaries(texts, nested, min_size=1, max_size=2))
    return st.one_of(whole, whole, whole, spoiled, spoiled, wrong, unknown)


class Attacker:
    """Somebody with an account who sends anything, from a device that is renewed when it was signed out."""

    def __init__(self, cast: Cast) -> None:
        self.account, self.friend, self.stranger = (cast.person(name) for name in ("mallory", "bob", "alice"))
        self.person = self.account
        self.real: dict[str, Any] = {}

    def begin(self) -> None:
        """New rooms, so that what was done to the last ones does not matter."""
        if self.person.get("/users/me").status == 401:
            self.renew()
        room = self.person.group(self.friend)
        self.friend.say(room)
        others = self.stranger.group()
        self.stranger.say(others)
        direct = self.person.direct(self.friend)
        self.friend.send(room, "poll", {"question": "?", "options": ["a", "b"], "add_options": True})
        known = [room, direct, others, self.person.id, self.friend.id, self.stranger.id, self.person.device_id]
        self.real = dict(zip(REAL, [*known, self.friend.user["username"]], strict=True))

    def with_real(self, payload: Any) -> Any:
        """The payload with real ids in the place of what stands for them."""
        if isinstance(payload, dict):
            return {self.with_real(name): self.with_real(value) for name, value in payload.items()}
        if isinstance(payload, list):
            return [self.with_real(each) for each in payload]
        return {**LONG, **self.real}.get(payload, payload) if isinstance(payload, str) else payload

    def call(self, method: str, path: str, **options: Any) -> Answer:
        answer = self.person.call(method, path, **options)
        assert answer.status < 500, answer.body
        if answer.code == "device_revoked":
            self.renew()
        return answer

    def ask(self, event: str, payload: Any) -> None:
        try:
            self.person.ask(event, payload)
        except Refused as refused:
            assert refused.error["status"] < 500, refused.error
        if self.person.get("/users/me").code == "device_revoked":
            self.renew()

    def renew(self) -> None:
        self.person.leave()
        self.person = self.account.another_device()
        self.real["<device>"] = self.person.device_id


@pytest.fixture(scope="module")
def attackers(server: Server, contract: Contract) -> Iterator[Attacker]:
    cast = Cast(server, contract)
    attacker = Attacker(cast)
    yield attacker
    attacker.person.leave()
    cast.goodbye()


@pytest.fixture
def attacker(attackers: Attacker, server: Server) -> Iterator[Attacker]:
    """Afterwards the log must be clean."""
    before = len(server.log())
    attackers.begin()
    yield attackers
    written = server.log()[before:]
    assert "Traceback" not in written
    assert '"level":"error"' not in written


@pytest.mark.parametrize("event", ON_SOCKETS)
def test_any_payload_over_the_socket_is_answered(attacker: Attacker, event: str) -> None:
    @usual
    @given(st.one_of(*[objects(catalogue[event].takes)] * 4, nested))
    def holds(payload: Any) -> None:
        attacker.ask(event, attacker.with_real(payload))

    holds()


@pytest.mark.parametrize(("method", "rule", "event"), ROUTES, ids=str)
def test_any_payload_over_rest_is_answered(attacker: Attacker, method: str, rule: str, event: str) -> None:
    kinds, in_path = zip(*re.findall(r"<(\w+):(\w+)>", rule), strict=True) if "<" in rule else ((), ())
    odd = st.text(min_size=1, max_size=20).filter(lambda text: text.strip(". /"))

    @usual
    @given(
        st.tuples(*((seqs if kind == "int" else ids | ids) | odd for kind in kinds)), objects(catalogue[event].takes, *in_path)
    )
    def holds(places: tuple[str, ...], payload: dict[str, Any]) -> None:
        known = {name: quote(attacker.with_real(place), safe="") for name, place in zip(in_path, places, strict=True)}
        if (method, rule, event) in WITH_BODY:
            attacker.call(method, path_of(rule, known), body=attacker.with_real(payload))
        else:
            # An address of more than 8 KiB never reaches the application.
            short = {name: attacker.real.get(str(value), value) for name, value in payload.items()}
            attacker.call(method, path_of(rule, known), params=sendable(short))

    holds()


@pytest.mark.parametrize(("method", "rule", "event"), WITH_BODY, ids=str)
def test_any_body_is_answered(attacker: Attacker, method: str, rule: str, event: str) -> None:
    real = attacker.real
    known = {"room_id": real["<room>"], "user_id": real["<friend>"], "device_id": real["<device>"], "seq": "2"}
    known["scheduled_id"] = str(uuid.uuid4())
    path = path_of(rule, known)
    whole = objects(catalogue[event].takes).map(lambda body: orjson.dumps(sendable(body)))
    cut = st.builds(lambda text, end: text[: end % (len(text) + 1)], whole, st.integers(0, 1_000))
    values = nested.map(lambda value: orjson.dumps(sendable(value)))

    @usual
    @given(st.binary(max_size=200) | cut | values | st.sampled_from([b"null", b"[]", b"\xef\xbb\xbf{}", b"{} {}", b"[" * 50_000]))
    def holds(raw: bytes) -> None:
        attacker.call(method, path, data=raw, headers=dict(JSON))

    holds()


def test_any_query_is_answered(attacker: Attacker) -> None:
    names = st.sampled_from(["limit", "cursor", "before", "after", "around", "username", "archived", "room_id", "é", ""])
    odd = st.sampled_from(["%ff", "%00", "1e3", "-1", "٣", "9" * 30, "W10"])
    values = odd | st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
    paths = ["/rooms", "/users", "/users/me/contacts", "/users/me/reminders", "/rooms/<room>/messages", "/rooms/<room>/members"]
    paths += ["/exports", f"/exports/{'0' * 8}-0000-7000-8000-{'0' * 12}/file"]

    @settings(usual, max_examples=4 * EXAMPLES)
    @given(st.sampled_from(paths), st.lists(st.tuples(names, values), max_size=4))
    def holds(path: str, query: list[tuple[str, str]]) -> None:
        parts = "&".join(f"{quote(name)}={value if value.startswith('%') else quote(value)}" for name, value in query)
        attacker.call("GET", f"{path.replace('<room>', attacker.real['<room>'])}?{parts}")

    holds()


def test_any_token_is_refused(attacker: Attacker) -> None:
    visible = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=80)
    parts = attacker.person.session["access_token"].split(".")
    mixed = st.permutations(parts).filter(lambda order: order != parts).map(".".join)

    @settings(usual, max_examples=2 * EXAMPLES)
    @given(visible | mixed | st.lists(visible, min_size=3, max_size=3).map(".".join))
    def holds(token: str) -> None:
        nobody = Caller(attacker.person.server, attacker.person.contract)
        assert nobody.call("GET", "/users/me", token=token).code == "unauthenticated"
        assert nobody.call("POST", "/auth/refresh", token=token).code == "unauthenticated"
        assert refused_connection(nobody.server, {"token": token})["code"] == "unauthenticated"

    holds()


def test_any_way_to_introduce_oneself_is_refused(attacker: Attacker) -> None:
    @settings(usual, max_examples=2 * EXAMPLES)
    @given(nested)
    def holds(auth: Any) -> None:
        assert refused_connection(attacker.person.server, attacker.with_real(auth))["code"] == "unauthenticated"

    holds()


def path_of(rule: str, known: dict[str, str]) -> str:
    """The route with these in its places."""
    return re.sub(r"<\w+:(\w+)>", lambda place: known[place[1]], rule)


def sendable(value: Any) -> Any:
    """The value without what UTF-8, or orjson in the test, cannot write."""
    if isinstance(value, dict):
        return {sendable(name): sendable(each) for name, each in value.items()}
    if isinstance(value, list):
        return [sendable(each) for each in value]
    if isinstance(value, str):
        return value.encode(errors="replace").decode()
    return value if not isinstance(value, int) or abs(value) < 2**63 else float(value)
