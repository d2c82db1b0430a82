"""Feeds: ordered lists of changes without holes. Every room has one, every user a private one."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import JSON, BigInteger, Index, String, delete, func, select
from sqlalchemy.orm import Mapped, mapped_column

from chatx.extensions import Model, db
from chatx.models.base import Id, Moment
from chatx.models.privately import private_forms
from chatx.models.reaction_view import Form, each_their_own
from chatx.models.seen import forms_of


class Change(Model):
    """One durable change that is not a message; a message is its own change and stands in `messages` instead.

    subject: what it is about, by id or by the seq of a message. data: what the present state cannot tell any more.
    """

    __tablename__ = "changes"
    __table_args__ = (Index(None, "at"),)

    feed_id: Mapped[str] = mapped_column(Id, primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    type: Mapped[str] = mapped_column(String(32))
    subject: Mapped[str | None] = mapped_column(String(64))
    actor_id: Mapped[str | None] = mapped_column(Id)
    at: Mapped[datetime] = mapped_column(Moment)
    data: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)

    @classmethod
    def ends_before(cls, moment: datetime, most: int) -> dict[str, int]:
        """For some feeds with changes older than that, the seq of the last such change, by feed id."""
        query = select(cls.feed_id, func.max(cls.seq)).where(cls.at < moment).group_by(cls.feed_id).limit(most)
        return {feed_id: seq for feed_id, seq in db.session.execute(query).all()}


@dataclass(frozen=True, slots=True)
class Audience:
    """Who hears a change of a feed: `members` at `version`, which rises when they change; changed: it has just risen.

    newest: where the latest of them joined. Who hears of older messages may be one who must not see them.
    """

    feed_id: str
    members: Sequence[str]
    version: int = 0
    changed: bool = False
    private: bool = False
    newest: int = 0

    @classmethod
    def own(cls, user_id: str) -> "Audience":
        """This person's devices, and nobody else's."""
        return cls(user_id, (user_id,), private=True)


@dataclass(slots=True)
class Occurrence:
    """A change as it is told: the envelope, and what fills it (`message`, `room`, …), of the present state."""

    feed: str
    seq: int
    type: str
    at: datetime
    actor_id: str | None
    audience: Audience | None = None
    subject: str | None = None
    body: dict[str, Any] = field(default_factory=dict)

    def envelope(self) -> dict[str, Any]:
        """The envelope and what fills it, ready for the schema of its type."""
        return self._filled(self.body)

    def forms(self) -> list[tuple[Sequence[str], dict[str, Any]]]:
        """What some of the audience are told instead, since they may not see all of the message that it is about."""
        message = self.body.get("message")
        if message is None or self.audience is None:
            return []
        privately = message.reply_to_room_id is not None
        others: Sequence[Form] = private_forms(message) if privately else forms_of(message, self.audience.newest)
        if message.divided:
            others = each_their_own(message, self.audience.members, others)
        return [(people, self._filled(about_message(form, self.body))) for people, form in others]

    def _filled(self, body: dict[str, Any]) -> dict[str, Any]:
        head = {"feed": self.feed, "seq": self.seq, "type": self.type, "at": self.at, "actor_id": self.actor_id}
        return head | body


def about_message(form: Any, body: dict[str, Any]) -> dict[str, Any]:
    """What fills a change about a message, for somebody who sees the message in this form; nothing else for who may not."""
    return {"message": None} if form is None else {**body, "message": form}


class Feed:
    """What has a feed: `seq` is its last change, `floor` the last one that was trimmed.

    `locked` is true only between the read of the row under its lock and the commit; only then may `seq` rise.
    """

    id: Mapped[str]
    seq: Mapped[int] = mapped_column(BigInteger, default=0)
    floor: Mapped[int] = mapped_column(BigInteger, default=0)

    locked = False
    name = ""

    def take_seq(self) -> int:
        """The feed's next number, without holes because the row stays locked until the commit."""
        self.must_be_locked()
        self.seq += 1
        return self.seq

    def must_be_locked(self) -> None:
        """A fault of ours, not of a caller: what hangs on the feed is changed under its row lock only."""
        if not self.locked:
            raise RuntimeError(f"{self!r} changed without its row lock")

    def trim(self, up_to: int) -> None:
        """Forget the changes up to this seq; a cursor below it is answered with `reset` from now on."""
        self.floor = max(self.floor, up_to)
        db.session.execute(delete(Change).where(Change.feed_id == self.id, Change.seq <= up_to))

    def audience(self) -> Audience:
        """Who hears a change committed now."""
        raise NotImplementedError

    def record(self, type: str, actor_id: str | None, at: datetime, subject: str | None, data: dict[str, Any]) -> Occurrence:
        """Append a change to this feed."""
        change = Change(feed_id=self.id, seq=self.take_seq(), type=type, subject=subject, actor_id=actor_id, at=at, data=data)
        db.session.add(change)
        return Occurrence(self.name or self.id, change.seq, type, at, actor_id, self.audience(), subject)


F = TypeVar("F", bound=Feed)


def lock(kind: type[F], ids: Iterable[str]) -> list[F]:
    """These feeds with their rows locked, in the order of their ids so that two callers never wait for each other.

    NO KEY UPDATE, because inserts that refer to the row need not wait. What depends on the feed (members, settings)
    must be read after this returns: a statement that waited for the lock still sees the state from before its wait.
    """
    query = select(kind).where(kind.id.in_(sorted(set(ids)))).order_by(kind.id).with_for_update(key_share=True)
    feeds = list(db.session.scalars(query.execution_options(populate_existing=True)))
    for feed in feeds:
        feed.locked = True
    return feeds
