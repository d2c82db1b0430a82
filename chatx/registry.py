"""The catalogue: what a client can ask (`@handles`), what it can hear (`announces`), what happens because time passed (`@due`),
and what follows from what was told (`@follows`). Imports only errors.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

import orjson
from marshmallow import Schema, ValidationError

from chatx.errors import ChatError, ValidationFailed

F = TypeVar("F", bound=Callable[..., Any])
Guard = Literal["device", "refresh", "public"]
Feed = Literal["room", "me", "none"]


@dataclass(frozen=True, slots=True)
class Handler:
    """One thing a client can ask.

    takes, gives: schemas in and out; gives None answers nothing.
    guard: `device` needs an access token, `refresh` a refresh token, `public` nothing; only `device` is served on sockets.
    reads: changes nothing, so it runs in a read-only snapshot.
    raises: what it may answer beyond the errors every call shares.
    bucket: the rate it draws from, by name; None where another call that was counted asks it.
    prepares: slow work before the transaction begins, e.g. hashing; gets and returns the arguments.
    internal: asked by a transport, never by a client.
    batch: `run` gets the list of calls that arrived while the last commit ran, and answers each: a result, or an error.
    """

    event: str
    run: Callable[..., Any]
    takes: Schema
    gives: Schema | None
    guard: Guard
    reads: bool
    raises: tuple[type[ChatError], ...]
    bucket: str | None
    prepares: Callable[..., dict[str, Any]] | None
    internal: bool
    batch: bool

    @property
    def summary(self) -> str:
        """The first line of the docstring, which the catalogue and both contracts print."""
        return (self.run.__doc__ or "").strip().splitlines()[0]

    def validated(self, payload: Mapping[str, Any]) -> dict[str, Any]:
        """The arguments as it takes them; ValidationFailed names each wrong field."""
        try:
            arguments: dict[str, Any] = self.takes.load(payload)
        except ValidationError as error:
            # The places of a list are numbers in marshmallow, and JSON has only strings for names.
            messages = error.normalized_messages()  # type: ignore[no-untyped-call]
            fields = orjson.loads(orjson.dumps(messages, option=orjson.OPT_NON_STR_KEYS))
            raise ValidationFailed(f"Wrong: {', '.join(sorted(str(name) for name in fields))}.", fields=fields) from error
        return arguments


@dataclass(frozen=True, slots=True)
class Announcement:
    """One thing a client can hear: its data, and the feed whose `seq` it takes (`none`: volatile).

    welcomes: people come into the room with it.
    """

    event: str
    gives: Schema
    feed: Feed
    summary: str
    welcomes: bool


@dataclass(frozen=True, slots=True)
class TimerHandler:
    """What happens when timers of one kind are due.

    run: gets a list of them, as DueCalls, in one transaction; they are gone with its commit, and stay if it raises.
    most: how many at once. every: seconds after which it comes again by itself, as the one timer of this kind.
    prepares: slow work beside any transaction, e.g. asking another server. Gets the same list, and gives for each what `run`
    finds in `prepared`, or an error for one that shall come again later. It may be done twice where `run` is not.
    rests: for how many times as long as a batch took the worker then leaves the database to others, where nobody waits for it.
    """

    kind: str
    run: Callable[..., None]
    most: int
    every: int | None
    prepares: Callable[..., Sequence[Any]] | None
    rests: float

    @property
    def summary(self) -> str:
        """The first line of the docstring, which the catalogue prints."""
        return (self.run.__doc__ or "").strip().splitlines()[0]


@dataclass(frozen=True, slots=True)
class Follower:
    """What a process does soon after it has told an event, for many at once, and nobody waits for it.

    run: gets the ids of the rooms where it was told, in one transaction, and returns those where something is left to do.
    It may be forgotten with its process, so what it does must be found again in another way.
    """

    event: str
    run: Callable[[Sequence[str]], Sequence[str]]


Shortcut = Callable[..., tuple[list[Any], list[Any]]]

catalogue: dict[str, Handler] = {}
shortcuts: dict[str, Shortcut] = {}
announcements: dict[str, Announcement] = {}
timers: dict[str, TimerHandler] = {}
followers: dict[str, Follower] = {}


def handles(
    event: str,
    *,
    takes: type[Schema],
    gives: type[Schema] | Schema | None = None,
    guard: Guard = "device",
    reads: bool = False,
    raises: tuple[type[ChatError], ...] = (),
    bucket: str | None = "calls",
    prepares: Callable[..., dict[str, Any]] | None = None,
    internal: bool = False,
    batch: bool = False,
) -> Callable[[F], F]:
    """Register the decorated function as the one handler of `event`."""

    def register(run: F) -> F:
        if event in catalogue:
            raise ValueError(f"{event} has two handlers: {catalogue[event].run.__qualname__} and {run.__qualname__}.")
        answer = gives() if isinstance(gives, type) else gives
        catalogue[event] = Handler(event, run, takes(), answer, guard, reads, raises, bucket, prepares, internal, batch)
        return run

    return register


def shortcut(event: str) -> Callable[[F], F]:
    """Register the decorated function as the quick way for the usual calls of a batched event; its handler answers the rest.

    It gets the calls, the time, and `dispatch.line.Line.once`, in no application context. It returns an answer for each call,
    just as the handler would dump it, None for those that have to go the usual way; and the frames of what it has changed.
    """

    def register(run: F) -> F:
        shortcuts[event] = run
        return run

    return register


def announces(schema: Any) -> None:
    """Register what clients hear under the schema's `event`, in the feed of its `feed_kind`; its docstring says when."""
    summary = schema.__doc__.strip()
    announcements[schema.event] = Announcement(schema.event, schema(), schema.feed_kind, summary, schema.welcomes)


def due(
    kind: str,
    *,
    most: int = 500,
    every: int | None = None,
    prepares: Callable[..., Sequence[Any]] | None = None,
    rests: float = 0,
) -> Callable[[F], F]:
    """Register the decorated function as what happens when timers of this kind are due."""

    def register(run: F) -> F:
        if kind in timers:
            raise ValueError(f"{kind} has two handlers: {timers[kind].run.__qualname__} and {run.__qualname__}.")
        timers[kind] = TimerHandler(kind, run, most, every, prepares, rests)
        return run

    return register


def follows(event: str) -> Callable[[F], F]:
    """Register the decorated function as what follows from an event that was told in a room."""

    def register(run: F) -> F:
        if event in followers:
            raise ValueError(f"{event} has two followers: {followers[event].run.__qualname__} and {run.__qualname__}.")
        followers[event] = Follower(event, run)
        return run

    return register
