"""How a message looks to somebody who was not there all the time: in earlier words, without its quote, or not at all.

An edit is heard as a message is. Whoever was away, or blocks the author, keeps the words that they know.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import select

from chatx.extensions import db
from chatx.models.membership import Membership
from chatx.models.message import Message, Place
from chatx.models.message_edit import MessageEdit


class Seen:
    """A message with something else in the place of what the others see."""

    def __init__(self, message: Any, **otherwise: Any) -> None:
        self._message = message
        self.__dict__.update(otherwise)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._message, name)


def earlier_words(stays: Mapping[str, Membership], messages: Iterable[Any]) -> dict[Place, MessageEdit]:
    """What one person knows of these messages and of those they answer, by place, where the last edit did not reach them.

    In the usual case nobody is asked: it was not edited, or they have been there since.
    """
    by_room: dict[str, set[int]] = {}
    for message in messages:
        for each in (message, message.reply_to):
            if each is not None and each.edited_at is not None and not stays[each.room_id].hears_since(each.seq):
                by_room.setdefault(each.room_id, set()).add(each.seq)
    edits = [MessageEdit.as_heard(stays[room_id], seqs) for room_id, seqs in by_room.items()]
    return {(edit.room_id, edit.seq): edit for of_room in edits for edit in of_room.values()}


def in_earlier_words(message: Message, earlier: Mapping[Place, MessageEdit]) -> Message | Seen:
    """The message, and the one that it answers, in the words that somebody knows."""
    quote = message.reply_to and earlier.get(message.reply_to.place)
    otherwise = {"reply_to": Seen(message.reply_to, **quote.words(message.reply_to))} if message.reply_to and quote else {}
    edit = earlier.get(message.place)
    otherwise |= edit.words(message) if edit else {}
    return Seen(message, **otherwise) if otherwise else message


def forms_of(message: Any, newest: int) -> list[tuple[list[str], Any]]:
    """Who of those who hear of a message see it otherwise than the others, and how; None: not at all.

    newest: where the latest of them joined, so that in the usual case nobody is asked for. What people have hidden
    themselves is not among it: it was theirs, and their clients leave it out.
    """
    oldest = message.seq if message.reply_to_seq is None else min(message.seq, message.reply_to_seq)
    if newest <= oldest:
        return []
    query = select(Membership.user_id, Membership.joined_seq, Membership.past_stays)
    query = query.where(Membership.room_id == message.room_id, Membership.hears(), Membership.joined_seq > oldest)
    came_later = db.session.execute(query).tuples().all()
    blind = [user_id for user_id, joined_seq, past in came_later if not past and joined_seq > message.seq]
    unquoted = [user_id for user_id, joined_seq, past in came_later if not past and joined_seq <= message.seq]
    came_back = [user_id for user_id, _, past in came_later if past]
    forms: list[tuple[list[str], Any]] = [(blind, None), (unquoted, Seen(message, reply_to=None))]
    forms += [([stay.user_id], _form(message, stay)) for stay in Membership.of_room(message.room_id, came_back)]
    return [(people, form) for people, form in forms if people and form is not message]


def _form(message: Any, stay: Membership) -> Any:
    """How somebody sees it who was there, away, and there again."""
    if not stay.sees(message.seq):
        return None
    if message.reply_to_seq is not None and not stay.sees(message.reply_to_seq):
        message = Seen(message, reply_to=None)
    return in_earlier_words(message, earlier_words({stay.room_id: stay}, [message]))
