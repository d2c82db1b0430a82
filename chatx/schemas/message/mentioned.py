"""Whom a message mentions: people by their ids, and everyone in the group, for which the id of the room stands among them."""

from typing import Any

from marshmallow import fields


class People(fields.Function):
    """Those whom it mentions by name."""

    def __init__(self) -> None:
        super().__init__(_people, metadata={"type": "array", "items": {"type": "string", "format": "uuid"}})


class Everyone(fields.Function):
    """Whether it mentions everyone in the group."""

    def __init__(self) -> None:
        super().__init__(names_everyone, metadata={"type": "boolean", "description": "it mentions everyone in the group"})


def _people(message: Any) -> list[str]:
    room_id = getattr(message, "room_id", None)
    return [name for name in _named(message) if name != room_id]


def names_everyone(message: Any) -> bool:
    """Whether the room itself is among those whom it names."""
    room_id = getattr(message, "room_id", None)
    return any(name == room_id for name in _named(message))


def _named(message: Any) -> list[str]:
    return getattr(message, "mentions", None) or []
