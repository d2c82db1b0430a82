"""docs/features.md: everything that people can do, who may, within which limits, how it is asked for and what is heard of it.

What the code knows is read from it: sentences, routes, limits and rates. `table` says the rest, a line for each event.
"""

from chatx.features.table import FEATURES, TYPES, Row
from chatx.registry import catalogue
from chatx.schemas.message.types import MessageType
from config import DEVICE_RATES, LIMITS, RATES

Asked = tuple[str, str, str, int]  # (method, rule, event, status), as blueprints keep them

HEAD = """# What people can do

Made by `make features` from the code and `chatx/features/table.py`; a test fails where it is not up to date. Limits are in the
unit of their name, and also in `GET /api/v1/config`; a rate is that of one device, or, to sign up and in, of one address. Paths
are under `/api/v1`. Whoever has left a room keeps what was said until then; strangers get `not_found` for all of it.
"""


def document(asked: list[Asked]) -> str:
    """The whole file. asked: all routes."""
    routes = {event: f"`{method} {_path(rule)}`" for method, rule, event, _ in asked}
    parts = [HEAD]
    for title, rows in FEATURES.items():
        lines = [_line(key, row, routes) for key, row in rows.items()]
        parts.append("\n".join([f"## {title}\n", "| what | who | limits | ask | hear |", "|---|---|---|---|---|", *lines, ""]))
    types = [_type_line(name, limits) for name, limits in TYPES.items()]
    told = "What `message:send` takes as `type`; the form of `data` of each stands in the OpenAPI document.\n"
    parts.append("\n".join(["## Types of messages\n", told, "| type | what | limits |", "|---|---|---|", *types, ""]))
    return "\n".join(parts)


def event_of(key: str) -> str:
    """A key is an event, or an event and the field of it that makes the feature."""
    return key.partition(" ")[0]


def _line(key: str, row: Row, routes: dict[str, str]) -> str:
    event, _, field = key.partition(" ")
    handler = catalogue[event]
    asked = f"`{event}`" + (f" with `{field}`" if field else "") + f"; {routes[event]}"
    bucket = handler.bucket or ""
    rate = f"{(DEVICE_RATES | RATES)[bucket]} (`{bucket}`)" if bucket else ""
    limits = ", ".join(filter(None, [_limits(row.limits), rate]))
    heard = ", ".join(f"`{name}`" for name in row.hears.split())
    return f"| {row.what or handler.summary} | {row.who} | {limits} | {asked} | {heard} |"


def _type_line(name: str, limits: str) -> str:
    known = MessageType.known.get(name)
    what = (known.takes.__doc__ or "").strip().splitlines()[0].split(":", 1)[-1].strip() if known else "a text"
    return f"| `{name}` | {what} | {_limits(limits)} |"


def _limits(names: str) -> str:
    return ", ".join(f"`{name}` {LIMITS[name]}" for name in names.split())


def _path(rule: str) -> str:
    """`/rooms/<uuid:room_id>/pins` as the contracts write it."""
    return "/".join("{" + part.split(":")[-1].rstrip(">") + "}" if part.startswith("<") else part for part in rule.split("/"))
