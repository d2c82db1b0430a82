"""History: what was said, by seq, as far as the caller may see it."""

from datetime import datetime
from typing import Any

from chatx import access
from chatx.context import Context
from chatx.errors import NotFound
from chatx.models.membership import Membership
from chatx.models.message import Message
from chatx.models.search.dates import first_since
from chatx.models.sight import Sight, window
from chatx.models.star import Star
from chatx.models.unread import first_unread_in
from chatx.registry import handles
from chatx.schemas.message.history import HistoryIn, HistoryOut
from chatx.schemas.values import LARGEST_SEQ


@handles("history", takes=HistoryIn, gives=HistoryOut, reads=True, raises=(NotFound,))
def history(
    ctx: Context,
    room_id: str,
    limit: int,
    before: int | None = None,
    after: int | None = None,
    around: int | None = None,
    date: datetime | None = None,
    first_unread: bool = False,
) -> dict[str, Any]:
    """Read messages of a room: the latest ones, or those before, after or around a place, a date, or the first unread one."""
    stay = access.history_for(ctx.user_id, room_id)
    anchor = first_since(stay, date) if date else first_unread_in(stay) if first_unread else None
    around = around if anchor is None else anchor
    if around is not None:
        items = _earlier(stay, around - 1, limit // 2) + _later(stay, around, limit - limit // 2)
    elif after is not None:
        items = _later(stay, after + 1, limit)
    else:
        items = _earlier(stay, LARGEST_SEQ if before is None else before - 1, limit)
    first = items[0].seq if items else (after if after is not None else around or 0) + 1
    last = items[-1].seq if items else (before if before is not None else around or LARGEST_SEQ) - 1
    return {
        "items": list(Sight([stay]).show(items).values()),
        "has_before": bool(_earlier(stay, first - 1, 1)),
        "has_after": bool(_later(stay, last + 1, 1)),
        "anchor": anchor,
        "starred": Star.among(ctx.user_id, room_id, [message.seq for message in items if message.deleted_at is None]),
    }


def _earlier(stay: Membership, high: int, limit: int) -> list[Message]:
    return window(stay, low=1, high=high, limit=limit, newest=True)


def _later(stay: Membership, low: int, limit: int) -> list[Message]:
    return window(stay, low=low, high=LARGEST_SEQ, limit=limit, newest=False)
