"""Polls: what is asked and can be chosen stands in the message; who chose what, in votes, counted whenever it is read."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Select, delete, func, select
from sqlalchemy.orm import Mapped, mapped_column

from chatx.extensions import Model, db
from chatx.models.base import Id, Moment, in_json, moment, new_id
from chatx.models.bulk import insert_all
from chatx.models.content import Content, Data
from chatx.models.message import Message, Place
from chatx.models.part import PartOfMessage, at_places
from config import LIMITS


class PollVote(PartOfMessage, Model):
    """Somebody chose an option of a poll."""

    __tablename__ = "poll_votes"

    room_id: Mapped[str] = mapped_column(Id, ForeignKey("rooms.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    user_id: Mapped[str] = mapped_column(Id, primary_key=True)
    option_id: Mapped[str] = mapped_column(Id, primary_key=True)
    voted_at: Mapped[datetime] = mapped_column(Moment)

    @classmethod
    def of(cls, place: Place, user_id: str) -> set[str]:
        """What this person chose, by option id."""
        mine = (cls.room_id == place[0], cls.seq == place[1], cls.user_id == user_id)
        return set(db.session.scalars(select(cls.option_id).where(*mine)))

    @classmethod
    def page(cls, place: Place, option_id: str | None, after: str | None, limit: int) -> list[dict[str, Any]]:
        """Who chose what, or who chose this option too, in the order of their ids."""
        here = (cls.room_id == place[0], cls.seq == place[1])
        people = select(cls.user_id).where(*here).distinct()
        if option_id is not None:
            people = people.where(cls.option_id == option_id)
        if after is not None:
            people = people.where(cls.user_id > after)
        some = people.order_by(cls.user_id).limit(limit).subquery()
        query = (
            select(cls).join(some, some.c.user_id == cls.user_id).where(*here).order_by(cls.user_id, cls.voted_at, cls.option_id)
        )
        voters: dict[str, dict[str, Any]] = {}
        for vote in db.session.scalars(query):
            voter = voters.setdefault(vote.user_id, {"user_id": vote.user_id, "option_ids": []})
            voter["option_ids"].append(vote.option_id)
            voter["voted_at"] = vote.voted_at
        return list(voters.values())


@dataclass(slots=True)
class Tally:
    """The votes of one poll: how many people voted, and for each option how many, and the first of them."""

    voters: int = 0
    counts: dict[str, int] = field(default_factory=dict)
    people: dict[str, list[str]] = field(default_factory=dict)


class Poll(Content):
    type, timer = "poll", "poll:end"

    @classmethod
    def begin(cls, given: Data, sender_id: str, now: datetime) -> Data:
        return given | {"options": [_option(text, sender_id) for text in given["options"]], "closed_at": None}

    @classmethod
    def due_at(cls, data: Data, now: datetime) -> datetime | None:
        return None if data["closes_at"] is None else moment(data["closes_at"])

    @classmethod
    def look_up(cls, places: Collection[Place]) -> Mapping[Place, Tally]:
        tallies: dict[Place, Tally] = {}
        for room_id, seq, voters in db.session.execute(_voters(places)):
            tallies[room_id, seq] = Tally(voters)
        for room_id, seq, option_id, user_id, count in db.session.execute(_first_voters(places)):
            tally = tallies.setdefault((room_id, seq), Tally())
            tally.counts[option_id] = count
            tally.people.setdefault(option_id, []).append(user_id)
        return tallies

    @classmethod
    def show(cls, data: Data, found: Tally | None) -> Data:
        tally = found or Tally()
        options = [
            option
            | {
                "count": tally.counts.get(option["id"], 0),
                "user_ids": [] if data["hidden_voters"] else tally.people.get(option["id"], []),
            }
            for option in data["options"]
        ]
        return data | {"options": options, "voters": tally.voters}

    @classmethod
    def closed_at(cls, poll: Message, now: datetime) -> datetime | None:
        """When it was closed, or closed by itself although no worker has noted it yet; None while it is open."""
        closes_at = cls.due_at(poll.data, now)
        if poll.data["closed_at"] is not None:
            return moment(poll.data["closed_at"])
        return closes_at if closes_at is not None and closes_at <= now else None

    @classmethod
    def vote(cls, poll: Message, user_id: str, option_ids: Iterable[str], now: datetime, change_seq: int) -> bool:
        """Have this person choose these and no others; whether that is another choice than before."""
        before, wanted = PollVote.of(poll.place, user_id), set(option_ids)
        if before == wanted:
            return False
        cls.change(poll, change_seq)
        vote = {"room_id": poll.room_id, "seq": poll.seq, "user_id": user_id, "voted_at": now}
        mine = (PollVote.room_id == poll.room_id, PollVote.seq == poll.seq, PollVote.user_id == user_id)
        db.session.execute(delete(PollVote).where(*mine, PollVote.option_id.in_(before - wanted)))
        insert_all(PollVote, [vote | {"option_id": option_id} for option_id in sorted(wanted - before)])
        return True

    @classmethod
    def add_option(cls, poll: Message, text: str, user_id: str, change_seq: int) -> None:
        """One more can be chosen."""
        cls.change(poll, change_seq, options=[*poll.data["options"], _option(text, user_id)])

    @classmethod
    def close(cls, poll: Message, at: datetime, change_seq: int) -> None:
        """Nobody votes any more."""
        cls.change(poll, change_seq, closed_at=in_json(at))


def _option(text: str, user_id: str) -> Data:
    return {"id": new_id(), "text": text, "added_by": user_id}


def _voters(places: Collection[Place]) -> Select[str, int, int]:
    """How many people voted in each of these polls, in which anybody did."""
    count = func.count(PollVote.user_id.distinct())
    query = select(PollVote.room_id, PollVote.seq, count).where(at_places(PollVote, places))
    return query.group_by(PollVote.room_id, PollVote.seq)


def _first_voters(places: Collection[Place]) -> Select[Any]:
    """Of each option that anybody chose: how many people did, beside each of the first of them."""
    option = (PollVote.room_id, PollVote.seq, PollVote.option_id)
    count = func.count().over(partition_by=option).label("count")
    number = func.row_number().over(partition_by=option, order_by=(PollVote.voted_at, PollVote.user_id)).label("number")
    votes = select(*option, PollVote.user_id, count, number).where(at_places(PollVote, places)).subquery()
    shown = votes.c.number <= LIMITS["people_shown"]
    query = select(votes.c.room_id, votes.c.seq, votes.c.option_id, votes.c.user_id, votes.c.count)
    return query.where(shown).order_by(votes.c.number)
