"""Entities: what of a message's text is formatted, or can be followed."""

from typing import Any

from marshmallow import fields, validate

from chatx.schemas.base import Out
from chatx.schemas.message.formatting import EVERYONE, entities_of
from chatx.schemas.message.mentioned import names_everyone
from chatx.schemas.values import Id

LINES = ("quote", "list_item", "code_block")
WORDS = ("bold", "italic", "strike", "mono", "spoiler")
FOLLOWED = ("link", "email", "phone", "mention", EVERYONE)


class EntityOut(Out):
    """A part of the text, its signs included: do not show the first `open` units of it, nor the last `close`.

    All are UTF-16 code units, as in JavaScript. Of two entities one is in the other, or they have nothing in common.
    """

    type = fields.String(validate=validate.OneOf((*LINES, *WORDS, *FOLLOWED)))
    offset = fields.Integer()
    length = fields.Integer()
    open = fields.Integer()
    close = fields.Integer()
    number = fields.Integer(metadata={"optional": True, "description": "of an item in a numbered list"})
    url = fields.String(metadata={"optional": True, "description": "where a link, an e-mail address or a phone number leads"})
    user_id = Id(metadata={"optional": True, "description": "whom a mention names; show their present name"})


class Entities(fields.List[Any]):
    """What of the text is formatted, from its source; computed when it is shown."""

    _CHECK_ATTRIBUTE = False

    def __init__(self) -> None:
        super().__init__(fields.Nested(EntityOut), metadata={"description": "the first `entities`, the outer before the inner"})

    def serialize(self, attr: str, obj: Any, accessor: Any = None, **kwargs: Any) -> list[dict[str, Any]]:
        everyone = (EVERYONE,) if names_everyone(obj) else ()
        return entities_of(getattr(obj, "text", None), (*(getattr(obj, "mentions", None) or ()), *everyone))
