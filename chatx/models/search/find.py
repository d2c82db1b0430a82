"""Looking: candidates from the index and from what is not in it yet, each held against the message as it is now."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from chatx.extensions import db
from chatx.models.bulk import among
from chatx.models.content import Content
from chatx.models.membership import Membership
from chatx.models.message import Message
from chatx.models.room import Room
from chatx.models.search.labels import SLICE
from chatx.models.search.query import Query, Span
from chatx.models.search.steps import BOTTOM, HIGHEST_ID, Position, Slice, Step, steps
from chatx.models.search.tables import SearchEntry, SearchMark, SearchSlice
from chatx.models.seen import Seen
from chatx.models.sight import Sight

# What one call looks at, at most; it says where the next one goes on.
MOST_CANDIDATES = 256  # of one step
MOST_STEPS = 16
MOST_SLICES = 4_096
MOST_NEW = 1_000  # messages that are not in the index yet
MOST_NEW_ROOMS = 100
MOST_CHARACTERS = 2_000_000

NEEDED = (Message.sender_id, Message.type, Message.text, Message.data, Message.edited_at, Message.deleted_at)
Place = tuple[InstrumentedAttribute[datetime], InstrumentedAttribute[str], InstrumentedAttribute[int]]


@dataclass(frozen=True, slots=True)
class Hit:
    """A message as somebody sees it, and where in its text the terms stand."""

    message: Message | Seen
    spans: list[Span]


@dataclass(frozen=True, slots=True)
class Reach:
    """A room that somebody may search: their stay, how far it is in the index, and its last message."""

    stay: Membership
    mark: int
    last_seq: int
    active_at: datetime


def reaches(user_id: str, room_id: str | None) -> list[Reach]:
    """All rooms that this person has seen something of, or that one."""
    query = select(Membership, SearchMark.seq, Room.last_message_seq, Room.active_at).join(Room, Room.id == Membership.room_id)
    query = query.outerjoin(SearchMark, SearchMark.room_id == Room.id).where(Membership.user_id == user_id)
    if room_id is not None:
        query = query.where(Membership.room_id == room_id)
    rows = db.session.execute(query).all()
    return [Reach(stay, mark or 0, last, at) for stay, mark, last, at in rows if last is not None and not stay.hidden]


@dataclass(slots=True)
class Search:
    """One page of a search. since, until: when it was said, `until` not included; below: where the page before it ended."""

    query: Query
    rooms: Sequence[Reach]
    limit: int
    since: datetime | None = None
    until: datetime | None = None
    below: Position | None = None
    hits: list[Hit] = field(default_factory=list)
    _waiting: list[Position] = field(default_factory=list)
    _found: list[Position] = field(default_factory=list)
    _characters: int = 0

    def page(self) -> Position | None:
        """Fill `hits`; where the next page goes on, None at the end. One that cost enough may go on with few hits, or none."""
        _prepare()
        sight = Sight(reach.stay for reach in self.rooms)
        end = self._look(sight)
        seen = sight.at_all(place[1:] for place in self._found)
        self.hits = [Hit(message, self.query.spans(message)) for message in (seen[place[1:]] for place in self._found)]
        return end

    def _look(self, sight: Sight) -> Position | None:
        """Find where the hits stand; where that ended."""
        cut = self._look_at_the_new(sight)
        slices, end = self._slices()
        newest = min(filter(None, (self.until, self.below and self.below[0])), default=None)
        for step in islice(steps(slices, newest, one_room=len(self.rooms) == 1), MOST_STEPS):
            asked = self._ask(step, cut)
            self._waiting += [place for place in asked if sight.sees(place[1:])]
            if len(asked) == MOST_CANDIDATES:
                cut = max(cut, asked[-1])
            floor = max(step.floor, cut, end)
            is_last = floor == BOTTOM or floor > step.floor
            if is_last or sum(place >= floor for place in self._waiting) > self.limit - len(self._found):
                ended = self._look_at_candidates(sight, floor)
                if ended is not None:
                    return ended
            if is_last:
                return None if floor == BOTTOM else floor
        return self._look_at_candidates(sight, floor) or floor

    def _ask(self, step: Step, cut: Position) -> list[Position]:
        """What the index has for a step, the newest first; not below the cut, where this page ends in any case."""
        if not step.slices:
            return []
        alternatives = [[each.label for each in step.slices], *([step.times] if step.times else [])]
        since = max(filter(None, (step.since, None if cut == BOTTOM else cut[0])), default=None)
        place = (SearchEntry.at, SearchEntry.room_id, SearchEntry.seq)
        query = select(*place).where(SearchEntry.has(self.query.grams, *alternatives), *self._between(place, since, step.until))
        rows = db.session.execute(query.order_by(*(column.desc() for column in place)).limit(MOST_CANDIDATES))
        return [(at, room_id, seq) for at, room_id, seq in rows]

    def _look_at_the_new(self, sight: Sight) -> Position:
        """Look through what is not in the index yet; from where up that is all."""
        new = sorted((each for each in self.rooms if each.last_seq > each.mark), key=lambda each: each.active_at, reverse=True)
        cut = BOTTOM if len(new) <= MOST_NEW_ROOMS else (new[MOST_NEW_ROOMS].active_at, HIGHEST_ID, 0)
        matches = [
            and_(Message.room_id == each.stay.room_id, Message.seq.between(max(low, each.mark + 1), high or each.last_seq))
            for each in new[:MOST_NEW_ROOMS]
            for low, high in each.stay.stays
        ]
        if not matches:
            return cut
        place = (Message.created_at, Message.room_id, Message.seq)
        query = select(*place, *NEEDED)
        query = query.where(or_(*matches), Message.deleted_at.is_(None), *self._between(place, None, None))
        rows = db.session.execute(query.order_by(*(column.desc() for column in place)).limit(MOST_NEW)).all()
        may_find = [row for row in rows if _may_be_other_words(row) or self.query.finds(row)]
        self._waiting += [row[:3] for row in may_find if sight.sees((row.room_id, row.seq))]
        return max(cut, rows[-1][:3]) if len(rows) == MOST_NEW else cut

    def _slices(self) -> tuple[list[Slice], Position]:
        """The slices that this person may see something of, and from where up these are all."""
        stays = {each.stay.room_id: each.stay.stays for each in self.rooms}
        query = select(SearchSlice.room_id, SearchSlice.number, SearchSlice.first_at, SearchSlice.last_at)
        query = query.where(SearchSlice.room_id.in_(stays))
        if self.since is not None:
            query = query.where(SearchSlice.last_at >= self.since)
        if self.until is not None:
            query = query.where(SearchSlice.first_at < self.until)
        if self.below is not None:
            query = query.where(SearchSlice.first_at <= self.below[0])
        rows = db.session.execute(query.order_by(SearchSlice.last_at.desc()).limit(MOST_SLICES)).all()
        end = (rows[-1].last_at, HIGHEST_ID, 0) if len(rows) == MOST_SLICES else BOTTOM
        return [Slice(*row) for row in rows if _overlap(stays[row.room_id], row.number)], end

    def _look_at_candidates(self, sight: Sight, floor: Position) -> Position | None:
        """Hold what waits from the floor up against the messages; where the page ends, if it does."""
        ready = sorted((place for place in self._waiting if place >= floor), reverse=True)
        self._waiting = [place for place in self._waiting if place < floor]
        while ready:
            some, ready = ready[: self.limit + 1], ready[self.limit + 1 :]
            messages = _as_seen(sight, [place[1:] for place in some])
            for place in some:
                message = messages.get(place[1:])
                if message is not None and self.query.finds(message):
                    if len(self._found) == self.limit:
                        return self._found[-1]
                    self._found.append(place)
                self._characters += len(message.text or "") if message else 0
                if self._characters > MOST_CHARACTERS:
                    return place
        return None

    def _between(self, place: Place, since: datetime | None, until: datetime | None) -> list[ColumnElement[bool]]:
        """The conditions on (said at, room id, seq) to be in the time asked for, and below where the page before ended."""
        at, room_id, seq = place
        conditions = [at >= moment for moment in (since, self.since) if moment is not None]
        conditions += [at < moment for moment in (until, self.until) if moment is not None]
        if self.below is not None:
            below_at, below_room, below_seq = self.below
            same_room = and_(room_id == below_room, seq < below_seq)
            conditions.append(or_(at < below_at, and_(at == below_at, or_(room_id < below_room, same_room))))
        return conditions


def _as_seen(sight: Sight, places: Sequence[tuple[str, int]]) -> dict[tuple[str, int], Any]:
    """What the search needs of these messages, by place; in the words that the person knows, where they may be others."""
    query = select(Message.room_id, Message.seq, *NEEDED).where(among((Message.room_id, Message.seq), places))
    rows = {(row.room_id, row.seq): row for row in db.session.execute(query)}
    changed = [place for place, row in rows.items() if _may_be_other_words(row)]
    return rows | (sight.at_all(changed) if changed else {})


def _may_be_other_words(row: Any) -> bool:
    """Whether some people may see something else, who have not heard that it was changed."""
    return row.edited_at is not None or row.type in Content.known


def _overlap(stays: Sequence[tuple[int, int | None]], number: int) -> bool:
    """Whether something of this slice is in these stays."""
    first, last = number * SLICE, (number + 1) * SLICE - 1
    return any(low <= last and (high is None or first <= high) for low, high in stays)


def _prepare() -> None:
    """PostgreSQL takes words for more common than they are, and would rather read through the whole index than use it."""
    if db.engine.dialect.name == "postgresql":
        settings = {"enable_seqscan": "off", "jit": "off", "max_parallel_workers_per_gather": "0"}
        db.session.execute(select(*(func.set_config(name, value, True) for name, value in settings.items())))
