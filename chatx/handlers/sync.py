"""Sync: what a client has missed, without ever skipping anything silently."""

from dataclasses import dataclass, field
from typing import Any

from chatx import access
from chatx.context import Context
from chatx.models.marks import marks_in
from chatx.models.membership import Membership
from chatx.models.replay import Range, Replay
from chatx.models.room import Room
from chatx.models.room_view import views
from chatx.models.user import User
from chatx.registry import handles
from chatx.schemas.sync import SyncIn, SyncOut
from chatx.services.metrics import metrics


@dataclass(slots=True)
class Page:
    """What fits into one answer: each change and each room counts one against `left`."""

    left: int
    cursors: dict[str, int] = field(default_factory=dict)
    ranges: list[Range] = field(default_factory=list)
    rooms: list[str] = field(default_factory=list)
    reset: list[str] = field(default_factory=list)
    has_more: bool = False

    def follow(self, name: str, feed_id: str, since: int, end: int) -> None:
        """As many of the feed's changes after `since` as still fit. No seq is missing, so their number is known."""
        up_to = min(end, since + self.left)
        if up_to > since:
            self.ranges.append((feed_id, since, up_to))
            self.left -= up_to - since
        self.cursors[name] = up_to
        self.has_more |= up_to < end

    def show(self, room: Room, end: int) -> None:
        """The whole room, if it still fits."""
        if self.left:
            self.rooms.append(room.id)
            self.cursors[room.id] = end
            self.left -= 1
        else:
            self.has_more = True


@handles("sync", takes=SyncIn, gives=SyncOut, reads=True)
def sync(ctx: Context, cursors: dict[str, int], limit: int) -> dict[str, Any]:
    """Get everything since your cursors: call it again with the returned ones until has_more is false."""
    me, stays = access.own_world(ctx.user_id)
    page = Page(limit)
    _follow_me(page, me, cursors.get("me"))
    for room_id, (room, stay) in sorted(stays.items()):
        _follow_room(page, room, stay, cursors.get(room_id))
    metrics.syncs.add(1, "reset" if page.reset else "filled" if cursors else "fresh")
    return {
        "changes": [told.envelope() for told in Replay(me, stays).of(page.ranges)],
        "cursors": page.cursors,
        "rooms": views(ctx.user_id, [stays[room_id] for room_id in page.rooms]),
        "marks": {} if page.has_more else marks_in([stay for _, stay in stays.values()]),
        "reset": page.reset,
        "gone": sorted(name for name in cursors if name != "me" and name not in stays),
        "has_more": page.has_more,
    }


def _follow_me(page: Page, me: User, since: int | None) -> None:
    if since is None or not me.floor <= since <= me.seq:
        page.cursors["me"] = me.seq
        if since is not None:
            page.reset.append("me")
    else:
        page.follow("me", me.id, since, me.seq)


def _follow_room(page: Page, room: Room, stay: Membership, since: int | None) -> None:
    """A room the client has not, or whose hole cannot be filled for this person, is shown whole."""
    end = stay.reach(room.seq)
    if since is not None and max(room.floor, stay.joined_seq - 1) <= since <= end:
        page.follow(room.id, room.id, since, end)
        return
    page.show(room, end)
    if since is not None and room.id in page.cursors:
        page.reset.append(room.id)
    elif since is not None:
        page.cursors[room.id] = since  # so that the next page resets it
