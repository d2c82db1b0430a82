"""What an option may be set to. Each kind is a function from a value to what is wrong with it, or None."""

import json
import re
from collections.abc import Callable

Kind = Callable[[str], str | None]


def words(*allowed: str) -> Kind:
    """One of these, spelt so."""

    def wrong(value: str) -> str | None:
        return None if value in allowed else f"must be {' or '.join(allowed)}, not {value!r}"

    return wrong


def whole(least: int, most: int) -> Kind:
    """A whole number in this range."""

    def wrong(value: str) -> str | None:
        fits = re.fullmatch(r"-?[0-9]{1,9}", value) and least <= int(value) <= most
        return None if fits else f"must be a whole number from {least} to {most}, not {value!r}"

    return wrong


def matching(pattern: str, description: str) -> Kind:
    """Text of this form."""

    def wrong(value: str) -> str | None:
        return None if re.fullmatch(pattern, value) else f"must be {description}, not {value!r}"

    return wrong


def document(value: str) -> str | None:
    """JSON."""
    try:
        json.loads(value)
    except ValueError as error:
        return f"must be JSON: {error}"
    return None


def text(value: str) -> str | None:
    """Anything, but something."""
    return None if value.strip() else "must not be empty"


truth = words("true", "false")
