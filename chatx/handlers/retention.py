"""Retention: forgetting changes that nobody needs to replay any more."""

from datetime import timedelta

from chatx import access
from chatx.context import Context
from chatx.models.feed import Change
from chatx.registry import handles
from chatx.schemas.sync import TrimIn

FEEDS_AT_ONCE = 100


@handles("changes:trim", takes=TrimIn, guard="public", bucket=None, internal=True)
def trim(ctx: Context, days: int) -> int:
    """Forget the changes of some feeds that are older than so many days; how many feeds that were."""
    ends = Change.ends_before(ctx.now - timedelta(days=days), FEEDS_AT_ONCE)
    for feed in access.feeds_to_trim(ends.keys()):
        feed.trim(ends[feed.id])
    return len(ends)
