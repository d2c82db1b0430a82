"""Votes in polls, and what is heard of them. What a poll is stands in `message/types/poll.py`."""

from marshmallow import fields

from chatx.schemas.base import Cursor, In, Out, PageIn
from chatx.schemas.message import MessageChange
from chatx.schemas.message.types.poll import option_text
from chatx.schemas.values import Id, Ids, Seq, Time


class PollIn(In):
    room_id = Id(required=True)
    seq = Seq(low=1, required=True)


class VoteIn(PollIn):
    option_ids = Ids(most="poll_options", required=True, metadata={"description": "none: the vote is withdrawn"})


class AddOptionIn(PollIn):
    text = option_text(required=True)


class OwnVoteOut(Out):
    option_ids = fields.List(Id())


class VotersIn(PollIn, PageIn):
    option_id = Id(metadata={"description": "only those who chose this one"})
    cursor = Cursor(Id())


class VoterOut(Out):
    user_id = Id()
    option_ids = fields.List(Id())
    voted_at = Time()


class VoterListOut(Out):
    items = fields.List(fields.Nested(VoterOut))
    next = Cursor(Id(), allow_none=True)


class PollChanged(MessageChange):
    """Someone voted in a poll, added an option or closed it, or it closed by itself; nobody is named where voters are hidden."""

    event = "poll:changed"
