"""Messages to be opened once: what they say stands apart from them, so that whatever reads messages cannot tell it."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Boolean, ForeignKey, Text, and_, delete, or_, select
from sqlalchemy.orm import Mapped, mapped_column

from chatx.extensions import Model, db
from chatx.models.base import Id, Moment, insert_once
from chatx.models.bulk import insert_all
from chatx.models.content import Content, Data
from chatx.models.membership import Membership
from chatx.models.message import Message, Place
from chatx.models.part import PartOfMessage
from chatx.models.said import Said


class Sealed(PartOfMessage, Model):
    """What a message says that is to be opened once; gone when all have opened it."""

    __tablename__ = "sealed"

    room_id: Mapped[str] = mapped_column(Id, ForeignKey("rooms.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    text: Mapped[str | None] = mapped_column(Text)
    data: Mapped[dict[str, Any]] = mapped_column(JSON)


class Opening(PartOfMessage, Model):
    """Somebody has opened a message. shown: its author is told so."""

    __tablename__ = "openings"

    room_id: Mapped[str] = mapped_column(Id, ForeignKey("rooms.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    user_id: Mapped[str] = mapped_column(Id, primary_key=True)
    at: Mapped[datetime] = mapped_column(Moment)
    shown: Mapped[bool] = mapped_column(Boolean)

    @classmethod
    def known_to(cls, user_id: str, messages: Collection[Any]) -> list[dict[str, Any]]:
        """Who opened which of these messages of a room, as far as this person is told; in the usual case nobody is asked."""
        sealed = {message.seq: message for message in messages if message.type == ViewOnce.type}
        if not sealed:
            return []
        mine = [seq for seq, message in sealed.items() if message.sender_id == user_id]
        told = or_(cls.user_id == user_id, and_(cls.seq.in_(mine), cls.shown))
        room_id = next(iter(sealed.values())).room_id
        query = select(cls.seq, cls.user_id).where(cls.room_id == room_id, cls.seq.in_(sealed), told)
        by_seq: dict[int, list[str]] = {}
        for seq, opener_id in db.session.execute(query.order_by(cls.seq, cls.at, cls.user_id)):
            by_seq.setdefault(seq, []).append(opener_id)
        return [{"seq": seq, "user_ids": user_ids} for seq, user_ids in by_seq.items()]


class ViewOnce(Content):
    """A message that each of the others can open once, whatever its type; its row says only `of` which type it is."""

    type = "view_once"

    @classmethod
    def seal(cls, content: dict[str, Any]) -> dict[str, Any]:
        """What is said, with what it says apart."""
        sealed = {name: content[name] for name in ("text", "data")}
        return content | {"type": cls.type, "text": None, "data": {"of": content["type"]}, "sealed": sealed}

    @classmethod
    def look_up(cls, places: Collection[Place]) -> Mapping[Place, Any]:
        return {}

    @classmethod
    def show(cls, data: Data, found: Any | None) -> Data:
        return data

    @classmethod
    def keep_all(cls, said: Sequence[Said]) -> None:
        insert_all(Sealed, [{"room_id": each.room_id, "seq": each.seq, **(each.sealed or {})} for each in said])

    @classmethod
    def open(cls, message: Message, user_id: str, now: datetime, *, shown: bool) -> dict[str, Any] | None:
        """What it says, for this person and this once; None where it was opened before, or by all who could."""
        sealed = db.session.get(Sealed, message.place)
        opening = {"room_id": message.room_id, "seq": message.seq, "user_id": user_id, "at": now, "shown": shown}
        if sealed is None or not insert_once(Opening, opening):
            return None
        said = {"type": message.data["of"], "text": sealed.text, "data": sealed.data}
        if not cls._awaited(message):
            db.session.execute(delete(Sealed).where(Sealed.room_id == message.room_id, Sealed.seq == message.seq))
        return said

    @classmethod
    def _awaited(cls, message: Message) -> bool:
        """Whether somebody is in the room who sees it and has not opened it."""
        opened = select(Opening.user_id).where(Opening.room_id == message.room_id, Opening.seq == message.seq)
        others = and_(Membership.room_id == message.room_id, Membership.left_seq.is_(None))
        query = select(Membership).where(others, Membership.user_id != message.sender_id, Membership.user_id.not_in(opened))
        return any(stay.sees(message.seq) for stay in db.session.scalars(query))
