"""What is unread: a formula of how far a person has read and of what was said, never a counter."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, ScalarSelect, and_, func, or_, select

from chatx.extensions import db
from chatx.models.hidden import HiddenRange
from chatx.models.membership import Membership
from chatx.models.mention import Mention
from chatx.models.message import SYSTEM, Message
from chatx.models.sight import visible_to


@dataclass(frozen=True, slots=True)
class UnreadTotals:
    """What a badge shows: rooms with something unread or marked so, their unread messages, and those that mention one."""

    rooms: int
    messages: int
    mentions: int


def unread_in(user_id: str, room_ids: Collection[str]) -> dict[str, tuple[int, int]]:
    """(unread messages, those of them that mention this person) of each of these rooms that they are in, in one query."""
    if not room_ids:
        return {}
    query = select(Membership.room_id, _unread(user_id), _mentions(user_id)).where(_of(user_id), Membership.room_id.in_(room_ids))
    return {room_id: (unread, mentions) for room_id, unread, mentions in db.session.execute(query)}


def unread_totals(user_id: str, now: datetime) -> UnreadTotals:
    """Over all rooms of this person but the muted and the archived ones, in one query however many there are."""
    heeded = and_(~Membership.archived, or_(Membership.muted_until.is_(None), Membership.muted_until <= now))
    query = select(Membership.marked_unread, _unread(user_id), _mentions(user_id)).where(_of(user_id), heeded)
    figures = db.session.execute(query).all()
    return UnreadTotals(
        rooms=sum(bool(marked or unread) for marked, unread, _ in figures),
        messages=sum(unread for _, unread, _ in figures),
        mentions=sum(mentions for _, _, mentions in figures),
    )


def first_unread_in(stay: Membership) -> int | None:
    """Where the first of the messages stands that are unread in this room, and that this person sees."""
    beyond = and_(Message.room_id == stay.room_id, Message.seq > stay.read_seq, visible_to(stay))
    query = select(Message.seq).where(beyond, Message.sender_id != stay.user_id, Message.deleted_at.is_(None))
    return db.session.scalar(query.order_by(Message.seq).limit(1))


def _of(user_id: str) -> ColumnElement[bool]:
    """The stays of this person that have not ended."""
    return and_(Membership.user_id == user_id, Membership.going_on())


def _unread(user_id: str) -> ScalarSelect[int]:
    """The formula: what others said beyond read_seq and was not deleted; not what merely happened.

    A subquery, so that only that range is ever read.
    """
    beyond = and_(Message.room_id == Membership.room_id, Message.seq > Membership.read_seq, _seen(user_id))
    return _counted(beyond, Message.sender_id != user_id, Message.deleted_at.is_(None), Message.type != SYSTEM)


def _mentions(user_id: str) -> ScalarSelect[int]:
    """Of these messages those that mention this person."""
    beyond = and_(Mention.room_id == Membership.room_id, Mention.seq > Membership.read_seq, _names(user_id))
    said = and_(Message.room_id == Mention.room_id, Message.seq == Mention.seq)
    conditions = (beyond, said, _seen(user_id), Message.sender_id != user_id, Message.deleted_at.is_(None))
    return _counted(*conditions, what=func.count(Mention.seq.distinct()))


def _names(user_id: str) -> ColumnElement[bool]:
    """It names this person, or everyone in the room, which does not count where it was said while they had everyone muted."""
    muted = Membership.everyone_muted_until
    loud = or_(muted.is_(None), Message.created_at >= muted)
    return or_(Mention.user_id == user_id, and_(Mention.user_id == Membership.room_id, loud))


def _seen(user_id: str) -> ColumnElement[bool]:
    """What a person whom they block says is not unread, nor what they have hidden: they do not see it."""
    heard = or_(Membership.deaf_from.is_(None), Message.seq < Membership.deaf_from)
    return and_(heard, ~HiddenRange.hides(Message.room_id, user_id, Message.seq))


def _counted(*conditions: ColumnElement[bool], what: ColumnElement[int] | None = None) -> ScalarSelect[int]:
    return select(func.count() if what is None else what).where(*conditions).correlate(Membership).scalar_subquery()
