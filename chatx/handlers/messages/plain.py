"""Plain messages: the usual `message:send`, without a look at anything but the rooms that this process knows."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import orjson

from chatx import access
from chatx.context import Call
from chatx.models.base import new_id
from chatx.models.feed import Audience
from chatx.models.plain import PREPARE, Plain, say_all
from chatx.models.said import Said
from chatx.models.submission import Submission
from chatx.registry import shortcut
from chatx.schemas.message.formatting import entities_of
from chatx.schemas.message.send import SentOut
from chatx.schemas.values import written
from chatx.services.links import links
from chatx.services.live import Frame
from chatx.services.live.news import room_channel

Answer = dict[str, Any]
NOTHING_MORE: dict[str, Any] = {"type": "text", "data": {}, "reply_to_seq": None, "mentions": []}
# What a plain call is made of: whoever gives more asks for something else.
PLAIN = {"room_id", "client_id", "text", *NOTHING_MORE}
# What plain messages have in common, as the schema dumps it.
BLANK: Answer = SentOut().dump(Said("", 0, "", "", datetime.now(UTC), "text", "", {}, [], None, None))


@shortcut("message:send")
def say_plainly(
    calls: Sequence[Call], now: datetime, once: Callable[[str, Callable[[Any], Any]], Any]
) -> tuple[list[Answer | None], list[Frame]]:
    """Say what needs no look-up in one statement; the rest of a room waits behind the first that does."""
    plain, audiences = _plain_ones(calls)
    said = [message for message in plain if message is not None]
    versions = {room_id: audience.version for room_id, audience in audiences.items()}
    reached: dict[str, int] | None = once(PREPARE, lambda cursor: say_all(cursor, said, versions, now)) if said else None
    if not reached:
        return [None] * len(calls), []
    blank = BLANK | {"created_at": written(now)}
    answers = [_answer(blank, message, reached) if message else None for message in plain]
    frames = [_frame(answer, audiences[answer["room_id"]]) for answer in answers if answer is not None]
    return answers, frames


def _plain_ones(calls: Sequence[Call]) -> tuple[list[Plain | None], dict[str, Audience]]:
    """The calls that are plain, each in its place, and who hears the rooms that they speak in."""
    plain: list[Plain | None] = []
    audiences: dict[str, Audience] = {}
    keys, held_up = set(), set()
    for call in calls:
        assert call.actor is not None
        arguments, user_id = call.arguments, call.actor.user_id
        room_id, key = arguments["room_id"], (user_id, arguments["client_id"])
        audience = access.room_as_known(user_id, room_id)
        usual = len(arguments) == len(PLAIN) and all(arguments[name] == value for name, value in NOTHING_MORE.items())
        usual = usual and not links.may_be_in(arguments["text"])
        if audience is None or not usual or key in keys or room_id in held_up:
            held_up.add(room_id)
            plain.append(None)
            continue
        keys.add(key)
        audiences[room_id] = audience
        digest = Submission.digest_of_call("message:send", arguments)
        plain.append(Plain(room_id, new_id(), user_id, arguments["client_id"], arguments["text"], digest))
    return plain, audiences


def _answer(blank: Answer, message: Plain, reached: dict[str, int]) -> Answer | None:
    """None where the room has changed meanwhile."""
    last = reached.get(message.room_id)
    if last is None:
        return None
    return blank | {
        "id": message.id,
        "room_id": message.room_id,
        "seq": last - message.later,
        "sender_id": message.sender_id,
        "client_id": message.client_id,
        "text": message.text,
        "entities": entities_of(message.text),
    }


def _frame(message: Answer, audience: Audience) -> Frame:
    room_id, seq = message["room_id"], message["seq"]
    change = {
        "feed": room_id,
        "seq": seq,
        "type": "message:created",
        "at": message["created_at"],
        "actor_id": message["sender_id"],
        "message": message,
    }
    channel = room_channel(room_id)
    return Frame("message:created", channel, audience.members, orjson.dumps(change), seq, audience.version)
