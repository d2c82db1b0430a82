"""Messages: saying something, in other words, and not at all any more."""

from chatx.handlers.messages import send

__all__ = ["send"]
