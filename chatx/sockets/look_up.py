"""What live delivery asks the database, through the one door."""

from collections.abc import Collection, Iterable
from typing import Any

from flask import Flask

from chatx.dispatch import dispatch


class LookUp:
    """The rooms of a person, the members of rooms."""

    def __init__(self, app: Flask) -> None:
        self._app = app

    def rooms_of(self, user_id: str) -> Iterable[str]:
        rooms: Iterable[str] = self._ask("audience:rooms", user_id=user_id)
        return rooms

    def members_of(self, room_ids: Collection[str]) -> Any:
        return self._ask("audience:members", room_ids=sorted(room_ids))

    def _ask(self, event: str, **arguments: Any) -> Any:
        with self._app.app_context():
            return dispatch(event, None, arguments)
