"""Stays that something said in their room changes: it ends the draft of who says it, and brings archived rooms back."""

from collections.abc import Collection, Iterable, Mapping

from sqlalchemy import and_, or_, select, update

from chatx.extensions import db
from chatx.models.membership import Membership

Pair = tuple[str, str]  # (room id, user id)
Spoken = Mapping[str, Collection[str]]  # who writes in each room where something is said; it may be by no hand of anybody


def stirred_by(spoken: Spoken) -> list[Pair]:
    """The stays that may change, in one query over the few that can at all; mostly none."""
    writers = {user_id for people in spoken.values() for user_id in people}
    returns = and_(Membership.comes_back, Membership.hears())
    ends = and_(Membership.draft.is_not(None), Membership.user_id.in_(writers))
    query = select(Membership.room_id, Membership.user_id).where(Membership.room_id.in_(spoken), or_(returns, ends))
    return [(room_id, user_id) for room_id, user_id in db.session.execute(query)]


def stir(pairs: Iterable[Pair], spoken: Spoken) -> list[Membership]:
    """Change those of these stays that are to change; asked under the locks of their people's feeds."""
    return [stay for stay in Membership.of_pairs(pairs) if _stir(stay, spoken[stay.room_id])]


def keep_archived(user_id: str, *, keep: bool) -> None:
    """Whether what this person has archived stays so when something is said there."""
    mine = update(Membership).where(Membership.user_id == user_id, Membership.archived).values(comes_back=not keep)
    db.session.execute(mine, execution_options={"synchronize_session": False})


def _stir(stay: Membership, writers: Collection[str]) -> bool:
    returns = stay.comes_back and stay.end is None
    ends = stay.draft is not None and stay.user_id in writers
    if returns:
        stay.archived = stay.comes_back = False
    if ends:
        stay.draft = stay.draft_reply_to_seq = None
    return returns or ends
