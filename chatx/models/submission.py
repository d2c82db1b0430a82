"""Submissions: what a client has sent under a client_id, kept for ever, so that a repeat finds the first result."""

import hashlib
from typing import Any

import orjson
from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from chatx.extensions import Model, db
from chatx.models.base import Id, insert_once


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
    def claim(cls, user_id: str, client_id: str, digest: str, subject: str) -> bool:
        """Take this client_id; False when it is taken already, by a call that has committed meanwhile."""
        return insert_once(cls, {"user_id": user_id, "client_id": client_id, "digest": digest, "subject": subject})
