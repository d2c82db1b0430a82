"""Who may import whom: the table of the design, and a reader of imports that says which law a file breaks."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
GREEN = {"eventlet", "greenlet", "gevent"}


@dataclass(frozen=True)
class Law:
    """What a room may import of the house (`may`), and what from anywhere it must not (`never`)."""

    sentence: str
    may: frozenset[str]
    never: frozenset[str] = frozenset()


def law(sentence: str, may: str, never: str = "") -> Law:
    return Law(sentence, frozenset(may.split()), frozenset(never.split()))


LAWS = {
    "errors": law("errors imports nothing of ours: an error belongs to no transport and no table.", ""),
    "logs": law("logs imports nothing of ours.", ""),
    "registry": law("registry imports only errors: it knows the handlers, they do not know each other.", "errors"),
    "context": law("context imports only errors: it is what a handler is given, not where it comes from.", "errors"),
    "extensions": law("extensions imports only config.", "config"),
    "dispatch": law(
        "dispatch may import registry, context, errors, extensions, services.live, services.limits and services.metrics: it runs "
        "handlers without knowing one.",
        "dispatch registry context errors extensions services.live services.limits services.metrics",
    ),
    "backup": law(
        "backup may import dispatch, extensions and config: it knows tables by their columns, and neither models nor handlers.",
        "backup dispatch extensions config",
        "flask",
    ),
    "features": law(
        "features may import registry, schemas and the limits of config: it tells what there is.",
        "features registry schemas config",
    ),
    "access": law("access may import models and errors only.", "access models errors", "flask sqlalchemy"),
    "models": law(
        "models may import extensions and the limits of config only, and each other.", "models extensions config", "flask"
    ),
    "schemas": law("schemas may import schemas and the limits of config only.", "schemas config", "flask sqlalchemy"),
    "handlers": law(
        "handlers may import access, models, schemas, services, registry, context, errors and config; never flask, the database, "
        "dispatch, api, sockets or another handler: a handler is a function of its context and arguments.",
        "access models schemas services registry context errors config",
        "flask flask_socketio flask_sqlalchemy sqlalchemy socketio",
    ),
    "services": law(
        "services may import services, extensions, errors and config; never models or handlers: the outside world does not know "
        "the chat.",
        "services extensions errors config",
        "sqlalchemy",
    ),
    "api": law(
        "api may import dispatch, registry, context, errors, schemas, logs, services.metrics and the extensions it binds; never "
        "models, never db.",
        "api dispatch registry context errors schemas logs services.metrics extensions config",
        "sqlalchemy chatx.extensions.db",
    ),
    "sockets": law(
        "sockets may import dispatch, registry, context, errors, schemas, logs and the extensions it binds; never models, "
        "never db.",
        "sockets dispatch registry context errors schemas logs extensions",
        "sqlalchemy chatx.extensions.db",
    ),
}
FREE = {"__init__", "cli", "worker"}
ONLY_DISPATCH_COMMITS = "commit( appears only in dispatch and the worker: everybody can see where a transaction ends."
ONLY_CONFIG_READS = "only config.py reads the environment: every setting has one name, one default and one place."
ONLY_SOCKETS_ARE_GREEN = "only wsgi.py and sockets/ know which green-thread library runs."


def breaches(path: Path, source: str) -> list[str]:
    """The laws that this file breaks, each as a sentence; `path` from the root of the project."""
    tree = ast.parse(source)
    imports = list(_imports(tree))
    return [
        *_room_breaches(path, imports),
        *_green_breaches(path, imports),
        *_call_breaches(path, tree),
    ]


def _room_breaches(path: Path, imports: list[tuple[int, str]]) -> Iterator[str]:
    room = room_of(path)
    if room is None or room in FREE:
        return
    if room not in LAWS:
        yield f"{path}: no law names the room {room}; add it to the design and to tests/house/laws.py."
        return
    # A room's own __init__ may gather what is in the room.
    may = LAWS[room].may | ({room} if path.name == "__init__.py" else set())
    for line, name in imports:
        ours = _ours(name)
        outside = ours is not None and not any(_within(ours, allowed) for allowed in may)
        if outside or any(_within(name, forbidden) for forbidden in LAWS[room].never):
            yield f"{path}:{line} imports {name}. {LAWS[room].sentence}"


def _ours(name: str) -> str | None:
    """The name within the house: `handlers.rooms`, `config.LIMITS`; None for what is not ours."""
    if name.split(".", maxsplit=1)[0] == "config":
        return name
    return name.removeprefix("chatx.") if name.startswith("chatx.") else None


def _green_breaches(path: Path, imports: list[tuple[int, str]]) -> Iterator[str]:
    if path.parts[0] == "wsgi.py" or path.parts[:2] == ("chatx", "sockets"):
        return
    for line, name in imports:
        if name.split(".")[0] in GREEN:
            yield f"{path}:{line} imports {name}. {ONLY_SOCKETS_ARE_GREEN}"


def _call_breaches(path: Path, tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if not isinstance(node, ast.Attribute):
            continue
        if node.attr == "commit" and room_of(path) not in ("dispatch", "worker"):
            yield f"{path}:{node.lineno} commits. {ONLY_DISPATCH_COMMITS}"
        of_os = isinstance(node.value, ast.Name) and node.value.id == "os"
        if of_os and node.attr in ("environ", "getenv") and path.name != "config.py":
            yield f"{path}:{node.lineno} reads os.{node.attr}. {ONLY_CONFIG_READS}"


def room_of(path: Path) -> str | None:
    """The room that a file stands in; None outside chatx/."""
    return path.with_suffix("").parts[1] if path.parts[0] == "chatx" else None


def files() -> list[Path]:
    """Every Python file that the laws cover, from the root."""
    return [path.relative_to(ROOT) for path in sorted([*ROOT.glob("chatx/**/*.py"), *ROOT.glob("*.py")])]


def _imports(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """(line, dotted name) of everything imported: `from a.b import c` is a.b.c."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)


def _within(name: str, package: str) -> bool:
    return name == package or name.startswith(f"{package}.")
