"""What of a text is formatted, by WhatsApp's signs: found in its plain source, which stays as it was typed.

    *bold*  _italic_  ~strike~  `mono`  ```code```  ||spoiler||  > quote  - item  1. item

And what can be followed: web addresses, e-mail addresses, phone numbers, @everyone, and people, who are `@<id>` in the text
so that they are found under whatever name they have. It is computed when a message is shown, and kept nowhere.
"""

from collections.abc import Collection
from itertools import islice
from typing import Any

from chatx.schemas.message.formatting.blocks import entities_in
from chatx.schemas.message.formatting.inline import EVERYONE
from chatx.schemas.message.formatting.span import told
from config import LIMITS

DASH_OR_DIGIT = frozenset("-0123456789")


def may_be_formatted(text: str) -> bool:
    """Whether it has any sign: all that plain texts cost. Looking for each alone is what Python does fastest."""
    return (
        "*" in text
        or "_" in text
        or "~" in text
        or "`" in text
        or "|" in text
        or ">" in text
        or "@" in text
        or "+" in text
        or "://" in text
        or "\n" in text
        or "www." in text.lower()
        or text[0] in DASH_OR_DIGIT
    )


def entities_of(text: str | None, mentions: Collection[str] = ()) -> list[dict[str, Any]]:
    """What is formatted in a text that mentions these, the outer before what is in it.

    Only so much of it, and so many: whoever asks for a page of messages must not wait for what somebody made to be slow.
    """
    if not text or not may_be_formatted(text):
        return []
    begin = text[: LIMITS["formatted_characters"]]
    return told(begin, islice(entities_in(begin, mentions), LIMITS["entities"]))


__all__ = ["EVERYONE", "entities_of", "may_be_formatted"]
