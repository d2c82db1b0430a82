"""The namespace /chat: connecting, and handing every event to the one door. No event has a method of its own."""

import logging
import secrets
from datetime import UTC, datetime
from typing import Any, Protocol

import orjson
from flask import Flask
from flask_socketio import Namespace
from socketio.exceptions import ConnectionRefusedError as Refused

from chatx import registry
from chatx.context import Actor
from chatx.dispatch import dispatch
from chatx.errors import ChatError, Unauthenticated
from chatx.logs import Call, log
from chatx.sockets.ack import acked, refusal
from chatx.sockets.fanout import NAMESPACE, Connection, Fanout
from chatx.sockets.wire import OUTBOX_FULL

outbox_log = logging.getLogger("chatx.sockets")


class Attendance(Protocol):
    """Hears who connects here and who goes; `services.live.Live` is one."""

    def enter(self, user_id: str) -> None: ...
    def leave(self, user_id: str) -> None: ...


class Chat(Namespace):
    """Overrides `trigger_event`, so that no Flask request is made up for an event and names may contain a colon."""

    def __init__(self, app: Flask, fanout: Fanout, attendance: Attendance) -> None:
        super().__init__(NAMESPACE)
        self._app = app
        self._fanout = fanout
        self._attendance = attendance
        self._entered: set[str] = set()
        self._actors: dict[str, tuple[Actor, str]] = {}

    def trigger_event(self, event: str, sid: str, *args: Any) -> Any:
        if event == "connect":
            return self._connect(sid, *args)
        if event == "disconnect":
            return self._disconnect(sid, *args)
        actor, address = self._actors[sid]
        return acked(self._app, event, actor, args, address)

    def caller(self, sid: str | None) -> tuple[Actor, str] | None:
        """Who is connected under this id, and their address; None when nobody is."""
        return self._actors.get(sid or "")

    def ready(self, sid: str, eio_sid: str) -> None:
        """The connection is accepted: it hears from now on, `ready` first."""
        actor, _ = self._actors[sid]
        connection = Connection(sid, self.socketio.server.eio.sockets[eio_sid], actor)
        if not self._enter(sid, actor.user_id):
            return
        facts = {"user_id": actor.user_id, "device_id": actor.device_id, "server_time": datetime.now(UTC)}
        data = registry.announcements["ready"].gives.dump({**facts, "session": secrets.token_hex(8)})
        self._fanout.deliver_to(connection, "ready", orjson.dumps(data))
        self._fanout.add(connection)

    def _enter(self, sid: str, user_id: str) -> bool:
        """Whether the connection still stands once all that it may hear reaches this process."""
        try:
            self._attendance.enter(user_id)
        except ChatError as error:
            raise LookupError("Nobody knows what this connection may hear; it is ended, and comes back.") from error
        if sid not in self._actors:
            self._attendance.leave(user_id)
            return False
        self._entered.add(sid)
        return True

    def _connect(self, sid: str, environ: dict[str, Any], auth: Any = None) -> None:
        call = Call("connect", "socket")
        address = environ.get("REMOTE_ADDR", "")
        try:
            with self._app.app_context():
                actor = dispatch("device:connect", None, {"token": _token(auth)}, address=address)
            self._actors[sid] = (actor, address)
            call.facts |= {"actor": actor.user_id, "device": actor.device_id}
        except ChatError as error:
            raise Refused(error.detail, refusal(call, error)) from error
        except Exception as error:
            log.error("unexpected", exc_info=error, extra={"id": call.id, "event": call.event})
            raise Refused("Internal error", refusal(call, ChatError())) from error
        finally:
            call.finish()

    def _disconnect(self, sid: str, reason: str = "") -> None:
        self._fanout.remove(sid)
        actor, _ = self._actors.pop(sid, (None, ""))
        if actor is not None and sid in self._entered:
            self._entered.remove(sid)
            self._attendance.leave(actor.user_id)
        if actor is not None and reason == OUTBOX_FULL:
            who = {"actor": actor.user_id, "device": actor.device_id}
            outbox_log.warning(OUTBOX_FULL, extra={**who, "reason": "It stopped reading, or reads too slowly."})


def _token(auth: Any) -> str:
    token = auth.get("token") if isinstance(auth, dict) else None
    if not isinstance(token, str) or not token:
        raise Unauthenticated("Connect with auth: {token: <access token>}.")
    return token
