"""Conditions that hold for any of some values: written once for each number of values, since that costs more than asking."""

import inspect
from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, or_

from chatx.extensions import db

AT_ONCE = 32  # so that few conditions have to be written, and none is long to plan


class AnyOf:
    """A query for the rows that fit one of some values.

    query: is given the condition, and makes the query of it; fits: the same for one of the values, whose parts it names.
    """

    def __init__(self, query: Callable[[ColumnElement[bool]], Select[Any]], fits: Callable[..., ColumnElement[bool]]) -> None:
        self._query, self._fits = query, fits
        self._names = tuple(inspect.signature(fits).parameters)
        self._written: dict[int, Select[Any]] = {}

    def rows(self, values: Sequence[Sequence[Any]], **more: Any) -> list[Any]:
        """The rows for these values, some values at a time; more: what else the query is to know, by name."""
        found: list[Any] = []
        for first in range(0, len(values), AT_ONCE):
            some = values[first : first + AT_ONCE]
            parts = {f"{name}_{n}": part for n, each in enumerate(some) for name, part in zip(self._names, each, strict=True)}
            found += db.session.execute(self._for(len(some)), parts | more)
        return found

    def _for(self, number: int) -> Select[Any]:
        if number not in self._written:
            each = (self._fits(*(bindparam(f"{name}_{n}") for name in self._names)) for n in range(number))
            self._written[number] = self._query(or_(*each))
        return self._written[number]
