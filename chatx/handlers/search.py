"""Search: finding what was said, as far as the caller may see it now; and taking into its index what was said."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from chatx import access
from chatx.context import Context, DueCall
from chatx.errors import NotFound, ValidationFailed
from chatx.models.search.candidates import Bounds
from chatx.models.search.find import Search
from chatx.models.search.query import Query, Term, terms_of
from chatx.models.search.steps import LOWEST_ID, Position
from chatx.models.search.taking import lagging, take_in
from chatx.models.timer import Timer
from chatx.registry import due, follows, handles
from chatx.schemas.search import IndexIn, MediaIn, MediaOut, SearchIn, SearchOut
from config import LIMITS

AT_ONCE = 64  # seqs in one transaction, so that calls wait for it a few milliseconds at most
ROOMS_AT_ONCE, ROOMS_LOOKED_AT = 64, 5_000
PAUSE = timedelta(seconds=0.1)
QUIET = timedelta(minutes=1)  # where people talk, who tells what they say takes it in


@handles("search", takes=SearchIn, gives=SearchOut, reads=True, raises=(NotFound,), bucket="searches")
def search(
    ctx: Context,
    limit: int,
    q: str | None = None,
    room_id: str | None = None,
    sender_id: str | None = None,
    type: str | None = None,
    after: datetime | None = None,
    before: datetime | None = None,
    cursor: Position | None = None,
) -> dict[str, Any]:
    """Find messages in one of your rooms or in all of them, by words, person, time and type, the newest first."""
    rooms = access.rooms_to_search(ctx.user_id, room_id)
    query = Query(_terms(q) if q else (), sender_id, type)
    page = Search(query, rooms, limit, Bounds(after, before, cursor))
    further = page.page()
    items = [{"message": hit.message, "highlights": [{"start": s, "end": e} for s, e in hit.spans]} for hit in page.hits]
    return {"items": items, "next": further}


@handles("room:media", takes=MediaIn, gives=MediaOut, reads=True, raises=(NotFound,))
def room_media(ctx: Context, room_id: str, kind: str, limit: int, cursor: Position | None = None) -> dict[str, Any]:
    """List the images and videos, the links or the files of a room, the newest first."""
    page = Search(Query(kind=kind), access.rooms_to_search(ctx.user_id, room_id), limit, Bounds(below=cursor))
    further = page.page()
    return {"items": [hit.message for hit in page.hits], "next": further}


@follows("message:created")
def take_in_what_was_said(room_ids: Sequence[str]) -> list[str]:
    """Take what was just said into the index."""
    return take_in(room_ids, AT_ONCE)


@handles("search:index", takes=IndexIn, guard="public", bucket=None, internal=True)
def index(ctx: Context, after: str, seqs: int = AT_ONCE) -> str | None:
    """Take so much of what the index lacks of rooms after this one into it; after which to go on, None at the end."""
    return _take_in_after(after, seqs, ctx.now)


@due("search:index", every=60)
def index_what_was_forgotten(calls: Sequence[DueCall]) -> None:
    """Take what was said into the search index where the process that told it did not."""
    for call in calls:
        after = _take_in_after(call.data.get("after", LOWEST_ID), AT_ONCE, call.ctx.now - QUIET)
        if after is not None:
            Timer.set("search:index", call.key, call.ctx.now + PAUSE, {"after": after})


def _take_in_after(after: str, seqs: int, quiet_since: datetime) -> str | None:
    rooms, last = lagging(after, quiet_since, ROOMS_LOOKED_AT, ROOMS_AT_ONCE)
    left = take_in(rooms, seqs)
    return after if left or len(rooms) == ROOMS_AT_ONCE else last


def _terms(written: str) -> list[Term]:
    terms = terms_of(written)
    if not terms:
        raise ValidationFailed(fields={"q": ["There is nothing in it that could be found."]})
    if len(terms) > LIMITS["search_terms"]:
        raise ValidationFailed(fields={"q": [f"More than search_terms: {LIMITS['search_terms']}."]})
    return terms
