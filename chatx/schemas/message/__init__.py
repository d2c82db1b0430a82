"""Messages as they are shown, and the changes about them; what is asked stands beside, verb by verb."""

from typing import Any, Literal

from marshmallow import Schema, fields, validate

from chatx.schemas.base import Nothing, Out
from chatx.schemas.change import RoomChange
from chatx.schemas.message.entity import Entities
from chatx.schemas.message.mentioned import Everyone, People
from chatx.schemas.message.types import MessageType, fallback_of
from chatx.schemas.values import Id, Seq, Time
from config import LIMITS

# Those that come with media.
MEDIA = ("image", "video", "voice", "file")
SENDABLE = ("text", *(name for name, kind in MessageType.known.items() if kind.sendable))
KNOWN_TYPES = ("text", *MessageType.known, *MEDIA, "deleted")


class NoData(Out):
    """`text`, and what has no content: nothing."""


class Data(fields.Dict):
    """What a message carries beside its text, in the form that its `type` has: as it is sent (takes), or shown (gives)."""

    def __init__(self, side: Literal["takes", "gives"], **kwargs: Any) -> None:
        super().__init__(metadata={"description": "its form is told by `type`"}, **kwargs)
        self.side = side

    @property
    def forms(self) -> dict[str, Schema]:
        """Each form that it may have, by type."""
        none = {"text": NoData() if self.side == "gives" else Nothing()}
        known = MessageType.known if self.side == "gives" else {name: MessageType.known[name] for name in SENDABLE[1:]}
        return none | {name: getattr(kind, self.side) for name, kind in known.items()}


class Fallback(fields.Function):
    """The line to show in place of a message whose type a client does not know; null where `text` is all there is."""

    def __init__(self) -> None:
        super().__init__(
            fallback_of, metadata={"type": ["string", "null"], "description": " ".join((self.__doc__ or "").split())}
        )


class QuoteOut(Out):
    """The answered message as it is now, its text cut to `reply_quote_characters`.

    Of type `unavailable` where it stands in a room that you are not in now, or where you do not see it.
    """

    room_id = Id(metadata={"description": "that of the answer, but for a private reply"})
    seq = Seq()
    sender_id = Id()
    type = fields.String()
    text = fields.Function(lambda original: original.text and original.text[: LIMITS["reply_quote_characters"]])
    fallback_text = Fallback()


class ReactionOut(Out):
    """All reactions to a message with one emoji."""

    emoji = fields.String()
    count = fields.Integer()
    user_ids = fields.List(Id(), metadata={"description": "the newest `people_shown` of those who gave it"})
    mine = fields.Boolean(allow_none=True, metadata={"description": "whether you gave it; null in what all hear alike"})


class PreviewOut(Out):
    """What the page says of itself that the first link of a text leads to: text, and nothing to be loaded."""

    url = fields.String(metadata={"description": "the link, as it stands in the text"})
    title = fields.String()
    description = fields.String(allow_none=True)
    site_name = fields.String(allow_none=True)


class MessageOut(Out):
    id = Id()
    room_id = Id()
    seq = Seq()
    sender_id = Id()
    client_id = fields.String()
    type = fields.String(validate=validate.OneOf(KNOWN_TYPES))
    text = fields.String(allow_none=True)
    entities = Entities()
    data = Data("gives", attribute="shown")
    fallback_text = Fallback()
    reply_to = fields.Nested(QuoteOut, allow_none=True)
    preview = fields.Nested(PreviewOut, allow_none=True)
    mentions = People()
    mentions_everyone = Everyone()
    reactions = fields.List(fields.Nested(ReactionOut), metadata={"description": "the most frequent emoji first"})
    forward_score = fields.Integer()
    created_at = Time()
    edited_at = Time(allow_none=True)
    deleted_at = Time(allow_none=True)
    expires_at = Time(allow_none=True, metadata={"description": "from then on it is a tombstone, deleted at that time"})
    kept_by = Id(allow_none=True, metadata={"description": "who asked to keep it, so that it does not expire"})


class MessageForAll(fields.Nested):
    """A message as it is told to many at once: nothing in it differs from one to the other."""

    def _serialize(self, value: Any, attr: Any, obj: Any, **kwargs: Any) -> Any:  # type: ignore[override]
        if value is None:
            return None
        message = self.schema.dump(value)
        for reactions in filter(None, message.get("reactions") or ()):
            reactions["mine"] = None
        return message


class MessageChange(RoomChange):
    """The message as it is now; null for one that you may not see, or do not want to: then only move the cursor.

    Whatever else such a change tells is there for those who see the message only, and so `optional`.
    """

    message = MessageForAll(MessageOut, allow_none=True)
