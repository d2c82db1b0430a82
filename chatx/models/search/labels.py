"""Labels: numbers that stand beside the grams of a text in the index, and say of a message what is not in its text."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from zlib import crc32

from chatx.models.search.grams import number

SLICE = 1_024  # seqs of a room
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
KINDS = {"media": ("image", "video"), "files": ("file",)}
LINKS = "links"
_LINK = re.compile(r"\b(?:https?://|www\.)[^\s]", re.IGNORECASE)
# Grams are above 2^30; below them slices, then hours, then days.
_HOURS, _DAYS = 1 << 29, (1 << 29) + (1 << 28)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def of_slice(room_id: str, slice_number: int) -> int:
    """Of `SLICE` seqs of a room. That two slices share a label makes a candidate more, never a hit."""
    return crc32(f"{room_id}:{slice_number}".encode()) & (_HOURS - 1)


def of_hours(since: datetime, until: datetime) -> list[int]:
    """Of all hours that the time between these touches, both included."""
    return [_HOURS + hour for hour in range((since - _EPOCH) // HOUR, (until - _EPOCH) // HOUR + 1)]


def of_days(since: datetime, until: datetime) -> list[int]:
    """Of all days that the time between these touches, both included."""
    return [_DAYS + day for day in range((since - _EPOCH) // DAY, (until - _EPOCH) // DAY + 1)]


def of_sender(user_id: str) -> int:
    return number(f"from:{user_id}")


def of_type(message_type: str) -> int:
    return number(f"type:{message_type}")


def of_kind(kind: str) -> int:
    return number(f"kind:{kind}")


def kinds_of(message_type: str, text: str | None) -> Iterable[str]:
    """Which lists of a room such a message is in: its media, its files, its links."""
    if text and _LINK.search(text):
        yield LINKS
    yield from (kind for kind, types in KINDS.items() if message_type in types)
