"""The types of messages beside plain text: a file each, and importing this package knows them all."""

from chatx.schemas.message.types import contact, event, live_location, location, poll, system
from chatx.schemas.message.types.base import MessageType, fallback_of

__all__ = ["MessageType", "contact", "event", "fallback_of", "live_location", "location", "poll", "system"]
