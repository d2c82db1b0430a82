"""Events of connected clients, past the libraries: one packet is read and dispatched, and its ack written, as bytes."""

import re
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

import orjson
from flask import Flask

from chatx import registry
from chatx.sockets.ack import Ack, ack_later, acked
from chatx.sockets.chat import Chat
from chatx.sockets.fanout import NAMESPACE
from chatx.sockets.strict import RESERVED
from chatx.sockets.wire.packets import Message

if TYPE_CHECKING:
    from chatx.sockets.wire.session import Session

EVENT = f"2{NAMESPACE},"
ACK = f"3{NAMESPACE},"
LONGEST_ID = 16  # digits

Packet = tuple[str, str, list[Any]]


class Events:
    """Hears what a session is sent. `otherwise` gets what is no event of somebody who is connected."""

    def __init__(self, app: Flask, chat: Chat, otherwise: Callable[[str, Any], None]) -> None:
        self._app, self._chat, self._otherwise = app, chat, otherwise
        batched = "|".join(re.escape(event) for event in registry.catalogue if is_batched(event))
        # An event that shares commits, with one argument: all that need not be looked at twice.
        self._usual = re.compile(rf'4{EVENT}([0-9]{{0,{LONGEST_ID}}})\["({batched})",')

    def take_at_once(self, session: "Session", packet: str) -> bool:
        """Handle a call of a batched event that comes after no other, without a green thread of its own."""
        usual = self._usual.match(packet)
        caller = self._chat.caller(session.joined)
        if usual is None or caller is None or not packet.endswith("]"):
            return False
        try:
            argument = orjson.loads(packet[usual.end() : -1])
        except orjson.JSONDecodeError:
            return False
        ack_id, event = usual.groups()
        if not session.inbox.lets_fly(event):
            return False
        ack_later(self._app, event, caller[0], [argument], caller[1], partial(_land, session, ack_id))
        return True

    def hear(self, session: "Session", message: str | bytes) -> None:
        """Handle one message. Calls of one batched event may wait for their commit together, all else in its turn."""
        caller = self._chat.caller(session.joined)
        packet = parsed(message)
        if caller is None or packet is None:
            session.inbox.take_off()
            self._otherwise(session.sid, message)
            return
        ack_id, event, arguments = packet
        if is_batched(event):
            session.inbox.take_off(event)
            ack_later(self._app, event, caller[0], arguments, caller[1], partial(_land, session, ack_id))
        else:
            session.inbox.take_off()
            _reply(session, ack_id, acked(self._app, event, caller[0], arguments, caller[1]))


def parsed(message: str | bytes) -> Packet | None:
    """The ack id, the event and its arguments; None for another packet, and for JSON that has to be looked at twice."""
    if not isinstance(message, str) or not message.startswith(EVENT):
        return None
    start = message.find("[", len(EVENT), len(EVENT) + LONGEST_ID + 1)
    ack_id = message[len(EVENT) : start]
    if start < 0 or (ack_id and not (ack_id.isascii() and ack_id.isdigit())):
        return None
    try:
        content = orjson.loads(message[start:])
    except orjson.JSONDecodeError:
        return None
    if not content or not isinstance(content[0], str) or content[0] in RESERVED:
        return None
    return ack_id, content[0], content[1:]


def is_batched(event: str) -> bool:
    """Whether calls of this event share a commit."""
    handler = registry.catalogue.get(event)
    return handler is not None and handler.batch


def _land(session: "Session", ack_id: str, ack: Ack) -> None:
    _reply(session, ack_id, ack)
    session.inbox.land()


def _reply(session: "Session", ack_id: str, ack: Ack) -> None:
    if ack_id:
        session.send(Message(b"%b%b[%b]" % (ACK.encode(), ack_id.encode(), orjson.dumps(ack))))
