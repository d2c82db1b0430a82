"""The usual way through a schema, worked out once for each schema instead of anew for each value that passes.

What is unusual (wrong input, hooks, objects that answer to names in their own way) goes marshmallow's way, which also
says what is wrong. `tests/schemas/test_quick.py` holds both ways against each other.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from marshmallow import RAISE, Schema, ValidationError, fields, missing
from marshmallow.decorators import POST_LOAD, PRE_DUMP, PRE_LOAD, VALIDATES, VALIDATES_SCHEMA
from marshmallow.fields import Field
from marshmallow.utils import get_value

One = Callable[[Any], Any]


class Given(NamedTuple):
    """One field on its way out; serialize is None where the field must find its value in its own way."""

    key: str
    name: str
    attribute: str
    serialize: One | None
    default: Any
    field: Field[Any]


class QuickDump:
    """An object in its schema's form, as `Schema._serialize` makes it."""

    def __init__(self, schema: Schema) -> None:
        self._fields = [_given(name, field) for name, field in schema.dump_fields.items()]
        self._hooked = bool(schema._hooks[PRE_DUMP])

    def may(self, obj: Any) -> bool:
        return not self._hooked and (type(obj) is dict or not hasattr(obj, "__getitem__"))

    def __call__(self, obj: Any) -> dict[str, Any]:
        is_dict = type(obj) is dict
        dumped = {}
        for key, name, attribute, serialize, default, field in self._fields:
            if serialize is None:
                value = field.serialize(name, obj, get_value)
            else:
                value = obj.get(attribute, default) if is_dict else getattr(obj, attribute, default)
                if value is not missing:
                    value = serialize(value)
            if value is not missing:
                dumped[key] = value
        return dumped


def _given(name: str, field: Field[Any]) -> Given:
    attribute = field.attribute or name
    plain = field._CHECK_ATTRIBUTE and "." not in attribute and not callable(field.dump_default)
    return Given(field.data_key or name, name, attribute, serializer(field) if plain else None, field.dump_default, field)


def serializer(field: Field[Any]) -> One:
    """What turns a value of this field into JSON's; the same as the field's own, without the ways it does not take."""
    own: Any = type(field)._serialize
    if own is Field._serialize:
        return lambda value: value
    if own is fields.String._serialize:
        return lambda value: value if type(value) is str else field._serialize(value, None, None)
    if own is fields.Integer._serialize and not getattr(field, "as_string", False):
        return lambda value: value if type(value) is int else field._serialize(value, None, None)
    if own is fields.List._serialize:
        inner = serializer(field.inner)  # type: ignore[attr-defined]
        return lambda value: None if value is None else [inner(each) for each in value]
    if isinstance(field, fields.Nested) and own is fields.Nested._serialize and not field.many:
        return lambda value: None if value is None else field.schema.dump(value)
    return lambda value: field._serialize(value, None, None)


class Taken(NamedTuple):
    """One field on its way in. A field's `quick` takes what is usual, and does the work of as many validators as it `covers`."""

    key: str
    name: str
    deserialize: One
    required: bool
    default: Any


class QuickLoad:
    """Arguments as their schema loads them; None for what marshmallow itself must look at."""

    def __init__(self, schema: Schema) -> None:
        self._schema = schema
        self._fields = [_taken(name, field) for name, field in schema.load_fields.items()]
        self._hooked = any(schema._hooks[kind] for kind in (PRE_LOAD, POST_LOAD, VALIDATES))
        self._rules = [getattr(schema, name) for name, *_ in schema._hooks[VALIDATES_SCHEMA]]

    def __call__(self, data: Any) -> dict[str, Any] | None:
        if self._hooked or type(data) is not dict:
            return None
        try:
            loaded, known = self._load(data)
            if known != len(data):
                return None
            for rule in self._rules:
                rule(loaded, many=False, partial=None, unknown=RAISE)
        except ValidationError:
            return None
        return loaded

    def _load(self, data: dict[str, Any]) -> tuple[dict[str, Any], int]:
        """The arguments, and how many of the names were known."""
        loaded, known = {}, 0
        for key, name, deserialize, required, default in self._fields:
            value = data.get(key, missing)
            if value is not missing:
                known += 1
                loaded[name] = deserialize(value)
            elif required:
                raise ValidationError("required")
            elif default is not missing:
                loaded[name] = default() if callable(default) else default
        return loaded, known


def _taken(name: str, field: Field[Any]) -> Taken:
    covered = len(field.validators) <= getattr(field, "covers", 0)
    deserialize: One = field.quick if hasattr(field, "quick") and covered else field.deserialize
    return Taken(field.data_key or name, field.attribute or name, deserialize, field.required, field.load_default)
