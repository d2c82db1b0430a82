"""Messages, keyed first by room so that they partition and distribute by it, and who is mentioned in them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ColumnElement, ForeignKey, Integer, String, Text, and_, func, or_, select
from sqlalchemy.orm import Mapped, mapped_column

from chatx.extensions import Model, db
from chatx.models.base import Id, Moment, new_id
from chatx.models.bulk import insert_all
from chatx.models.membership import Membership

Place = tuple[str, int]  # (room id, seq)


class Message(Model):
    """What someone said. Its row carries the seq of the room's feed: a new message is its own change.

    reply_to_seq: the message it answers; what the quote shows is read from there, so that it never outlives it.
    """

    __tablename__ = "messages"

    # No foreign key: a message is written under the lock of its room, so the room is there, and need not be looked for.
    room_id: Mapped[str] = mapped_column(Id, primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    id: Mapped[str] = mapped_column(Id, default=new_id)
    sender_id: Mapped[str] = mapped_column(Id)
    client_id: Mapped[str] = mapped_column(String(64))
    type: Mapped[str] = mapped_column(String(16))
    text: Mapped[str | None] = mapped_column(Text)
    data: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    reply_to_seq: Mapped[int | None] = mapped_column(BigInteger)
    mentions: Mapped[list[str]] = mapped_column(JSON, default=list)
    forward_score: Mapped[int] = mapped_column(Integer, default=0)
    created_at: Mapped[datetime] = mapped_column(Moment)
    edited_at: Mapped[datetime | None] = mapped_column(Moment)
    deleted_at: Mapped[datetime | None] = mapped_column(Moment)
    expires_at: Mapped[datetime | None] = mapped_column(Moment)

    # Not a column: the answered message, once `with_quotes` looked it up.
    __allow_unmapped__ = True
    reply_to: "Message | None" = None

    @classmethod
    def keep_all(cls, said: Sequence["Said"]) -> None:
        """Write new messages with their mentions, and the rooms that they were said in; one statement a table."""
        insert_all(cls, [message.row() for message in said])
        insert_all(
            Mention,
            [
                {"room_id": message.room_id, "user_id": user_id, "seq": message.seq}
                for message in said
                for user_id in message.mentions
            ],
        )

    @classmethod
    def at(cls, room_id: str, seq: int) -> "Message | None":
        return db.session.get(cls, (room_id, seq))

    @classmethod
    def at_all(cls, places: Iterable[tuple[str, int | None]]) -> list["Message"]:
        """The messages at these (room_id, seq), quotes filled in; in two queries whatever their number."""
        return with_quotes(cls._at_all(places))

    @classmethod
    def _at_all(cls, places: Iterable[tuple[str, int | None]]) -> list["Message"]:
        by_room: dict[str, list[int]] = {}
        for room_id, seq in places:
            if seq is not None:
                by_room.setdefault(room_id, []).append(seq)
        if not by_room:
            return []
        matches = [and_(cls.room_id == room_id, cls.seq.in_(seqs)) for room_id, seqs in by_room.items()]
        return list(db.session.scalars(select(cls).where(or_(*matches))))

    @classmethod
    def window(cls, stay: Membership, *, low: int, high: int, limit: int, newest: bool) -> list["Message"]:
        """Ascending by seq: at most `limit` messages with low ≤ seq ≤ high that this person may see, from either end."""
        query = select(cls).where(cls.room_id == stay.room_id, cls.seq.between(low, high), visible_to(stay))
        query = query.order_by(cls.seq.desc() if newest else cls.seq).limit(limit)
        found = list(db.session.scalars(query))
        return found[::-1] if newest else found

    @classmethod
    def last_places(cls, stays: Sequence[Membership]) -> list[Place]:
        """Where the last message stands that each of these people may see, each found from the end of its room."""
        if not stays:
            return []
        latest = [
            select(func.max(cls.seq)).where(cls.room_id == stay.room_id, visible_to(stay)).correlate(None).scalar_subquery()
            for stay in stays
        ]
        matches = [and_(cls.room_id == stay.room_id, cls.seq == last) for stay, last in zip(stays, latest, strict=True)]
        return [(room_id, seq) for room_id, seq in db.session.execute(select(cls.room_id, cls.seq).where(or_(*matches)))]

    @classmethod
    def ranges(cls, ranges: Sequence[tuple[str, int, int]]) -> list["Message"]:
        """The messages of these (room_id, after, up_to), in one query."""
        if not ranges:
            return []
        matches = [and_(cls.room_id == room, cls.seq > after, cls.seq <= up_to) for room, after, up_to in ranges]
        return with_quotes(list(db.session.scalars(select(cls).where(or_(*matches)).order_by(cls.room_id, cls.seq))))


@dataclass(slots=True)
class Said:
    """A message that is being said: all that its row will hold, without the weight of one."""

    room_id: str
    seq: int
    sender_id: str
    client_id: str
    created_at: datetime
    type: str
    text: str
    data: dict[str, Any]
    mentions: list[str]
    reply_to_seq: int | None
    reply_to: "Message | Said | None"
    id: str = field(default_factory=new_id)
    forward_score: int = 0
    edited_at: None = None
    deleted_at: None = None
    expires_at: None = None

    def row(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in _COLUMNS}


_COLUMNS = [column.name for column in Message.__table__.columns]


class Repeated:
    """The message that a client_id made before, as the answer to its repeat."""

    duplicate = True

    def __init__(self, message: Message | Said) -> None:
        self._message = message

    def __getattr__(self, name: str) -> Any:
        return getattr(self._message, name)


class Mention(Model):
    """Someone was mentioned: what the count of unread mentions is computed from."""

    __tablename__ = "mentions"

    room_id: Mapped[str] = mapped_column(Id, ForeignKey("rooms.id"), primary_key=True)
    user_id: Mapped[str] = mapped_column(Id, primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)


def visible_to(stay: Membership) -> ColumnElement[bool]:
    """The condition on messages of a room that this person may see them."""
    return or_(
        *(Message.seq >= low if high is None else Message.seq.between(low, high) for low, high in stay.stays),
    )


def with_quotes(messages: list[Message]) -> list[Message]:
    """The same messages with the ones they answer at hand, in one query."""
    answered = {(message.room_id, message.reply_to_seq) for message in messages if message.reply_to_seq is not None}
    originals = {(original.room_id, original.seq): original for original in Message._at_all(answered)}
    for message in messages:
        if message.reply_to_seq is not None:
            message.reply_to = originals.get((message.room_id, message.reply_to_seq))
    return messages
