"""The quick way through a schema says what marshmallow's own way says, for every schema of the house."""

import inspect
import random
import types
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some
from marshmallow import Schema, ValidationError, fields

import chatx.handlers  # noqa: F401 - fills the registry
from chatx import registry
from chatx.schemas.base import Cursor, In, Out
from chatx.schemas.change import AnyChange

IN = {handler.event: handler.takes for handler in registry.catalogue.values()}
OUT = {handler.event: handler.gives for handler in registry.catalogue.values() if handler.gives}
OUT |= {heard.event: heard.gives for heard in registry.announcements.values()}

ID = "01a210fb-0a72-72e9-bed9-29ee3e4ec1b7"
ODD = [None, "", " ", "a", " a ", "\0", "é" * 3, "e\u0301", "😀", ID, ID.upper(), f"{ID}\n", "x" * 70_000, 0, 1, -1]
ODD += [2**53, 1.0, 1.5, True, False, [], [ID], [ID, ID], ["x"], {}, {ID: 1}, {"me": 0}, {"x": 1}, "2026-11-25T10:00:00Z", "me"]


def both_ways(schema: In, data: Any) -> tuple[Any, Any]:
    return said(lambda: schema.load(data)), said(lambda: Schema.load(schema, data))


def said(load: Any) -> Any:
    try:
        return load()
    except ValidationError as error:
        return error.normalized_messages()


@pytest.mark.parametrize("event", IN)
def test_what_comes_in_is_loaded_and_refused_alike(event: str) -> None:
    schema, chance = IN[event], random.Random(event)
    names = [field.data_key or name for name, field in schema.load_fields.items()]
    for _ in range(300):
        data = {name: chance.choice(ODD) for name in names if chance.random() < 0.8}
        if chance.random() < 0.1:
            data["unknown"] = 1
        quick, slow = both_ways(schema, data)
        assert quick == slow, data


@given(
    some.one_of(
        some.none(), some.text(), some.integers(), some.lists(some.integers()), some.dictionaries(some.text(), some.none())
    )
)
def test_what_is_no_object_is_refused_alike(data: Any) -> None:
    quick, slow = both_ways(IN["message:send"], data)
    assert quick == slow


@pytest.mark.parametrize("event", OUT)
@pytest.mark.parametrize("plain", [True, False], ids=["dict", "object"])
def test_what_goes_out_is_dumped_alike(event: str, plain: bool) -> None:
    schema, chance = OUT[event], random.Random(event)
    assert isinstance(schema, Out)
    for _ in range(20):
        thing = sample(schema, chance, plain)
        assert schema.dump(thing) == slow_dump(schema, thing)


def test_a_quick_field_covers_what_its_class_validates() -> None:
    """A class with `quick` whose validators it does not cover would let through what marshmallow refuses."""
    for cls in set(map(type, every_field())):
        if hasattr(cls, "quick"):
            assert "quick" in cls.__dict__ or not {"_deserialize", "_validate"} & cls.__dict__.keys(), cls


def every_field() -> Iterator[fields.Field]:
    for schema in IN.values():
        yield from schema.load_fields.values()


def slow_dump(schema: Schema, thing: Any) -> Any:
    """As marshmallow alone does it, nested schemas included."""
    quick = Out._serialize
    del Out._serialize
    try:
        return schema.dump(thing)
    finally:
        Out._serialize = quick


def sample(schema: Schema, chance: random.Random, plain: bool) -> Any:
    """Something that fits the schema, with nulls and gaps."""
    values: dict[str, Any] = {}
    for name, field in schema.dump_fields.items():
        # marshmallow would take the method of that name for what is missing in a dict.
        if chance.random() < 0.9 or isinstance(field, fields.Function) or hasattr(dict, name):
            *path, last = (field.attribute or name).split(".")
            place = values
            for step in path:
                place = place.setdefault(step, {})
            place[last] = value_of(field, chance, plain)
    asks_in_its_own_way = any(isinstance(field, fields.Function) for field in schema.fields.values())
    return as_objects(values) if asks_in_its_own_way or not plain else values


def as_objects(values: Any) -> Any:
    nested = {
        name: as_objects(each) if name in ("stay", "room") and isinstance(each, dict) else each for name, each in values.items()
    }
    return types.SimpleNamespace(**nested)


def value_of(field: fields.Field, chance: random.Random, plain: bool) -> Any:
    made = MAKERS.get(next((cls for cls in inspect.getmro(type(field)) if cls in MAKERS), None))
    if isinstance(field, Cursor) or (chance.random() < 0.15 and not isinstance(field, fields.Function)):
        return None
    if isinstance(field, fields.Nested):
        return sample(field.schema, chance, plain)
    if isinstance(field, fields.List):
        return [] if isinstance(field.inner, AnyChange) else [value_of(field.inner, chance, plain) for _ in range(2)]
    return made(chance) if made else None


MAKERS = {
    fields.AwareDateTime: lambda chance: datetime.now(UTC) - timedelta(seconds=chance.random()),
    fields.UUID: lambda chance: ID,
    fields.String: lambda chance: chance.choice(["", "text", "é"]),
    fields.Integer: lambda chance: chance.randrange(100),
    fields.Boolean: lambda chance: chance.random() < 0.5,
    fields.Dict: lambda chance: {},
    fields.Function: lambda chance: "text",
}
