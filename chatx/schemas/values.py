"""The words that all schemas are written in: fields with our meanings and limits. Their `quick` takes what is usual."""

import re
import unicodedata
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from marshmallow import ValidationError, fields, missing, validate
from marshmallow.fields import Field

from config import LIMITS

CANONICAL_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
CLIENT_ID = re.compile(rf"[!-~]{{1,{LIMITS['client_id_characters']}}}")
LARGEST_SEQ = 2**53 - 1  # what a JavaScript number holds exactly


class Shape(validate.Regexp):
    """That a text is of this shape as a whole. The contracts show the pattern, which means the same to every client's engine."""

    def __init__(self, shape: str, **kwargs: Any) -> None:
        super().__init__(f"^({shape})$", **kwargs)

    def __call__(self, value: Any) -> Any:
        if self.regex.fullmatch(value) is None:  # where `$` alone would let a line end pass
            raise ValidationError(self._format_error(value))
        return value


class Id(fields.UUID):
    """A UUID, a canonical string inside the house."""

    def quick(self, value: Any) -> Any:
        return value if type(value) is str and CANONICAL_ID.fullmatch(value) else self.deserialize(value)

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> str | None:
        return None if value is None else str(value)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Any:
        if not isinstance(value, str) or len(value) != 36:
            raise self.make_error("invalid_uuid")
        return str(super()._deserialize(value, attr, data, **kwargs))


class Whole(fields.Integer):
    """A whole number that is one in JSON too: no strings, no fractions."""

    def __init__(self, *, low: int = 0, high: int = LARGEST_SEQ, **kwargs: Any) -> None:
        super().__init__(strict=True, validate=validate.Range(low, high), **kwargs)
        self.low, self.high = low, high

    covers = 1

    def quick(self, value: Any) -> Any:
        return value if type(value) is int and self.low <= value <= self.high else self.deserialize(value)


class Number(fields.Float):
    """A number between these two that is one in JSON too: no strings."""

    def __init__(self, low: float, high: float, **kwargs: Any) -> None:
        super().__init__(validate=validate.Range(low, high), **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Any:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.make_error("invalid", input=value)
        return super()._deserialize(value, attr, data, **kwargs)


class Seq(Whole):
    """A place in a feed, from 1; 0 stands before the first."""


class SeqRange(fields.Tuple):
    """[low, high], both ends included."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__((Seq(low=1), Seq(low=1)), **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Any:
        if not isinstance(value, list):
            raise self.make_error("invalid")
        low, high = super()._deserialize(value, attr, data, **kwargs)
        if low > high:
            raise ValidationError("The lower end comes first.")
        return low, high


class Flag(fields.Boolean):
    """true or false, nothing that merely looks like it."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Any:
        if not isinstance(value, bool):
            raise self.make_error("invalid", input=value)
        return value


class Time(fields.AwareDateTime):
    """RFC 3339 in UTC with milliseconds and Z."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(format="iso", default_timezone=UTC, **kwargs)

    def _serialize(self, value: datetime | None, attr: str | None, obj: Any, **kwargs: Any) -> Any:
        return None if value is None else written(value)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> datetime:
        if not isinstance(value, str):
            raise self.make_error("invalid", input=value, obj_type="datetime")
        try:
            moment = super()._deserialize(value, attr, data, **kwargs).astimezone(UTC)
        except OverflowError as error:
            raise self.make_error("invalid", input=value, obj_type="datetime") from error
        return moment.replace(microsecond=moment.microsecond // 1_000 * 1_000)


def written(moment: datetime) -> str:
    """A time as all times are written."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Words(fields.String):
    """Text of people: NFC, without the NUL that PostgreSQL cannot keep, within a named limit in bytes or characters."""

    def __init__(self, *, most: str, least: int = 0, trim: bool = True, **kwargs: Any) -> None:
        self.most, self.least, self.trim = most, least, trim
        longest = {"maxLength": LIMITS[most]} if most.endswith("_characters") else {}
        super().__init__(metadata=longest | kwargs.pop("metadata", {}), **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        text = unicodedata.normalize("NFC", super()._deserialize(value, attr, data, **kwargs))
        text = text.strip() if self.trim else text
        if "\0" in text:
            raise ValidationError("The character U+0000 cannot be stored.")
        if self._length(text) > LIMITS[self.most]:
            raise ValidationError(f"Longer than {self.most}: {LIMITS[self.most]}.")
        if len(text) < self.least:
            raise ValidationError(f"Shorter than {self.least} characters.")
        return text

    def quick(self, value: Any) -> Any:
        usual = type(value) is str and value.isascii() and self.least <= len(value) <= LIMITS[self.most] and "\0" not in value
        return value if usual and (not self.trim or value == value.strip()) else self.deserialize(value)

    def _length(self, text: str) -> int:
        return len(text.encode()) if self.most.endswith("_bytes") else len(text)


class ClientId(fields.String):
    """Made by the client before its first try: 1–64 visible ASCII characters."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(validate=Shape(CLIENT_ID.pattern), **kwargs)

    covers = 1

    def quick(self, value: Any) -> Any:
        return value if type(value) is str and CLIENT_ID.fullmatch(value) else self.deserialize(value)


class Some(fields.List[Any]):
    """A list, at most as long as the named limit."""

    def __init__(self, inner: Field[Any], *, most: str, least: int = 0, **kwargs: Any) -> None:
        sizes = {"maxItems": LIMITS[most]} | ({"minItems": least} if least else {})
        super().__init__(inner, metadata=sizes | kwargs.pop("metadata", {}), **kwargs)
        self.most, self.least = most, least

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> list[Any]:
        if isinstance(value, list) and len(value) > LIMITS[self.most]:
            raise ValidationError(f"More than {self.most}: {LIMITS[self.most]}.")
        if isinstance(value, list) and len(value) < self.least:
            raise ValidationError(f"Fewer than {self.least}.")
        return super()._deserialize(value, attr, data, **kwargs) or []


class Ids(Some):
    """Distinct ids, at most as many as the named limit."""

    def __init__(self, *, most: str, **kwargs: Any) -> None:
        super().__init__(Id(), most=most, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> list[Any]:
        return list(dict.fromkeys(super()._deserialize(value, attr, data, **kwargs)))


class OnlyTrue(fields.Boolean):
    """True, or not there."""

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> Any:
        return value or missing
