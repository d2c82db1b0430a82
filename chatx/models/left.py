"""How messages that go on to change look to those who hear their room no more: as they left them.

Whoever hears a room sees a poll, say, as it is now. Whoever has left it, or blocks the other one of a direct room, sees it
as it was then, since what people do later is not for them. So what is kept later expires for them as it was to.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from chatx.models.base import moment
from chatx.models.content import Content
from chatx.models.elsewhere import Elsewhere
from chatx.models.membership import Membership
from chatx.models.message import NOTHING, Message, Place
from chatx.models.seen import Seen
from chatx.models.version import Version


def as_left(stays: Mapping[str, Membership], seen: Mapping[Place, Message | Seen]) -> dict[Place, Message | Seen]:
    """These messages of the rooms of somebody's stays (by room id), and those they answer, as this person sees them."""
    ends = {room_id: stay.end for room_id, stay in stays.items() if stay.end is not None}
    if not ends:
        return dict(seen)
    both = [each for message in seen.values() for each in (message, message.reply_to) if each is not None]
    changing = [each.place for each in both if each.room_id in ends and each.type in Content.known]
    versions = Version.after(ends, changing) if changing else {}
    return {place: _as_left(_before_its_preview(_unkept(message, ends), ends), versions, ends) for place, message in seen.items()}


def _unkept(message: Any, ends: Mapping[str, int]) -> Any:
    """Without that it, or what it answers, was kept after they left."""
    if isinstance(message, Elsewhere):
        return message
    if message.reply_to is not None and (quoted := _unkept(message.reply_to, ends)) is not message.reply_to:
        message = Seen(message, reply_to=quoted)
    if message.kept_by is None or message.kept["seq"] <= ends.get(message.room_id, message.kept["seq"]):
        return message
    expires_at = moment(message.kept["expires_at"])
    if expires_at > datetime.now(UTC):
        return Seen(message, expires_at=expires_at, kept_by=None)
    nothing_else: dict[str, Any] = {"deleted_at": expires_at, "reply_to": None, "reactions": (), "shown": {}, "kept_by": None}
    return Seen(message, **NOTHING | nothing_else)


def _before_its_preview(message: Message | Seen, ends: Mapping[str, int]) -> Message | Seen:
    """Without the preview of its link, if that came after somebody's end."""
    preview, end = message.preview, ends.get(message.room_id)
    return message if preview is None or end is None or preview["change_seq"] <= end else Seen(message, preview=None)


def _as_left(message: Message | Seen, versions: Mapping[Place, dict[str, Any]], ends: Mapping[str, int]) -> Message | Seen:
    then: dict[str, Any] = {}
    content = Content.known.get(message.type)
    if content is not None and message.room_id in ends:
        shown = versions.get(message.place) or content.left(message)
        then |= {"data": shown, "shown": shown}
    if message.reply_to is not None and message.reply_to.place in versions:
        then["reply_to"] = Seen(message.reply_to, data=versions[message.reply_to.place])
    return Seen(message, **then) if then else message
