"""Previews of links."""

from chatx.schemas.message import MessageChange


class MessagePreviewed(MessageChange):
    """The link in a message was looked up: the message has a `preview` now."""

    event = "message:previewed"
