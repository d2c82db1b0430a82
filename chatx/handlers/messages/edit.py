"""Editing messages, and what they said before."""

from datetime import timedelta
from typing import Any

from chatx import access
from chatx.context import Context
from chatx.errors import Conflict, Forbidden, NotFound, WindowClosed
from chatx.models.link_preview import await_previews
from chatx.models.membership import Membership
from chatx.models.message import Message
from chatx.models.message_edit import MessageEdit
from chatx.models.room import Room
from chatx.registry import announces, handles
from chatx.schemas.message import MessageOut
from chatx.schemas.message.edit import EditIn, EditListOut, EditsIn, MessageEdited
from chatx.services.links import links
from config import LIMITS

announces(MessageEdited)


@handles(
    "message:edit",
    takes=EditIn,
    gives=MessageOut,
    raises=(NotFound, Forbidden, Conflict, WindowClosed),
    bucket="messages",
)
def edit(
    ctx: Context, room_id: str, seq: int, text: str, mentions: list[str] | None = None, mentions_everyone: bool | None = None
) -> Message:
    """Say in other words what you said a moment ago."""
    if links.are_due(ctx.user_id, text):
        # The timer before the room, as when it is due: so neither waits for the other.
        await_previews({(room_id, seq): text}, ctx.now)
    room, stay = access.room_to_change(ctx.user_id, room_id)
    message = access.message_for(access.speaker(stay), seq)
    if message.sender_id != ctx.user_id:
        raise Forbidden("Only who said it can say it in other words.")
    if message.type != "text":
        raise Conflict(f"Only texts can be edited; this message is: {message.type}.")
    if ctx.now - message.created_at > timedelta(seconds=LIMITS["edit_seconds"]):
        raise WindowClosed(f"Later than edit_seconds: {LIMITS['edit_seconds']}.")
    named = _mentioned(room, stay, message.mentions, mentions, mentions_everyone)
    if (text, named) != (message.text, message.mentions):
        message.revise(text, named, ctx.now, change_seq=room.seq + 1, hearers=room.audience().members)
        ctx.change(room, "message:edited", str(seq), message=message)
    return message


def _mentioned(room: Room, stay: Membership, before: list[str], people: list[str] | None, everyone: bool | None) -> list[str]:
    """Whom it mentions now; whom it mentioned before it may mention in any case."""
    named = [name for name in before if name != room.id] if people is None else people
    anew = [user_id for user_id in named if user_id not in before]
    access.may_mention(room.id, anew, access.stays_in((room.id, user_id) for user_id in anew))
    if everyone and room.id not in before:
        access.may_mention_everyone(room, stay, LIMITS["everyone_members"])
    return [*named, room.id] if everyone or (everyone is None and room.id in before) else named


@handles("message:edits", takes=EditsIn, gives=EditListOut, reads=True, raises=(NotFound,))
def list_edits(ctx: Context, room_id: str, seq: int, limit: int, cursor: tuple[int] | None = None) -> dict[str, Any]:
    """List what a message said before it was edited, the latest first; nothing for those who were away since."""
    stay = access.history_for(ctx.user_id, room_id)
    known = access.message_for(stay, seq).deleted_at is None and stay.hears_since(seq)
    page = MessageEdit.page(room_id, seq, cursor[0] if cursor else None, limit + 1) if known else []
    more = (page[limit - 1].change_seq,) if len(page) > limit else None
    return {"items": page[:limit], "next": more}
