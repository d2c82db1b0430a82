"""Words: what of a message people read, and so may look for: its text, and what its data says of a poll, a place, a person."""

from collections.abc import Iterator
from typing import Any

READ = frozenset({"address", "description", "display_name", "emails", "name", "phones", "question", "text"})


def words_of(data: Any) -> list[str]:
    """What people read of the data of a message of any type."""
    return list(_words(data, read=False))


def _words(value: Any, *, read: bool) -> Iterator[str]:
    if isinstance(value, str):
        if read:
            yield value
    elif isinstance(value, dict):
        for name, each in value.items():
            yield from _words(each, read=name in READ)
    elif isinstance(value, list):
        for each in value:
            yield from _words(each, read=read)
