"""Messages: saying something, in other words, and not at all any more."""

from chatx.handlers.messages import delete, edit, send

__all__ = ["delete", "edit", "send"]
