"""JSON of the wire, by orjson, under the two names that Socket.IO libraries call."""

from typing import Any

import orjson


def dumps(data: Any, **_: Any) -> str:
    return orjson.dumps(data).decode()


def loads(text: str, **_: Any) -> Any:
    return orjson.loads(text)
