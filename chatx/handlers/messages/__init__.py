"""Messages: saying something, in other words, and not at all any more."""

from chatx.handlers.messages import delete, edit, forward, plain, preview, send

__all__ = ["delete", "edit", "forward", "plain", "preview", "send"]
