"""Looking: candidates, the newest first, each held against the message as it is now, and as this person sees it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from sqlalchemy import func, select

from chatx.extensions import db
from chatx.models.bulk import among
from chatx.models.message import Message
from chatx.models.search.candidates import MOST_CANDIDATES, NEEDED, Bounds, Candidates, may_be_other_words
from chatx.models.search.query import Query, Span
from chatx.models.search.reach import Reach
from chatx.models.search.steps import BOTTOM, Position, steps
from chatx.models.seen import Seen
from chatx.models.sight import Sight

# What one call looks at, at most; it says where the next one goes on.
MOST_STEPS = 16
MOST_CHARACTERS = 2_000_000


@dataclass(frozen=True, slots=True)
class Hit:
    """A message as somebody sees it, and where in its text the terms stand."""

    message: Message | Seen
    spans: list[Span]


@dataclass(slots=True)
class Search:
    """One page of a search."""

    query: Query
    rooms: Sequence[Reach]
    limit: int
    bounds: Bounds = field(default_factory=Bounds)
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
        messages = [seen[place[1:]] for place in self._found if place[1:] in seen]
        self.hits = [Hit(message, self.query.spans(message)) for message in messages]
        return end

    def _look(self, sight: Sight) -> Position | None:
        """Find where the hits stand; where that ended."""
        candidates = Candidates(self.query, self.rooms, self.bounds)
        new, cut = candidates.new()
        self._waiting += [place for place in new if sight.sees(place[1:])]
        slices, end = candidates.slices()
        for step in islice(steps(slices, self.bounds.newest, one_room=len(self.rooms) == 1), MOST_STEPS):
            asked = candidates.of(step, cut)
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


def _as_seen(sight: Sight, places: Sequence[tuple[str, int]]) -> dict[tuple[str, int], Any]:
    """What the search needs of these messages, by place; in the words that the person knows, where they may be others."""
    query = select(Message.room_id, Message.seq, *NEEDED).where(among((Message.room_id, Message.seq), places))
    rows = {(row.room_id, row.seq): row for row in db.session.execute(query)}
    changed = [place for place, row in rows.items() if may_be_other_words(row)]
    return rows | (sight.at_all(changed) if changed else {})


def _prepare() -> None:
    """PostgreSQL takes words for more common than they are, and would rather read through the whole index than use it."""
    if db.engine.dialect.name == "postgresql":
        settings = {"enable_seqscan": "off", "jit": "off", "max_parallel_workers_per_gather": "0"}
        db.session.execute(select(*(func.set_config(name, value, True) for name, value in settings.items())))
