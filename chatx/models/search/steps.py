"""In which steps the index is asked, the newest first: for so few slices at once that a word which is everywhere costs no more
than its page, and for so many that one which is nowhere costs but a few questions.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import chain, repeat, takewhile

from chatx.models.search import labels

Position = tuple[datetime, str, int]  # (when it was said, room id, seq): hits come in this order, the highest first

LOWEST_ID, HIGHEST_ID = "00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff"
TOP: Position = (datetime.max.replace(tzinfo=UTC), HIGHEST_ID, 0)
BOTTOM: Position = (datetime.min.replace(tzinfo=UTC), LOWEST_ID, 0)
# How many slices at once, the last number again and again. With a word that is in all of them, their cost grows with its square.
AT_ONCE = (8, 64, 256)
# Rooms are talked in side by side: beyond so many slices these do not tell any more what is newest, and windows of time do.
FEW = 64
WINDOWS = (labels.HOUR, labels.DAY, timedelta(days=32))
WORTH_ASKING = 500  # messages in a window; with fewer it is a part of the next one


@dataclass(frozen=True, slots=True)
class Slice:
    """A part of a room of which somebody may see something."""

    room_id: str
    number: int
    first_at: datetime
    last_at: datetime

    @property
    def label(self) -> int:
        return labels.of_slice(self.room_id, self.number)

    def share_between(self, since: datetime, until: datetime) -> float:
        """How much of its time is in this one."""
        inside = min(self.last_at, until) - max(self.first_at, since)
        whole = self.last_at - self.first_at
        return max(0.0, inside / whole) if whole else float(since <= self.last_at <= until)


@dataclass(frozen=True, slots=True)
class Step:
    """Ask for what was said in these slices, not before `since`, before `until`; times: labels of that time.

    floor: everything from here up has been asked for after this step.
    """

    slices: Sequence[Slice]
    floor: Position
    times: Sequence[int] = ()
    since: datetime | None = None
    until: datetime | None = None


def steps(slices: Sequence[Slice], newest: datetime | None, *, one_room: bool) -> Iterator[Step]:
    """The steps through all of these; newest: where one begins to look, if that is not the end."""
    slices = sorted(slices, key=lambda each: each.last_at, reverse=True)
    until = None
    if not one_room and len(slices) > FEW:
        begin = min(filter(None, (newest, slices[0].last_at)))
        for window in WINDOWS:
            if _is_worth_asking(slices, begin - window, until or begin):
                yield from _through_window(slices, begin - window, until, begin)
                until = begin - window
    yield from _through_slices([each for each in slices if until is None or each.first_at < until], until)


def _through_window(slices: Sequence[Slice], since: datetime, until: datetime | None, begin: datetime) -> Iterator[Step]:
    """Slices that overlap in time, all of them for one window of it."""
    inside = [each for each in slices if each.last_at >= since and (until is None or each.first_at < until)]
    times = (labels.of_hours if begin - since <= labels.HOUR else labels.of_days)(since, until or begin)
    above: Position = TOP if until is None else (until, LOWEST_ID, 0)
    for first in range(0, len(inside), AT_ONCE[-1]):
        some = inside[first : first + AT_ONCE[-1]]
        is_last = first + AT_ONCE[-1] >= len(inside)
        yield Step(some, (since, LOWEST_ID, 0) if is_last else above, times, since, until)


def _is_worth_asking(slices: Sequence[Slice], since: datetime, until: datetime) -> bool:
    """Whether about so many messages were said then, as if people had always talked alike."""
    said = 0.0
    for each in takewhile(lambda each: each.last_at >= since, slices):
        said += labels.SLICE * each.share_between(since, until)
        if said > WORTH_ASKING:
            return True
    return False


def _through_slices(slices: Sequence[Slice], until: datetime | None) -> Iterator[Step]:
    """Slice by slice, the newest first; at least one step, which may have nothing to ask for."""
    left = slices
    above: Position = TOP if until is None else (until, LOWEST_ID, 0)
    # Where windows have found too little before, it is not everywhere.
    for number in chain(AT_ONCE if until is None else AT_ONCE[1:], repeat(AT_ONCE[-1])):
        some, left = left[:number], left[number:]
        yield Step(some, min(above, (left[0].last_at, HIGHEST_ID, 0)) if left else BOTTOM, until=until)
        if not left:
            return
