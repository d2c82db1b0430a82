"""What people see: the messages of their stays, but those that they have hidden, and no quote of what they do not see.

Whatever reads messages on somebody's behalf begins here.
"""

from collections.abc import Collection, Iterable, Sequence

from sqlalchemy import ColumnElement, and_, func, or_, select

from chatx.extensions import db
from chatx.models.hidden import HiddenRange
from chatx.models.left import as_left
from chatx.models.membership import Membership
from chatx.models.message import SYSTEM, Message, Place
from chatx.models.reaction_view import show_reactions
from chatx.models.seen import Seen, earlier_words, in_earlier_words
from chatx.models.spans import Span, covers


class Sight:
    """What one person sees of the rooms of these stays of theirs; hidden: what they have hidden there, by room id."""

    def __init__(self, stays: Iterable[Membership]) -> None:
        self._stays: dict[str, Membership] = {}
        self.hidden: dict[str, list[Span]] = {}
        self._add(stays)

    def sees(self, place: Place) -> bool:
        room_id, seq = place
        stay = self._stays.get(room_id)
        return stay is not None and stay.sees(seq) and not covers(self.hidden[room_id], seq)

    def show(self, messages: Iterable[Message], unreacted: Collection[Place] = ()) -> dict[Place, Message | Seen]:
        """Those of them that this person sees, as they see them, by place. Nobody has reacted to the unreacted ones."""
        mine = [message for message in messages if self.sees(message.place)]
        self._look_at({message.reply_to_room_id for message in mine if message.reply_to_room_id})
        seen = Message.quoting(mine, self._quotes)
        show_reactions(((message, self._stays[message.room_id]) for message in seen.values()), unreacted)
        earlier = earlier_words(self._stays, seen.values())
        return as_left(self._stays, {place: in_earlier_words(message, earlier) for place, message in seen.items()})

    def _add(self, stays: Iterable[Membership]) -> None:
        new = {stay.room_id: stay for stay in stays}
        self._stays |= new
        self.hidden |= {room_id: [] for room_id in new}
        if hiding := [stay for stay in new.values() if stay.has_hidden]:
            self.hidden |= HiddenRange.of_person(hiding[0].user_id, [stay.room_id for stay in hiding])

    def _look_at(self, room_ids: Collection[str]) -> None:
        """Private replies quote what was said in these rooms, some of which the person may be in."""
        others = set(room_ids).difference(self._stays)
        if others:
            user_id = next(iter(self._stays.values())).user_id
            self._add(stay for stay in Membership.of_pairs((room_id, user_id) for room_id in others) if stay.goes_on)

    def _quotes(self, message: Message) -> bool:
        """What stands in another room is quoted for who is there now, and sees it."""
        assert message.answered is not None
        elsewhere = message.reply_to_room_id
        return self.sees(message.answered) and (elsewhere is None or self._stays[elsewhere].end is None)

    def at_all(self, places: Iterable[Place]) -> dict[Place, Message | Seen]:
        """What they see at these places, in a few queries."""
        return self.show(Message.at_all({place for place in places if self.sees(place)}))


def quote_elsewhere(message: Message, stay: Membership) -> None:
    """Let a private reply have its quote as the person of this stay sees it."""
    if message.reply_to_room_id is not None:
        seen = Sight([stay]).show([message]).get(message.place)
        message.reply_to = message.reply_to if seen is None else seen.reply_to


def readable(keys: Iterable[tuple[str, str, int]]) -> set[tuple[str, str, int]]:
    """Those of these (user id, room id, seq) where a message stands that this person sees and nobody has deleted."""
    wanted = set(keys)
    stays: dict[str, list[Membership]] = {user_id: [] for user_id, _, _ in wanted}
    for stay in Membership.of_pairs((room_id, user_id) for user_id, room_id, _ in wanted):
        if not stay.hidden:
            stays[stay.user_id].append(stay)
    sights = {user_id: Sight(seen) for user_id, seen in stays.items()}
    places = Message.at_all((room_id, seq) for _, room_id, seq in wanted)
    said = {message.place for message in places if message.deleted_at is None}
    return {key for key in wanted if key[1:] in said and sights[key[0]].sees(key[1:])}


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
    """Where the last message stands that each of these people may see, each found from the end of its room; no mere line."""
    if not stays:
        return []
    latest = [
        select(func.max(Message.seq))
        .where(Message.room_id == stay.room_id, visible_to(stay), Message.type != SYSTEM)
        .correlate(None)
        .scalar_subquery()
        for stay in stays
    ]
    matches = [and_(Message.room_id == stay.room_id, Message.seq == last) for stay, last in zip(stays, latest, strict=True)]
    return [(room_id, seq) for room_id, seq in db.session.execute(select(Message.room_id, Message.seq).where(or_(*matches)))]
