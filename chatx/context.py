"""Who asks (`Actor`), and what a handler is given and leaves behind (`Context`)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Protocol, TypeVar

T = TypeVar("T")
NO_DEVICE = ""  # where somebody had asked for it before
Forms = Sequence[tuple[Sequence[str], dict[str, Any]]]  # some people, by id, and what they are told instead


def the_time() -> datetime:
    """The present in milliseconds, which is what both databases and the wire keep."""
    moment = datetime.now(UTC)
    return moment.replace(microsecond=moment.microsecond // 1_000 * 1_000)


@dataclass(frozen=True, slots=True)
class Actor:
    """The person and the device that ask."""

    user_id: str
    device_id: str


class Audience(Protocol):
    """Who hears something; `models.feed.Audience` is one."""

    @property
    def feed_id(self) -> str: ...
    @property
    def members(self) -> Sequence[str]: ...
    @property
    def version(self) -> int: ...
    @property
    def changed(self) -> bool: ...
    @property
    def private(self) -> bool: ...


class Told(Protocol):
    """A change that took its place in a feed; `models.feed.Occurrence` is one."""

    feed: str
    seq: int
    type: str
    at: datetime
    actor_id: str | None
    subject: str | None
    body: dict[str, Any]

    @property
    def audience(self) -> Audience | None: ...
    def envelope(self) -> dict[str, Any]: ...
    def forms(self) -> Forms: ...


class Call(Protocol):
    """Who asks for what, with arguments as the schema has loaded them."""

    @property
    def actor(self) -> Actor | None: ...
    @property
    def arguments(self) -> dict[str, Any]: ...


class HasFeed(Protocol):
    """What a change can be recorded in: a room, or a person."""

    def record(self, type: str, actor_id: str | None, at: datetime, subject: str | None, data: dict[str, Any]) -> Told: ...


@dataclass(frozen=True, slots=True)
class Signal:
    """Something volatile, without a seq, for an audience but for one of it. forms: what some of them hear instead."""

    event: str
    audience: Audience
    but: str
    body: dict[str, Any]
    forms: Forms = ()


@dataclass(slots=True)
class Context:
    """One call, from its validation to its commit.

    address: of the client, for throttling; read: run a function in a short read transaction of its own.
    What the handler tells is heard after the commit, or never.
    """

    actor: Actor | None
    address: str = ""
    read: Callable[[Callable[[], Any]], Any] = lambda question: question()
    now: datetime = field(default_factory=the_time)
    changes: list[Told] = field(default_factory=list)
    signals: list[Signal] = field(default_factory=list)
    signed_out: list[tuple[str, str]] = field(default_factory=list)

    @property
    def user_id(self) -> str:
        """Of the one who asks; only where the call needs an actor."""
        assert self.actor is not None
        return self.actor.user_id

    @property
    def device_id(self) -> str:
        """Of the one who asks; only where the call needs an actor."""
        assert self.actor is not None
        return self.actor.device_id

    @property
    def by_hand(self) -> bool:
        """Whether a person asks it now, from a device of theirs."""
        return self.actor is not None and self.actor.device_id != NO_DEVICE

    def on_behalf_of(self, user_id: str) -> "Context":
        """The same, as if this person asked it now; what it tells is told with the rest."""
        return replace(self, actor=Actor(user_id, NO_DEVICE))

    def change(
        self,
        feed: HasFeed,
        event: str,
        subject: str | None = None,
        *,
        data: dict[str, Any] | None = None,
        unnamed: bool = False,
        **objects: Any,
    ) -> None:
        """Record a durable change in `feed`: it takes the next seq and is heard by the feed's audience at the commit.

        data is kept with the change, objects are read again from the present when it is replayed; both fill its event.
        unnamed: it does not tell who did it.
        """
        actor_id = self.actor.user_id if self.actor and not unnamed else None
        told = feed.record(event, actor_id, self.now, subject, data or {})
        self.tell(told, **(data or {}), **objects)

    def tell(self, told: Told, **body: Any) -> None:
        """Have a change heard that has its place in a feed already, as a new message has."""
        told.body = body
        self.changes.append(told)

    def signal(self, event: str, audience: Audience, *, but: str = "", forms: Forms = (), **body: Any) -> None:
        """Have something volatile heard by an audience, `but` one of it; some of them in other forms."""
        self.signals.append(Signal(event, audience, but, body, forms))

    def sign_out(self, user: HasFeed, device: Any) -> None:
        """Revoke a device of this person, tell the others, and close its connections once this call is committed."""
        device.revoke(self.now)
        self.change(user, "device:removed", device.id, data={"device_id": device.id})
        self.signed_out.append((device.user_id, device.id))


@dataclass(frozen=True, slots=True)
class BatchCall:
    """One of the calls that a batched handler answers together: its context, and the arguments that its schema loaded."""

    ctx: Context
    arguments: dict[str, Any]


@dataclass(frozen=True, slots=True)
class DueCall:
    """A timer whose time has come: what it was set with, and a context of its own, on nobody's behalf.

    prepared: what its kind prepared for it. It was set some time ago, so look again who may still do it, and still wants it.
    """

    ctx: Context
    key: str
    due_at: datetime
    data: dict[str, Any]
    prepared: Any = None
