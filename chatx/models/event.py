"""Events: what, when and where stands in the message; who comes, in answers, which are counted whenever it is read."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Integer, Select, String, func, select, update
from sqlalchemy.orm import Mapped, mapped_column

from chatx.extensions import Model, db
from chatx.models.base import Id, Moment, in_json, moment
from chatx.models.bulk import upsert_all
from chatx.models.content import Content, Data, timer_key
from chatx.models.message import Message, Place
from chatx.models.part import PartOfMessage, at_places
from chatx.models.timer import Timer
from config import LIMITS

ANSWERS = ("going", "maybe", "no")


class EventAnswer(PartOfMessage, Model):
    """Somebody said whether they come to an event. guests: how many others they bring."""

    __tablename__ = "event_answers"

    room_id: Mapped[str] = mapped_column(Id, ForeignKey("rooms.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    user_id: Mapped[str] = mapped_column(Id, primary_key=True)
    answer: Mapped[str] = mapped_column(String(8))
    guests: Mapped[int] = mapped_column(Integer)
    answered_at: Mapped[datetime] = mapped_column(Moment)

    @classmethod
    def of(cls, place: Place, user_id: str) -> "EventAnswer | None":
        """What this person said."""
        return db.session.get(cls, (*place, user_id), populate_existing=True)

    @classmethod
    def page(cls, place: Place, answer: str | None, after: str | None, limit: int) -> list["EventAnswer"]:
        """Who said what, or who said this, in the order of their ids."""
        query = select(cls).where(cls.room_id == place[0], cls.seq == place[1])
        if answer is not None:
            query = query.where(cls.answer == answer)
        if after is not None:
            query = query.where(cls.user_id > after)
        return list(db.session.scalars(query.order_by(cls.user_id).limit(limit)))


class Event(Content):
    type, timer = "event", "event:remind"

    @classmethod
    def begin(cls, given: Data, sender_id: str, now: datetime) -> Data:
        return given | {"cancelled_at": None}

    @classmethod
    def due_at(cls, data: Data, now: datetime) -> datetime | None:
        at = cls.reminds_at(data)
        return at if at is not None and at > now else None

    @classmethod
    def reminds_at(cls, data: Data) -> datetime | None:
        """When everybody is to be reminded, or was; None: never."""
        if data["reminder_seconds"] is None or data["cancelled_at"] is not None:
            return None
        return moment(data["starts_at"]) - timedelta(seconds=data["reminder_seconds"])

    @classmethod
    def look_up(cls, places: Collection[Place]) -> Mapping[Place, dict[str, Data]]:
        found: dict[Place, dict[str, Data]] = {}
        for room_id, seq, answer, user_id, count, guests in db.session.execute(_first_of_each(places)):
            alike = found.setdefault((room_id, seq), {}).setdefault(answer, _nobody())
            alike["count"], alike["guests"] = count, guests
            alike["user_ids"].append(user_id)
        return found

    @classmethod
    def show(cls, data: Data, found: dict[str, Data] | None) -> Data:
        return data | {"answers": {answer: (found or {}).get(answer) or _nobody() for answer in ANSWERS}}

    @classmethod
    def over_at(cls, event: Message) -> datetime:
        """From when on nobody answers any more."""
        if event.data["ends_at"] is not None:
            return moment(event.data["ends_at"])
        return moment(event.data["starts_at"]) + timedelta(seconds=LIMITS["event_open_seconds"])

    @classmethod
    def answer(cls, event: Message, user_id: str, answer: str, guests: int, now: datetime, change_seq: int) -> bool:
        """Have this person say so; whether that is something else than before."""
        before = EventAnswer.of(event.place, user_id)
        if before is not None and (before.answer, before.guests) == (answer, guests):
            return False
        cls.change(event, change_seq)
        key = {"room_id": event.room_id, "seq": event.seq, "user_id": user_id}
        upsert_all(EventAnswer, [key | {"answer": answer, "guests": guests, "answered_at": now}], on=tuple(key))
        return True

    @classmethod
    def revise(cls, event: Message, changed: Data, now: datetime, change_seq: int) -> None:
        """It is to be otherwise; the reminder moves with it, and guests who are not welcome any more are not counted."""
        cls.change(event, change_seq, **changed)
        if changed.get("extra_guests") is False:
            here = (EventAnswer.room_id == event.room_id, EventAnswer.seq == event.seq)
            db.session.execute(update(EventAnswer).where(*here).values(guests=0))
        at = cls.due_at(event.data, now)
        if at is None:
            cls.unset_timer(event)
        else:
            Timer.set(cls.timer, timer_key(event.place), at)

    @classmethod
    def cancel(cls, event: Message, now: datetime, change_seq: int) -> None:
        """It does not take place."""
        cls.revise(event, {"cancelled_at": in_json(now)}, now, change_seq)


def _nobody() -> Data:
    return {"count": 0, "guests": 0, "user_ids": []}


def _first_of_each(places: Collection[Place]) -> Select[Any]:
    """For each answer that anybody gave: how many people did and how many they bring, beside each of the first of them."""
    alike = (EventAnswer.room_id, EventAnswer.seq, EventAnswer.answer)
    count = func.count().over(partition_by=alike).label("count")
    guests = func.sum(EventAnswer.guests).over(partition_by=alike).label("guests")
    order = (EventAnswer.answered_at, EventAnswer.user_id)
    number = func.row_number().over(partition_by=alike, order_by=order).label("number")
    given = select(*alike, EventAnswer.user_id, count, guests, number).where(at_places(EventAnswer, places)).subquery()
    query = select(given.c.room_id, given.c.seq, given.c.answer, given.c.user_id, given.c.count, given.c.guests)
    return query.where(given.c.number <= LIMITS["people_shown"]).order_by(given.c.number)
