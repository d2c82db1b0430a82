"""Private replies: what is answered in the direct room with somebody who said it in a group.

Each of the two sees the quote while they are in the group and see what it quotes there; otherwise only whose it is, and where.
"""

from typing import Any

from sqlalchemy import select

from chatx.extensions import db
from chatx.models.membership import Membership
from chatx.models.message import Elsewhere, Message
from chatx.models.seen import Seen, earlier_words, in_earlier_words


def private_forms(reply: Any) -> list[tuple[list[str], Any]]:
    """How each of those who hear of a private reply sees it; None: not at all."""
    hearers = db.session.scalars(select(Membership).where(Membership.room_id == reply.room_id, Membership.hears())).all()
    there = {stay.user_id: stay for stay in Membership.of_pairs((reply.reply_to_room_id, stay.user_id) for stay in hearers)}
    originals = Message.at_all([(reply.reply_to_room_id, reply.reply_to_seq)])
    return [([stay.user_id], _form(reply, stay, originals[0], there.get(stay.user_id))) for stay in hearers]


def _form(reply: Any, stay: Membership, original: Message, there: Membership | None) -> Any:
    if not stay.sees(reply.seq):
        return None
    stays = {stay.room_id: stay}
    if there is not None and there.goes_on and there.end is None and there.sees(original.seq):
        stays[there.room_id] = there
    quote = original if original.room_id in stays else Elsewhere.of(original)
    form: Any = Seen(reply, reply_to=quote)
    return in_earlier_words(form, earlier_words(stays, [form]))
