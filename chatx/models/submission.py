"""Submissions: what a client has sent under a client_id, kept for ever, so that a repeat finds the first result."""

import hashlib
from collections.abc import Iterable
from typing import Any, NamedTuple

import orjson
from sqlalchemy import String, select
from sqlalchemy.orm import Mapped, mapped_column

from chatx.extensions import Model, db
from chatx.models.base import Id, insert_once
from chatx.models.bulk import among, insert_all
from chatx.models.message import Place

Key = tuple[str, str]  # (user id, client_id)


class Submission(Model):
    """One creation by one person. digest: of the event and its arguments; subject: what it made, e.g. `room:seq`."""

    __tablename__ = "submissions"

    user_id: Mapped[str] = mapped_column(Id, primary_key=True)
    client_id: Mapped[str] = mapped_column(String(72), primary_key=True)
    digest: Mapped[str] = mapped_column(String(32))
    subject: Mapped[str] = mapped_column(String(64))

    @staticmethod
    def digest_of(*content: Any) -> str:
        """What tells a repeat from another use of the same client_id."""
        return hashlib.blake2b(orjson.dumps(content), digest_size=16).hexdigest()

    @classmethod
    def digest_of_call(cls, event: str, arguments: dict[str, Any]) -> str:
        """The same of a call, whose client_id does not count."""
        return cls.digest_of(event, *sorted((name, value) for name, value in arguments.items() if name != "client_id"))

    @classmethod
    def of(cls, user_id: str, client_id: str) -> "Submission | None":
        return db.session.get(cls, (user_id, client_id), populate_existing=True)

    @classmethod
    def firsts(cls, keys: Iterable[Key]) -> dict[Key, "First"]:
        """What those of these keys made that are taken, in one query."""
        query = select(cls.user_id, cls.client_id, cls.digest, cls.subject).where(among((cls.user_id, cls.client_id), keys))
        return {(user_id, client_id): First(digest, subject) for user_id, client_id, digest, subject in db.session.execute(query)}

    @classmethod
    def claim(cls, user_id: str, client_id: str, digest: str, subject: str) -> bool:
        """Take this client_id; False when it is taken already, by a call that has committed meanwhile."""
        return insert_once(cls, {"user_id": user_id, "client_id": client_id, "digest": digest, "subject": subject})

    @classmethod
    def keep_all(cls, made: dict[Key, "First"]) -> None:
        """Note what these keys made; if one was taken meanwhile, the transaction fails and is tried again."""
        rows = [{"user_id": user_id, "client_id": client_id, **first._asdict()} for (user_id, client_id), first in made.items()]
        insert_all(cls, rows)


class First(NamedTuple):
    """What a client_id made when it was first used."""

    digest: str
    subject: str

    @classmethod
    def message(cls, digest: str, place: Place) -> "First":
        return cls(digest, f"{place[0]}:{place[1]}")

    @property
    def place(self) -> Place | None:
        """Where the message stands that it made; None if it made something else."""
        room_id, _, seq = self.subject.partition(":")
        return (room_id, int(seq)) if seq else None
