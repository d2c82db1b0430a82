"""JSON of the wire, by orjson, under the two names that Socket.IO libraries call."""

import json
from typing import Any

import orjson


def dumps(data: Any, **_: Any) -> str:
    return orjson.dumps(data).decode()


def loads(text: str, **_: Any) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return _without_payload(json.loads(text))


def _without_payload(packet: Any) -> list[Any]:
    """An event with JSON that no UTF-8 text can hold, e.g. half of an emoji: it is answered, without what it carries.

    Closing the connection instead would have its client send the same again and again.
    """
    if not isinstance(packet, list) or not packet:
        raise ValueError("not an event")
    return [packet[0], None]
