"""Reactions as they are shown: summed up by emoji, for many messages at once, as one person sees them."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, func, or_, select

from chatx.models.any_of import AnyOf
from chatx.models.membership import Membership
from chatx.models.message import Message, Place
from chatx.models.reaction import Reaction
from chatx.models.seen import Seen
from config import LIMITS

LARGEST_SEQ = 2**63 - 1
Form = tuple[Sequence[str], Any]  # who sees a message so, and what they see


@dataclass(slots=True)
class Reactions:
    """All reactions to a message with one emoji. oldest: the change that made the first; user_ids: whose are the newest."""

    emoji: str
    oldest: int
    count: int = 0
    user_ids: list[str] = field(default_factory=list)
    mine: bool = False

    def add(self, row: Any, viewer_id: str | None) -> None:
        """One of them; the newest tells the number of all that are only for the same person."""
        self.oldest = min(self.oldest, row.oldest)
        self.count += row.given if row.nth == 1 else 0
        self.mine |= row.user_id == viewer_id
        if row.nth <= LIMITS["people_shown"]:
            self.user_ids.append(row.user_id)


def show_reactions(seen: Iterable[tuple[Message, Membership | None]], unreacted: Collection[Place] = ()) -> None:
    """Let these messages have their reactions as the person of this stay sees them, or as everybody does; in one query.

    unreacted: where it is known that there are none.
    """
    messages = {message.place: (message, stay) for message, stay in seen}
    asked = {place: stay for place, (message, stay) in messages.items() if place not in unreacted and message.deleted_at is None}
    summed_up, divided = _summed_up(asked)
    for place, (message, _) in messages.items():
        message.reactions, message.divided = summed_up.get(place, ()), place in divided


def each_their_own(message: Any, people: Sequence[str], forms: Iterable[Form]) -> list[Form]:
    """How each of a pair sees a message who see other reactions; forms: who else sees it otherwise than the others, and how."""
    otherwise = {user_id: form for some, form in forms for user_id in some}
    own: list[Form] = []
    for stay in Membership.of_room(message.room_id, people):
        form = otherwise.get(stay.user_id, message)
        reactions, _ = _summed_up({message.place: stay})
        own.append(((stay.user_id,), form and Seen(form, reactions=reactions[message.place])))
    return own


def _summed_up(seen: Mapping[Place, Membership | None]) -> tuple[dict[Place, list[Reactions]], set[Place]]:
    """The reactions at these places by emoji, the most frequent first; and the places where a pair is divided."""
    by_emoji: dict[Place, dict[str, Reactions]] = {place: {} for place in seen}
    divided = set()
    for row in _newest(seen):
        place = (row.room_id, row.seq)
        stay = seen[place]
        viewer_id = stay.user_id if stay else None
        if row.only_for is not None:
            divided.add(place)
        if row.only_for in (None, viewer_id):
            by_emoji[place].setdefault(row.emoji, Reactions(row.emoji, row.oldest)).add(row, viewer_id)
    ordered = {place: sorted(each.values(), key=lambda one: (-one.count, one.oldest)) for place, each in by_emoji.items()}
    return ordered, divided


def _newest(seen: Mapping[Place, Membership | None]) -> list[Any]:
    """The newest few of each emoji, and the viewers' own, with their number; the others are counted and never read."""
    by_room: dict[tuple[str, int], list[int]] = {}
    for (room_id, seq), stay in seen.items():
        left_seq = stay.left_seq if stay else None
        by_room.setdefault((room_id, LARGEST_SEQ if left_seq is None else left_seq), []).append(seq)
    viewers = list({stay.user_id for stay in seen.values() if stay})
    return _NEWEST.rows([(room_id, seqs, end) for (room_id, end), seqs in by_room.items()], viewers=viewers)


def _newest_few(fits: ColumnElement[bool]) -> Select[Any]:
    """The query for them among the reactions that fit."""
    alike = (Reaction.room_id, Reaction.seq, Reaction.emoji, Reaction.only_for)
    ranked = select(
        Reaction.room_id,
        Reaction.seq,
        Reaction.user_id,
        Reaction.change_seq,
        Reaction.emoji,
        Reaction.only_for,
        func.row_number().over(partition_by=alike, order_by=Reaction.change_seq.desc()).label("nth"),
        func.count().over(partition_by=alike).label("given"),
        func.min(Reaction.change_seq).over(partition_by=alike).label("oldest"),
    )
    each = ranked.where(fits).subquery()
    few = or_(each.c.nth <= LIMITS["people_shown"], each.c.user_id.in_(bindparam("viewers")))
    return select(each).where(few).order_by(each.c.change_seq.desc())


# Of what came after somebody has left they see nothing.
_NEWEST = AnyOf(
    _newest_few,
    lambda room_id, seqs, end: and_(Reaction.room_id == room_id, Reaction.seq.in_(seqs), Reaction.change_seq <= end),
)
