"""How messages that go on to change look to those who hear their room no more: as they left them.

Whoever hears a room sees a poll, say, as it is now. Whoever has left it, or blocks the other one of a direct room, sees it
as it was then, since what people do later is not for them.
"""

from collections.abc import Container, Mapping
from typing import Any

from chatx.models.content import Content
from chatx.models.membership import Membership
from chatx.models.message import Message, Place
from chatx.models.seen import Seen
from chatx.models.version import Version


def as_left(stays: Mapping[str, Membership], seen: Mapping[Place, Message | Seen]) -> dict[Place, Message | Seen]:
    """These messages of the rooms of somebody's stays (by room id), and those they answer, as this person sees them."""
    ends = {room_id: stay.end for room_id, stay in stays.items() if stay.end is not None}
    seen = {place: _before_its_preview(message, ends) for place, message in seen.items()} if ends else seen
    both = [each for message in seen.values() for each in (message, message.reply_to) if each is not None] if ends else []
    changing = [each.place for each in both if each.room_id in ends and each.type in Content.known]
    if not changing:
        return dict(seen)
    versions = Version.after(ends, changing)
    return {place: _as_left(message, versions, ends) for place, message in seen.items()}


def _before_its_preview(message: Message | Seen, ends: Mapping[str, int]) -> Message | Seen:
    """Without the preview of its link, if that came after somebody's end."""
    preview, end = message.preview, ends.get(message.room_id)
    return message if preview is None or end is None or preview["change_seq"] <= end else Seen(message, preview=None)


def _as_left(message: Message | Seen, versions: Mapping[Place, dict[str, Any]], ends: Container[str]) -> Message | Seen:
    then: dict[str, Any] = {}
    content = Content.known.get(message.type)
    if content is not None and message.room_id in ends:
        shown = versions.get(message.place) or content.left(message)
        then |= {"data": shown, "shown": shown}
    if message.reply_to is not None and message.reply_to.place in versions:
        then["reply_to"] = Seen(message.reply_to, data=versions[message.reply_to.place])
    return Seen(message, **then) if then else message
