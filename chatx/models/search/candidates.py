"""Candidates: where hits may stand, told by the index, and for what is not in it yet by the messages themselves."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from chatx.extensions import db
from chatx.models.content import Content
from chatx.models.message import Message
from chatx.models.search.labels import SLICE
from chatx.models.search.query import Query
from chatx.models.search.reach import Reach
from chatx.models.search.steps import BOTTOM, HIGHEST_ID, Position, Slice, Step
from chatx.models.search.tables import SearchEntry, SearchSlice

# What one call looks at, at most; it says where the next one goes on.
MOST_CANDIDATES = 256  # of one step
MOST_SLICES = 4_096
MOST_NEW = 1_000  # messages that are not in the index yet
MOST_NEW_ROOMS = 100

# Of a message what a query is held against.
NEEDED = (Message.sender_id, Message.type, Message.text, Message.data, Message.edited_at, Message.deleted_at)
Place = tuple[InstrumentedAttribute[datetime], InstrumentedAttribute[str], InstrumentedAttribute[int]]


@dataclass(frozen=True, slots=True)
class Bounds:
    """When it was said, `until` not included; below: where the page before ended."""

    since: datetime | None = None
    until: datetime | None = None
    below: Position | None = None

    @property
    def newest(self) -> datetime | None:
        """Where one begins to look, if that is not the end."""
        return min(filter(None, (self.until, self.below and self.below[0])), default=None)

    def on(self, place: Place, since: datetime | None = None, until: datetime | None = None) -> list[ColumnElement[bool]]:
        """The conditions on (said at, room id, seq) to be inside, and inside this time too."""
        at, room_id, seq = place
        conditions = [at >= moment for moment in (since, self.since) if moment is not None]
        conditions += [at < moment for moment in (until, self.until) if moment is not None]
        if self.below is not None:
            below_at, below_room, below_seq = self.below
            same_room = and_(room_id == below_room, seq < below_seq)
            conditions.append(or_(at < below_at, and_(at == below_at, or_(room_id < below_room, same_room))))
        return conditions


@dataclass(frozen=True, slots=True)
class Candidates:
    """Of a query in these rooms, inside these bounds."""

    query: Query
    rooms: Sequence[Reach]
    bounds: Bounds

    def slices(self) -> tuple[list[Slice], Position]:
        """The slices where there may be any, and from where up these are all."""
        stays = {each.stay.room_id: each.stay.stays for each in self.rooms}
        query = select(SearchSlice.room_id, SearchSlice.number, SearchSlice.first_at, SearchSlice.last_at)
        query = query.where(SearchSlice.room_id.in_(stays))
        if self.bounds.since is not None:
            query = query.where(SearchSlice.last_at >= self.bounds.since)
        if self.bounds.newest is not None:
            query = query.where(SearchSlice.first_at <= self.bounds.newest)
        rows = db.session.execute(query.order_by(SearchSlice.last_at.desc()).limit(MOST_SLICES)).all()
        end = (rows[-1].last_at, HIGHEST_ID, 0) if len(rows) == MOST_SLICES else BOTTOM
        return [Slice(*row) for row in rows if _overlap(stays[row.room_id], row.number)], end

    def of(self, step: Step, cut: Position) -> list[Position]:
        """What the index has for a step, the newest first; not below the cut, where this page ends in any case."""
        if not step.slices:
            return []
        alternatives = [[each.label for each in step.slices], *([step.times] if step.times else [])]
        since = max(filter(None, (step.since, None if cut == BOTTOM else cut[0])), default=None)
        place = (SearchEntry.at, SearchEntry.room_id, SearchEntry.seq)
        query = select(*place).where(SearchEntry.has(self.query.grams, *alternatives), *self.bounds.on(place, since, step.until))
        rows = db.session.execute(query.order_by(*(column.desc() for column in place)).limit(MOST_CANDIDATES))
        return [(at, room_id, seq) for at, room_id, seq in rows]

    def new(self) -> tuple[list[Position], Position]:
        """Those that are not in the index yet, the newest first, and from where up these are all."""
        new = sorted((each for each in self.rooms if each.last_seq > each.mark), key=lambda each: each.active_at, reverse=True)
        cut = BOTTOM if len(new) <= MOST_NEW_ROOMS else (new[MOST_NEW_ROOMS].active_at, HIGHEST_ID, 0)
        matches = [
            and_(Message.room_id == each.stay.room_id, Message.seq.between(max(low, each.mark + 1), high or each.last_seq))
            for each in new[:MOST_NEW_ROOMS]
            for low, high in each.stay.stays
        ]
        if not matches:
            return [], cut
        place = (Message.created_at, Message.room_id, Message.seq)
        query = select(*place, *NEEDED).where(or_(*matches), Message.deleted_at.is_(None), *self.bounds.on(place))
        rows = db.session.execute(query.order_by(*(column.desc() for column in place)).limit(MOST_NEW)).all()
        may_be_hits = [row[:3] for row in rows if may_be_other_words(row) or self.query.finds(row)]
        return may_be_hits, max(cut, rows[-1][:3]) if len(rows) == MOST_NEW else cut


def may_be_other_words(row: Any) -> bool:
    """Whether some people may see something else, who have not heard that it was changed."""
    return row.edited_at is not None or row.type in Content.known


def _overlap(stays: Sequence[tuple[int, int | None]], number: int) -> bool:
    """Whether something of this slice is in these stays."""
    first, last = number * SLICE, (number + 1) * SLICE - 1
    return any(low <= last and (high is None or first <= high) for low, high in stays)
