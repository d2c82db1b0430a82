"""Scheduled messages: what people want to say later, and the moment when it is said."""

from chatx.handlers.scheduled import plan, send

__all__ = ["plan", "send"]
