"""`verify_action`: what was known before, plus what is told, equals what a fresh client fetches after (after Zulip's)."""

from collections.abc import Callable
from typing import Any

from tests.support.people import Person
from tests.support.state import State


def verify_action(action: Callable[[], Any], *people: Person) -> Any:
    """Do the action, and hold three clients of each person side by side; what the action returned.

    live: heard every event as it came; behind: was away, and syncs one change at a time; fresh: fetches everything.
    """
    for person in people:
        person.forget()
    before = {person: State.fetched(person) for person in people}
    result = action()
    for person in people:
        person.settle()
    for person in people:
        fresh = State.fetched(person).comparable()
        live = before[person].copy().hear(list(person.heard)).comparable()
        behind = before[person].copy().sync(limit=1).comparable()
        in_one_page = before[person].copy().sync(limit=1_000).comparable()
        for name, state in (("live", live), ("behind", behind), ("in one page", in_one_page)):
            assert state == fresh, f"{person.user['username']}, {name}: {_difference(state, fresh)}"
    return result


def _difference(one: Any, other: Any, path: str = "") -> str:
    """The places where two states differ, shortest first."""
    if isinstance(one, dict) and isinstance(other, dict):
        keys = sorted(one.keys() | other.keys(), key=str)
        parts = [_difference(one.get(key), other.get(key), f"{path}/{key}") for key in keys if one.get(key) != other.get(key)]
        return "; ".join(part for part in parts if part)
    return f"{path}: {one!r} is not {other!r}"
