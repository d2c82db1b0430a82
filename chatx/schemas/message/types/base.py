"""What a type of message is, and the registry of those that can be sent."""

from collections.abc import Container, Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from chatx.schemas.base import In, Out

Wrong = dict[str, list[str]]  # {field: [sentences]}


class MessageType:
    """What messages of one type carry in `data`: what their sender gives (takes), and what is shown of it (gives).

    captioned: a text may stand beside it. sendable: by people. Each is registered by its name.
    """

    known: ClassVar[dict[str, type["MessageType"]]] = {}

    name: ClassVar[str]
    takes: ClassVar[In]
    gives: ClassVar[Out]
    captioned: ClassVar[bool] = False
    sendable: ClassVar[bool] = True

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        MessageType.known[cls.name] = cls

    @staticmethod
    def fallback(data: Mapping[str, Any]) -> str:
        """The line that stands for such a message where its type is not understood."""
        raise NotImplementedError

    @staticmethod
    def people(data: Mapping[str, Any]) -> Sequence[str]:
        """The ids that it gives of people."""
        return ()

    @staticmethod
    def wrong(data: Mapping[str, Any], now: datetime, people: Container[str]) -> Wrong:
        """What is wrong with it at this moment, these being those of its people who exist; not asked for a repeat."""
        return {}


def fallback_of(message: Any) -> str | None:
    """The line for clients that do not know the message's type; null for texts, and for what is deleted."""
    kind = MessageType.known.get(getattr(message, "type", ""))
    return kind.fallback(message.data) if kind is not None else None
