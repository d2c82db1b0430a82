"""Passwords: Argon2id, hashed off the event loop and only a few at once, so that log-ins never stop the chat."""

import threading
from collections.abc import Callable
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError, VerifyMismatchError
from flask import Flask

from chatx.errors import Unavailable
from chatx.extensions import background

WAITING_AT_MOST = 64


class Passwords:
    """hash and verify; `Unavailable` when too many wait already."""

    def init_app(self, app: Flask) -> None:
        self._hasher = PasswordHasher(
            time_cost=app.config["ARGON2_TIME"], memory_cost=app.config["ARGON2_MEMORY_KIB"], parallelism=1
        )
        self._turn = threading.Semaphore(app.config["HASHING"])
        self._waiting = 0
        # What an unknown user name is compared with, so that it takes as long as a known one.
        self._nobody = self._hasher.hash("nobody's password")

    def hash(self, password: str) -> str:
        """An Argon2id hash in its usual string form."""
        hashed: str = self._in_turn(self._hasher.hash, password)
        return hashed

    def verify(self, hashed: str | None, password: str) -> bool:
        """Whether the password is right; takes the same time when there is no hash to compare with."""
        right: bool = self._in_turn(self._matches, hashed or self._nobody, password)
        return right and hashed is not None

    def _matches(self, hashed: str, password: str) -> bool:
        try:
            return self._hasher.verify(hashed, password)
        except (VerifyMismatchError, VerificationError, InvalidHashError):
            return False

    def _in_turn(self, work: Callable[..., Any], *args: str) -> Any:
        if self._waiting >= WAITING_AT_MOST:
            raise Unavailable("Too many people are signing in at this moment.", retry_after=2)
        self._waiting += 1
        try:
            with self._turn:
                return background.call(work, *args)
        finally:
            self._waiting -= 1


passwords = Passwords()
