"""The shapes in and out, and how lists are paged."""

import base64
import binascii
from collections.abc import Mapping
from functools import cached_property
from typing import Any

import orjson
from marshmallow import RAISE, Schema, ValidationError, fields
from marshmallow.fields import Field

from chatx.schemas.quick import QuickDump, QuickLoad
from chatx.schemas.values import OnlyTrue, Whole
from config import LIMITS


class In(Schema):
    """What comes in: unknown fields are refused and named."""

    class Meta:
        unknown = RAISE

    @cached_property
    def _quick(self) -> QuickLoad:
        return QuickLoad(self)

    def load(self, data: Any, **options: Any) -> Any:
        loaded = None if options else self._quick(data)
        return super().load(data, **options) if loaded is None else loaded


class Out(Schema):
    """What goes out: every field is always there, unless its metadata says `optional`."""

    class Meta:
        unknown = RAISE

    @cached_property
    def _quick(self) -> QuickDump:
        return QuickDump(self)

    def _serialize(self, obj: Any, *, many: bool = False) -> Any:
        return self._quick(obj) if not many and self._quick.may(obj) else super()._serialize(obj, many=many)

    def on_bind_field(self, field_name: str, field_obj: Field[Any]) -> None:
        field_obj.required = not field_obj.metadata.get("optional", False)


class Repeatable(Out):
    """What a creation answers; `duplicate` is there, and true, when its client_id had made it before."""

    duplicate = OnlyTrue(metadata={"optional": True})


class Nothing(In):
    """No fields at all."""


class Cursor(fields.String):
    """Where the next page begins: opaque to clients, the values of the fields in `parts` inside the house."""

    def __init__(self, *parts: Field[Any], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.parts = parts

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> Any:
        if value is None:
            return None
        plain = [part._serialize(each, attr, obj) for part, each in zip(self.parts, value, strict=True)]
        return base64.urlsafe_b64encode(orjson.dumps(plain)).decode().rstrip("=")

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Any:
        text = super()._deserialize(value, attr, data, **kwargs)
        try:
            plain = orjson.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
            return tuple(part.deserialize(each) for part, each in zip(self.parts, plain, strict=True))
        except (binascii.Error, ValueError, TypeError, ValidationError) as error:
            raise ValidationError("Not a cursor of this list.") from error


class PageIn(In):
    """What every list takes; a list with a cursor adds its own `cursor`."""

    limit = Whole(low=1, high=LIMITS["page_items"], load_default=50)
