"""What people see: the messages of their stays, but those that they have hidden; and no quote of what they do not see.

Every query that reads messages on somebody's behalf stands here.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select

from chatx.extensions import db
from chatx.models.hidden import HiddenRange
from chatx.models.membership import Membership
from chatx.models.message import Message, Place
from chatx.models.spans import covers


class Sight:
    """What one person sees of the rooms of these stays of theirs; hidden: what they have hidden there, by room id."""

    def __init__(self, stays: Iterable[Membership]) -> None:
        self._stays = {stay.room_id: stay for stay in stays}
        user_id = next((stay.user_id for stay in self._stays.values()), "")
        self.hidden = HiddenRange.of(user_id, self._stays)

    def sees(self, place: Place) -> bool:
        room_id, seq = place
        stay = self._stays.get(room_id)
        return stay is not None and stay.sees(seq) and not covers(self.hidden[room_id], seq)

    def show(self, messages: Iterable[Message]) -> dict[Place, Message]:
        """Those of them that this person sees, as they see them, by place."""
        return Message.quoting((message for message in messages if self.sees(message.place)), self.sees)

    def at_all(self, places: Iterable[Place]) -> dict[Place, Message]:
        """What they see at these places, in two queries."""
        return self.show(Message.at_all({place for place in places if self.sees(place)}))


def visible_to(stay: Membership) -> ColumnElement[bool]:
    """The condition on messages of a room that this person may see them."""
    inside = or_(*(Message.seq >= low if high is None else Message.seq.between(low, high) for low, high in stay.stays))
    return and_(inside, ~HiddenRange.hides(stay.room_id, stay.user_id, Message.seq))


def window(stay: Membership, *, low: int, high: int, limit: int, newest: bool) -> list[Message]:
    """Ascending by seq: at most `limit` messages with low ≤ seq ≤ high that this person may see, from either end."""
    query = select(Message).where(Message.room_id == stay.room_id, Message.seq.between(low, high), visible_to(stay))
    query = query.order_by(Message.seq.desc() if newest else Message.seq).limit(limit)
    found = list(db.session.scalars(query))
    return found[::-1] if newest else found


def last_places(stays: Sequence[Membership]) -> list[Place]:
    """Where the last message stands that each of these people may see, each found from the end of its room."""
    if not stays:
        return []
    latest = [
        select(func.max(Message.seq)).where(Message.room_id == stay.room_id, visible_to(stay)).correlate(None).scalar_subquery()
        for stay in stays
    ]
    matches = [and_(Message.room_id == stay.room_id, Message.seq == last) for stay, last in zip(stays, latest, strict=True)]
    return [(room_id, seq) for room_id, seq in db.session.execute(select(Message.room_id, Message.seq).where(or_(*matches)))]


class Unquoted:
    """A message as somebody sees it who does not see the one it answers."""

    reply_to = None

    def __init__(self, message: Any) -> None:
        self._message = message

    def __getattr__(self, name: str) -> Any:
        return getattr(self._message, name)


def forms_of(message: Any, newest: int) -> list[tuple[list[str], Unquoted | None]]:
    """Who of those who hear of a message see it otherwise than the others, and how; None: not at all.

    newest: where the latest of them joined, so that in the usual case nobody is asked for. What people have hidden
    themselves is not among it: it was theirs, and their clients leave it out.
    """
    quoted = message.reply_to_seq
    oldest = message.seq if quoted is None else min(message.seq, quoted)
    if newest <= oldest:
        return []
    query = select(Membership).where(Membership.room_id == message.room_id, Membership.hears(), Membership.joined_seq > oldest)
    came_later = list(db.session.scalars(query))
    blind = [stay.user_id for stay in came_later if not stay.sees(message.seq)]
    unquoted = [stay.user_id for stay in came_later if stay.sees(message.seq) and quoted is not None and not stay.sees(quoted)]
    return [(people, form) for people, form in ((blind, None), (unquoted, Unquoted(message))) if people]
