"""Steps: whatever slices there are, after each step nothing above its floor has been left out, and in the end nothing at all."""

from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from chatx.models.search import labels
from chatx.models.search.steps import BOTTOM, FEW, Position, Slice, Step, steps

BEGIN = datetime(2025, 3, 1, tzinfo=UTC)
HOURS = st.integers(0, 24 * 100)


def position(one: Slice, at: datetime) -> Position:
    return at, one.room_id, one.number


def slices_of(times: list[tuple[int, int]]) -> list[Slice]:
    rooms = [f"01900000-0000-7000-8000-{number:012}" for number in range(len(times))]
    return [
        Slice(room, 0, BEGIN + timedelta(hours=min(pair)), BEGIN + timedelta(hours=max(pair)))
        for room, pair in zip(rooms, times, strict=True)
    ]


def asks_for(step: Step, one: Slice, at: datetime) -> bool:
    in_time = (step.since is None or at >= step.since) and (step.until is None or at < step.until)
    return (
        one in step.slices
        and in_time
        and (not step.times or bool({*labels.of_hours(at, at), *labels.of_days(at, at)} & {*step.times}))
    )


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(HOURS, HOURS), max_size=20),
    st.sampled_from([0, FEW, 300]),
    st.one_of(st.none(), HOURS),
    st.booleans(),
)
def test_no_step_leaves_out_what_is_above_its_floor(
    times: list[tuple[int, int]], many: int, below: int | None, one_room: bool
) -> None:
    slices = slices_of(times + [(number % 2_400, (number * 7) % 2_400) for number in range(many)])
    newest = None if below is None else BEGIN + timedelta(hours=below)
    said = [(one, at) for one in slices for at in (one.first_at, one.last_at) if newest is None or at < newest]
    left = list(said)
    floors = []
    for step in steps([one for one in slices if newest is None or one.first_at <= newest], newest, one_room=one_room):
        left = [(one, at) for one, at in left if not asks_for(step, one, at)]
        assert all(position(one, at) < step.floor for one, at in left)
        floors.append(step.floor)
    assert not left
    assert floors[-1] == BOTTOM
    assert floors == sorted(floors, reverse=True)
