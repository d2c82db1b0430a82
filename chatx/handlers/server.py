"""What clients may know of the server before they know anything else."""

from typing import Any

from chatx.context import Context
from chatx.registry import handles
from chatx.schemas.base import Nothing
from chatx.schemas.sync import ConfigOut
from chatx.services.policy import policy
from config import API_LEVEL, LIMITS, SETTINGS

FEATURES = [
    "blocks",
    "contact_cards",
    "contacts",
    "deletes",
    "direct_rooms",
    "edits",
    "events",
    "everyone_mentions",
    "exports",
    "formatting",
    "forwards",
    "groups",
    "hides",
    "link_previews",
    "live_locations",
    "locations",
    "mentions",
    "pins",
    "polls",
    "private_replies",
    "reactions",
    "read_receipts",
    "receipts",
    "reminders",
    "replies",
    "scheduled_messages",
    "search",
    "stars",
    "sync",
    "typing",
]


@handles("config:get", takes=Nothing, gives=ConfigOut, guard="public", reads=True)
def get_config(ctx: Context) -> dict[str, Any]:
    """Tell what this server can do, and every limit by name."""
    can = {"api_level": API_LEVEL, "features": FEATURES, "limits": LIMITS}
    return {**can, "settings": SETTINGS, "registration": policy.registration}
