"""Reactions: what people feel about a message, one emoji each."""

from typing import Any

from chatx import access
from chatx.context import Context
from chatx.errors import Conflict, Forbidden, NotFound
from chatx.models.message import Message
from chatx.models.reaction import Reaction
from chatx.models.reaction_view import show_reactions
from chatx.registry import announces, handles
from chatx.schemas.message import MessageOut
from chatx.schemas.reaction import ReactionChanged, ReactionIn, ReactionListOut, ReactionPlaceIn, ReactionsIn
from config import LIMITS

announces(ReactionChanged)


@handles("reaction:set", takes=ReactionIn, gives=MessageOut, raises=(NotFound, Forbidden, Conflict), bucket="messages")
def set_reaction(ctx: Context, room_id: str, seq: int, emoji: str) -> Message:
    """React to a message with one emoji, in the place of the one before."""
    return _replaced(ctx, room_id, seq, emoji)


@handles("reaction:clear", takes=ReactionPlaceIn, raises=(NotFound, Forbidden, Conflict), bucket="messages")
def clear_reaction(ctx: Context, room_id: str, seq: int) -> None:
    """Take your reaction to a message back."""
    _replaced(ctx, room_id, seq, None)


@handles("message:reactions", takes=ReactionsIn, gives=ReactionListOut, reads=True, raises=(NotFound,))
def list_reactions(
    ctx: Context, room_id: str, seq: int, limit: int, emoji: str | None, cursor: tuple[int] | None = None
) -> dict[str, Any]:
    """List who reacted to a message and how, the newest first."""
    stay = access.history_for(ctx.user_id, room_id)
    stands = access.message_for(stay, seq).deleted_at is None
    page = Reaction.page(stay, seq, emoji, cursor[0] if cursor else None, limit + 1) if stands else []
    more = (page[limit - 1].change_seq,) if len(page) > limit else None
    return {"items": page[:limit], "next": more}


def _replaced(ctx: Context, room_id: str, seq: int, emoji: str | None) -> Message:
    """The message with another reaction of this person, or none; the same again changes nothing."""
    room, stay = access.room_to_change(ctx.user_id, room_id)
    message = access.standing_message_for(access.speaker(stay), seq)
    if emoji == next((given.emoji for given in message.reactions if given.mine), None):
        return message
    others = {given.emoji for given in message.reactions if given.count > given.mine}
    if emoji is not None and len(others | {emoji}) > LIMITS["reaction_emojis"]:
        raise Conflict(f"More than reaction_emojis: {LIMITS['reaction_emojis']}.")
    Reaction.replace(message, ctx.user_id, emoji, ctx.now, change_seq=room.seq + 1, deaf=room.deaf())
    show_reactions([(message, stay)])
    ctx.change(room, "reaction:changed", str(seq), message=message, emoji=emoji)
    return message
