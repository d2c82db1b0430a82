"""Reactions, and what is heard of them."""

from collections.abc import Mapping
from typing import Any

import emoji
from marshmallow import ValidationError, fields

from chatx.schemas.base import Cursor, In, Out, PageIn
from chatx.schemas.message import MessageChange
from chatx.schemas.values import Id, Seq, Time

_FULL = {each["en"]: one for one, each in emoji.EMOJI_DATA.items() if each["status"] == emoji.STATUS["fully_qualified"]}
# Every emoji that Unicode recommends, in any spelling, by its full one: ❤ with and without its variation selector is one.
EMOJI = {one: _FULL[each["en"]] for one, each in emoji.EMOJI_DATA.items() if each["en"] in _FULL}


class Emoji(fields.String):
    """Exactly one emoji, whatever it is made of: flags, families, tones of skin and keycaps are one each."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        known = EMOJI.get(super()._deserialize(value, attr, data, **kwargs))
        if known is None:
            raise ValidationError("Not exactly one emoji.")
        return known


class ReactionPlaceIn(In):
    room_id = Id(required=True)
    seq = Seq(low=1, required=True)


class ReactionIn(ReactionPlaceIn):
    emoji = Emoji(required=True)


class ReactionsIn(PageIn):
    room_id = Id(required=True)
    seq = Seq(low=1, required=True)
    emoji = Emoji(load_default=None, metadata={"description": "only those with this one"})
    cursor = Cursor(Seq())


class GivenReactionOut(Out):
    """What one person feels about a message, and since when."""

    user_id = Id()
    emoji = fields.String()
    at = Time()


class ReactionListOut(Out):
    items = fields.List(fields.Nested(GivenReactionOut))
    next = Cursor(Seq(), allow_none=True)


class ReactionChanged(MessageChange):
    """Somebody, `actor_id`, reacted to a message with `emoji`, in the place of what they felt before; null: not any more."""

    event = "reaction:changed"
    emoji = fields.String(allow_none=True, metadata={"optional": True, "description": "the actor's reaction as it is now"})
