"""A question that the members of a room vote on."""

from collections.abc import Container, Mapping
from datetime import datetime, timedelta
from typing import Any

from marshmallow import ValidationError, fields

from chatx.schemas.base import In, Out
from chatx.schemas.message.types.base import MessageType, Wrong
from chatx.schemas.values import Flag, Id, Some, Time, Words
from config import LIMITS


def option_text(**options: Any) -> Words:
    """What can be chosen."""
    return Words(most="poll_option_characters", least=1, **options)


def _all_different(options: list[str]) -> None:
    if len(set(options)) < len(options):
        raise ValidationError("Two options are alike.")


class PollDataIn(In):
    """`poll`: a question, and what can be chosen."""

    question = Words(most="poll_question_characters", least=1, required=True)
    options = Some(option_text(), least=2, most="poll_options", required=True, validate=_all_different)
    multiple = Flag(load_default=False, metadata={"description": "more than one option can be chosen"})
    hidden_voters = Flag(load_default=False, metadata={"description": "nobody is told who chose what"})
    add_options = Flag(load_default=False, metadata={"description": "members may add options, up to `poll_options`"})
    closes_at = Time(allow_none=True, load_default=None, metadata={"description": "within `poll_seconds`"})


class PollOptionOut(Out):
    id = Id()
    text = fields.String()
    added_by = Id()
    count = fields.Integer()
    user_ids = fields.List(Id(), metadata={"description": "the first `people_shown` who chose it; none with `hidden_voters`"})


class PollDataOut(Out):
    """`poll`: a question, what can be chosen, and how many chose it."""

    question = fields.String()
    options = fields.List(fields.Nested(PollOptionOut))
    multiple = fields.Boolean()
    hidden_voters = fields.Boolean()
    add_options = fields.Boolean()
    closes_at = Time(allow_none=True)
    closed_at = Time(allow_none=True)
    voters = fields.Integer(metadata={"description": "how many people voted"})


class Poll(MessageType):
    name = "poll"
    takes, gives = PollDataIn(), PollDataOut()

    @staticmethod
    def fallback(data: Mapping[str, Any]) -> str:
        return f"Poll: {data['question']}"

    @staticmethod
    def wrong(data: Mapping[str, Any], now: datetime, people: Container[str]) -> Wrong:
        if data["closes_at"] is None:
            return {}
        ahead = datetime.fromisoformat(data["closes_at"]) - now
        if not timedelta() < ahead <= timedelta(seconds=LIMITS["poll_seconds"]):
            return {"closes_at": [f"Not within the next poll_seconds: {LIMITS['poll_seconds']}."]}
        return {}
