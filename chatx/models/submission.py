"""Submissions: what a client has sent under a client_id, kept for ever, so that a repeat finds the first result."""

import hashlib
from collections.abc import Iterable
from typing import Any

import orjson
from sqlalchemy import String, select, tuple_
from sqlalchemy.orm import Mapped, mapped_column

from chatx.extensions import Model, db
from chatx.models.base import Id, insert_once
from chatx.models.message import Message, Place


class Submission(Model):
    """One creation by one person. digest: of the event and its arguments; subject: what it made, e.g. `room:seq`."""

    __tablename__ = "submissions"

    user_id: Mapped[str] = mapped_column(Id, primary_key=True)
    client_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    digest: Mapped[str] = mapped_column(String(32))
    subject: Mapped[str] = mapped_column(String(64))

    @staticmethod
    def digest_of(*content: Any) -> str:
        """What tells a repeat from another use of the same client_id."""
        return hashlib.blake2b(orjson.dumps(content), digest_size=16).hexdigest()

    @classmethod
    def of(cls, user_id: str, client_id: str) -> "Submission | None":
        return db.session.get(cls, (user_id, client_id), populate_existing=True)

    @classmethod
    def of_all(cls, keys: Iterable[tuple[str, str]]) -> dict[tuple[str, str], "Submission"]:
        """Those of these (user_id, client_id) that are taken, in one query."""
        query = select(cls).where(tuple_(cls.user_id, cls.client_id).in_(sorted(set(keys))))
        return {(each.user_id, each.client_id): each for each in db.session.scalars(query)}

    @classmethod
    def claim(cls, user_id: str, client_id: str, digest: str, subject: str) -> bool:
        """Take this client_id; False when it is taken already, by a call that has committed meanwhile."""
        return insert_once(cls, {"user_id": user_id, "client_id": client_id, "digest": digest, "subject": subject})

    @classmethod
    def keep(cls, user_id: str, client_id: str, digest: str, message: Message) -> "Submission":
        """Note what this client_id made; if it was taken meanwhile, the transaction fails and is tried again."""
        subject = f"{message.room_id}:{message.seq}"
        submission = cls(user_id=user_id, client_id=client_id, digest=digest, subject=subject)
        db.session.add(submission)
        return submission

    @property
    def place(self) -> Place | None:
        """Where the message stands that it made; None if it made something else."""
        room_id, _, seq = self.subject.partition(":")
        return (room_id, int(seq)) if seq else None
