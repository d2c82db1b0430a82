"""What is heard: the envelope of durable changes, and the volatile signals. Each noun's file adds its own."""

from typing import Any, ClassVar, Literal

from marshmallow import Schema, fields, validate
from marshmallow.fields import Field

from chatx.schemas.base import Out
from chatx.schemas.values import Id, Seq, Time


class Heard(Out):
    """Anything a client can hear under the name `event`; the docstring is what both contracts print."""

    event: ClassVar[str]
    welcomes: ClassVar[bool] = False  # people come into the room with it
    feed_kind: ClassVar[Literal["room", "me", "none"]]


class Signal(Heard):
    """Volatile: takes no seq, and is not replayed."""

    feed_kind = "none"


class Change(Heard):
    """Durable: the envelope that is told live and replayed by sync, letter for letter."""

    kinds: ClassVar[dict[str, type["Change"]]] = {}

    feed = fields.String(metadata={"description": "a room id, or `me`"})
    seq = Seq()
    type = fields.String()
    at = Time()
    actor_id = Id(allow_none=True)

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "event" in cls.__dict__:
            Change.kinds[cls.event] = cls

    def on_bind_field(self, field_name: str, field_obj: Field[Any]) -> None:
        super().on_bind_field(field_name, field_obj)
        if field_name == "type":
            field_obj.validators = [validate.Equal(self.event)]


class RoomChange(Change):
    """A change in a room's feed, heard by its members."""

    feed_kind = "room"


class OwnChange(Change):
    """A change in a person's private feed, heard by their own devices."""

    feed_kind = "me"


class AnyChange(fields.Field[Any]):
    """A change of whatever type, dumped by the schema of its type."""

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> Any:
        return _schema_of(value["type"]).dump(value)


def _schema_of(event: str) -> Schema:
    if event not in _schemas:
        _schemas[event] = Change.kinds[event]()
    return _schemas[event]


_schemas: dict[str, Schema] = {}
