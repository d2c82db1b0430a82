"""Link previews: what the page says of itself that the first link in a text leads to, kept in the message's own row.

It came later than the message: whoever did not hear of it does not see it, nor who knows the message in earlier words.
"""

import re
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from chatx.models.content import timer_key
from chatx.models.message import Message, Place
from chatx.models.timer import Setting, Timer
from chatx.models.user import User

LINK = re.compile(r"\bhttps?://[^\s<>\"]+", re.IGNORECASE)
# What follows a link in a sentence, and rarely ends one.
AFTER_A_LINK = ".,;:!?'*_~»”’…"


def first_link(text: str) -> str | None:
    """The first link of a text, without what only follows it in its sentence."""
    found = LINK.search(text)
    if found is None:
        return None
    link = found[0].rstrip(AFTER_A_LINK)
    for opening, closing in ("()", "[]"):
        if link.endswith(closing) and link.count(closing) > link.count(opening):
            link = link[:-1].rstrip(AFTER_A_LINK)
    return link


def await_previews(texts: Mapping[Place, str], now: datetime) -> None:
    """Have the links in these texts of messages looked up, where there are any."""
    linked = [place for place, text in texts.items() if first_link(text)]
    Timer.set_all(Setting("message:preview", timer_key(place), now) for place in linked)


def links_to_look_up(places: Collection[Place]) -> dict[Place, str]:
    """The links of the messages that stand at these places without a preview, if their senders let them be looked up."""
    messages = [message for message in Message.at_all(places) if message.type == "text" and message.preview is None]
    private = User.who_keep_links({message.sender_id for message in messages})
    found = {message.place: first_link(message.text or "") for message in messages if message.sender_id not in private}
    return {place: link for place, link in found.items() if link is not None}


def show_preview(message: Message, link: str, page: Mapping[str, Any], change_seq: int) -> bool:
    """Show what the page at this link says, from the change with this seq on; False if it is not the message's link any more."""
    if message.type != "text" or message.preview is not None or first_link(message.text or "") != link:
        return False
    message.preview = {"url": link, **page, "change_seq": change_seq}
    return True
