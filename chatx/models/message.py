"""Messages, keyed first by room so that they partition and distribute by it. Who may see them is told by `sight`."""

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import JSON, BigInteger, Index, Integer, String, Text, and_, event, select
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.orm.attributes import set_committed_value

from chatx.extensions import Model, db
from chatx.models.any_of import AnyOf
from chatx.models.base import Id, Moment, new_id
from chatx.models.content import Content, fill
from chatx.models.elsewhere import Elsewhere
from chatx.models.expiring import EXPIRES, Expiring
from chatx.models.mention import Mention
from chatx.models.message_edit import MessageEdit
from chatx.models.part import PartOfMessage
from chatx.models.search.tables import SearchEntry

if TYPE_CHECKING:
    from chatx.models.reaction_view import Reactions

Place = tuple[str, int]  # (room id, seq)
SYSTEM = "system"  # the type of a line that says what happened
# What a tombstone has none of any more; it keeps who said something there, and when.
NOTHING: dict[str, Any] = {"type": "deleted", "text": None, "data": {}, "mentions": [], "reply_to_seq": None, "edited_at": None}
NOTHING |= {"forward_score": 0, "expires_at": None, "kept": None, "reply_to_room_id": None, "preview": None}


class Message(Expiring, Model):
    """What someone said. Its row carries the seq of the room's feed: a new message is its own change.

    mentions: people, and the room itself where it mentions everyone.
    reply_to_seq: the message it answers; what the quote shows is read from there, so that it never outlives it.
    reply_to_room_id: where that stands, if in a group and the answer is in the direct room with who said it.
    divided: the two of a direct room see other reactions each.
    preview: of its first link, with the seq of the change that brought it.
    """

    __tablename__ = "messages"
    __table_args__ = (Index(None, "room_id", "expires_at", postgresql_where=EXPIRES, sqlite_where=EXPIRES),)

    # No foreign key: a message is written under the lock of its room, so the room is there, and need not be looked for.
    room_id: Mapped[str] = mapped_column(Id, primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    id: Mapped[str] = mapped_column(Id, default=new_id)
    sender_id: Mapped[str] = mapped_column(Id)
    client_id: Mapped[str] = mapped_column(String(72))
    type: Mapped[str] = mapped_column(String(16))
    text: Mapped[str | None] = mapped_column(Text)
    data: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    reply_to_seq: Mapped[int | None] = mapped_column(BigInteger)
    reply_to_room_id: Mapped[str | None] = mapped_column(Id)
    mentions: Mapped[list[str]] = mapped_column(JSON, default=list)
    forward_score: Mapped[int] = mapped_column(Integer, default=0)
    created_at: Mapped[datetime] = mapped_column(Moment)
    edited_at: Mapped[datetime | None] = mapped_column(Moment)
    preview: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))

    # Not columns: the answered message, the reactions, and what the data shows, once somebody looked it up.
    __allow_unmapped__ = True
    reply_to: Any = None
    reactions: "Sequence[Reactions]"
    divided = False
    _shown: dict[str, Any] | None = None

    @property
    def place(self) -> Place:
        return self.room_id, self.seq

    @property
    def answered(self) -> Place | None:
        """Where the message stands that it answers."""
        return None if self.reply_to_seq is None else (self.reply_to_room_id or self.room_id, self.reply_to_seq)

    @property
    def shown(self) -> dict[str, Any]:
        """The data as clients get it, with what other tables know of it."""
        if self.type not in Content.known:
            return self.data
        if self._shown is None:
            fill([self])
        assert self._shown is not None
        return self._shown

    def show(self, shown: dict[str, Any] | None) -> None:
        """Note what the data shows; None: it is to be looked up again."""
        self._shown = shown

    def revise(self, text: str, mentions: list[str], now: datetime, *, change_seq: int, hearers: Collection[str]) -> None:
        """Say it in other words, by the change that takes this seq and is heard by these people; the ones before are kept."""
        assert self.text is not None
        written_at = self.edited_at or self.created_at
        db.session.add(
            MessageEdit(
                room_id=self.room_id,
                seq=self.seq,
                change_seq=change_seq,
                text=self.text,
                mentions=self.mentions,
                written_at=written_at,
                replaced_at=now,
            )
        )
        Mention.replace(self.room_id, self.seq, self.mentions, mentions, hearers)
        self.text, self.mentions, self.edited_at, self.preview = text, mentions, now, None
        SearchEntry.revise(self)

    def erase(self, now: datetime) -> None:
        """Leave a tombstone: who said something here, and when, and not what."""
        Content.unset_timers([self])
        PartOfMessage.erase(*self.place)
        for name, nothing in NOTHING.items():
            setattr(self, name, nothing)
        self.deleted_at, self.reply_to = now, None
        self.reactions, self.divided = (), False

    @classmethod
    def at(cls, room_id: str, seq: int) -> "Message | None":
        """The message with the one it answers at hand."""
        return cls.quoting(cls.at_all([(room_id, seq)])).get((room_id, seq))

    @classmethod
    def at_all(cls, places: Iterable[Place]) -> list["Message"]:
        """The messages at these places."""
        by_room: dict[str, list[int]] = {}
        for room_id, seq in places:
            by_room.setdefault(room_id, []).append(seq)
        return [message for (message,) in _AT.rows(list(by_room.items()))]

    @classmethod
    def quoting(
        cls, messages: Iterable["Message"], may_quote: Callable[["Message"], bool] = lambda message: not message.reply_to_room_id
    ) -> dict[Place, "Message"]:
        """The same messages by place, with the ones they answer and what they show at hand, in a query each.

        may_quote: asked of those that answer one. Of one in another room nothing is quoted unless it says so.
        """
        by_place = {message.place: message for message in messages}
        quoting = {message.place for message in by_place.values() if message.answered and may_quote(message)}
        answered = {
            message.answered for message in by_place.values() if message.place in quoting or message.reply_to_room_id is not None
        }
        originals = {original.place: original for original in cls.at_all(filter(None, answered))}
        for message in by_place.values():
            original = originals.get(message.answered) if message.answered else None
            elsewhere = original and message.reply_to_room_id and Elsewhere.of(original)
            message.reply_to = original if message.place in quoting else elsewhere or None
        fill(by_place.values())
        return by_place

    @classmethod
    def ranges(cls, ranges: Sequence[tuple[str, int, int]]) -> list["Message"]:
        """The messages of these (room_id, after, up_to)."""
        return [message for (message,) in _IN.rows(ranges)]


_AT = AnyOf(select(Message).where, lambda room_id, seqs: and_(Message.room_id == room_id, Message.seq.in_(seqs)))
_IN = AnyOf(
    select(Message).where,
    lambda room_id, after, up_to: and_(Message.room_id == room_id, Message.seq > after, Message.seq <= up_to),
)


@event.listens_for(Message, "load")
@event.listens_for(Message, "refresh")
def _as_tombstone(message: Message, *_: Any) -> None:
    """One that is overdue looks as it will once a worker comes, whoever loads it and whatever for."""
    if message.expires_at is not None and message.expires_at <= datetime.now(UTC):
        set_committed_value(message, "deleted_at", message.expires_at)
        for name, nothing in NOTHING.items():
            set_committed_value(message, name, nothing)
