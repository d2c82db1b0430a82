"""Receipts: when the marks of members moved, and what that says of one message."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, ScalarSelect, String, and_, cast, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Mapped, mapped_column

from chatx.extensions import Model, db
from chatx.models.base import Id, Moment
from chatx.models.membership import Membership
from chatx.models.message import Message
from chatx.models.room import Room

SHOWN = {"delivered": "delivered_seq", "read": "shown_read_seq"}


class ReceiptMove(Model):
    """A mark that others are shown rose up to `seq`: one row a move, however many messages it passed, and never changed."""

    __tablename__ = "receipt_moves"

    room_id: Mapped[str] = mapped_column(Id, ForeignKey("rooms.id"), primary_key=True)
    user_id: Mapped[str] = mapped_column(Id, primary_key=True)
    kind: Mapped[str] = mapped_column(String(9), primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(Moment)


@dataclass(frozen=True, slots=True)
class MessageReceipt:
    """When one message reached one person, and when they read it; None: not yet, not before they left, or not to be told."""

    user_id: str
    delivered_at: datetime | None
    read_at: datetime | None


@dataclass(frozen=True, slots=True)
class Moved:
    """What became of marks: whether any moved, and whether one of those that others are shown did."""

    own: bool
    shown: bool


def raise_marks(room: Room, stay: Membership, now: datetime, *, delivered: int, read: int = 0, shows: bool = True) -> Moved:
    """Raise the marks, never beyond what there is to get. shows: the others are told that it was read.

    What was read without telling is told of later only by reading on; and one who is deaf shows nothing at all.
    """
    room.must_be_locked()
    before, end = stay.read_seq, stay.reach(room.seq)
    stay.read_seq = max(before, min(read, end))
    has_read = stay.read_seq > before
    wanted = {"delivered": min(delivered, end), "read": stay.read_seq if has_read and shows else 0}
    if stay.deaf_from is not None:
        return Moved(has_read, shown=False)
    shown = [_show(stay, kind, seq, now) for kind, seq in wanted.items()]
    return Moved(has_read or any(shown), any(shown))


def _show(stay: Membership, kind: str, seq: int, now: datetime) -> bool:
    """Move a mark that others are shown, and note when; whether it was below."""
    if seq <= getattr(stay, SHOWN[kind]):
        return False
    setattr(stay, SHOWN[kind], seq)
    db.session.add(ReceiptMove(room_id=stay.room_id, user_id=stay.user_id, kind=kind, seq=seq, at=now))
    return True


def receipts_of(message: Message, after: str | None, limit: int) -> list[MessageReceipt]:
    """The others who were in the room when it was said, by user id, in three queries however many there are."""
    ends = _ends_of_stays(message, after, limit)
    if not ends:
        return []
    first = [_first(column, kind, message) for kind in SHOWN for column in (ReceiptMove.seq, ReceiptMove.at)]
    query = select(Membership.user_id, *first).where(Membership.room_id == message.room_id, Membership.user_id.in_(ends))
    receipts = []
    for user_id, *moves in db.session.execute(query.order_by(Membership.user_id)):
        delivered, delivered_at, read, read_at = moves
        end = ends[user_id]
        receipts.append(MessageReceipt(user_id, _within(end, delivered, delivered_at), _within(end, read, read_at)))
    return receipts


def _ends_of_stays(message: Message, after: str | None, limit: int) -> dict[str, int | None]:
    """Who they are, and where the stay ended in which they were there; None: it goes on."""
    others = and_(Membership.room_id == message.room_id, Membership.user_id != message.sender_id)
    if after:
        others = and_(others, Membership.user_id > after)
    ended_later = or_(Membership.left_seq.is_(None), Membership.left_seq >= message.seq)
    in_last_stay = select(Membership.user_id, Membership.left_seq).where(
        others, Membership.joined_seq <= message.seq, ended_later
    )
    ends = {user_id: end for user_id, end in db.session.execute(in_last_stay.order_by(Membership.user_id).limit(limit))}
    # Only those who came back may have been there in an earlier stay: few, so that theirs are searched here.
    came_back = and_(others, Membership.joined_seq > message.seq, cast(Membership.past_stays, String) != "[]")
    for stay, kind in db.session.execute(select(Membership, Room.kind).join(Room).where(came_back)):
        high = next((high for low, high in stay.stays if high is not None and low <= message.seq <= high), None)
        if high is not None or kind == "direct":
            ends[stay.user_id] = high or 0  # nobody leaves a direct room: it was withheld, and no mark has reached it
    return dict(sorted(ends.items())[:limit])


def _first(
    column: InstrumentedAttribute[int] | InstrumentedAttribute[datetime], kind: str, message: Message
) -> ScalarSelect[object]:
    """Of the first move of a member's mark that reached the message: one seek in the primary key."""
    query = select(column).where(
        ReceiptMove.room_id == message.room_id,
        ReceiptMove.user_id == Membership.user_id,
        ReceiptMove.kind == kind,
        ReceiptMove.seq >= message.seq,
    )
    return query.order_by(ReceiptMove.seq).limit(1).correlate(Membership).scalar_subquery()


def _within(end: int | None, seq: int | None, at: datetime | None) -> datetime | None:
    """A mark that moved after they had left and come back says nothing of what they missed before."""
    return at if seq is not None and (end is None or seq <= end) else None
