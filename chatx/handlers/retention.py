"""Retention: forgetting changes that nobody needs to replay any more."""

from collections.abc import Sequence
from datetime import timedelta

from chatx import access
from chatx.context import Context, DueCall
from chatx.models.feed import Change
from chatx.models.timer import Timer
from chatx.registry import due, handles
from chatx.schemas.sync import TrimIn
from config import RETENTION_DAYS

FEEDS_AT_ONCE = 100


@handles("changes:trim", takes=TrimIn, guard="public", bucket=None, internal=True)
def trim(ctx: Context, days: int) -> int:
    """Forget the changes of some feeds that are older than so many days; how many feeds that were."""
    ends = Change.ends_before(ctx.now - timedelta(days=days), FEEDS_AT_ONCE)
    for feed in access.feeds_to_trim(ends.keys()):
        feed.trim(ends[feed.id])
    return len(ends)


@due("changes:trim", every=3_600)
def trim_hourly(calls: Sequence[DueCall]) -> None:
    """Forget changes older than the retention, once an hour, some feeds at a time."""
    for call in calls:
        if trim(call.ctx, RETENTION_DAYS):
            Timer.set("changes:trim", call.key, call.ctx.now)  # others may be left
