"""Who is connected here, and copying what is heard to their connections: one encoding, however many they are."""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Protocol

from engineio.exceptions import EngineIOError
from flask_socketio import SocketIO

from chatx.context import Actor
from chatx.sockets.wire.packets import Message

NAMESPACE = "/chat"
FAREWELL_SECONDS = 0.1
LONGEST_RECONNECT_MS = 3_000


class Heard(Protocol):
    """A frame to deliver; `services.live.Frame` is one."""

    @property
    def event(self) -> str: ...
    @property
    def copies(self) -> Iterable[tuple[Iterable[str], bytes]]: ...


@dataclass(frozen=True, slots=True)
class Connection:
    """One client in the namespace: its Socket.IO id, its Engine.IO socket, and who it is."""

    sid: str
    socket: Any
    actor: Actor


class Fanout:
    """The connections of this process, by person and by device."""

    def __init__(self, socketio: SocketIO) -> None:
        self._socketio = socketio
        self._all: dict[str, Connection] = {}
        # Tuples, so that who comes or goes does not disturb a delivery.
        self._of_user: dict[str, tuple[Connection, ...]] = {}
        self._of_device: dict[str, tuple[Connection, ...]] = {}
        self.deliveries = 0

    @property
    def connected(self) -> int:
        """How many connections there are."""
        return len(self._all)

    def add(self, connection: Connection) -> None:
        self._all[connection.sid] = connection
        for index, key in self._places(connection):
            index[key] = (*index.get(key, ()), connection)

    def remove(self, sid: str) -> Connection | None:
        connection = self._all.pop(sid, None)
        if connection is not None:
            for index, key in self._places(connection):
                index[key] = tuple(other for other in index[key] if other is not connection)
                if not index[key]:
                    del index[key]
        return connection

    def deliver(self, frame: Heard) -> None:
        """Copy one frame to every connection of its audience."""
        for people, data in frame.copies:
            message = _message(frame.event, data)
            for user_id in people:
                connections = self._of_user.get(user_id, ())
                self.deliveries += len(connections)
                for connection in connections:
                    self._send(connection, message)

    def deliver_to(self, connection: Connection, event: str, data: bytes) -> None:
        """Send one event to one connection."""
        self._send(connection, _message(event, data))

    def close(self, device_id: str) -> None:
        """Say farewell to a signed-out device: clients do not come back after a Socket.IO disconnect by the server."""
        for connection in self._of_device.get(device_id, ()):
            self.remove(connection.sid)
            self._socketio.start_background_task(self._hang_up, connection)

    def hint(self, user_id: str | None = None) -> None:
        """Tell the connections of this person, or all, that they may have missed something."""
        message = _message("sync:hint", b"{}")
        for connection in list(self._all.values()) if user_id is None else self._of_user.get(user_id, ()):
            self._send(connection, message)

    def announce_drain(self) -> None:
        """Tell everybody connected here to come back elsewhere, each after a time of their own."""
        leaving = list(self._all.values())
        secrets.SystemRandom().shuffle(leaving)
        for number, connection in enumerate(leaving):
            wait = LONGEST_RECONNECT_MS * number // len(leaving)
            self._send(connection, _message("server:drain", b'{"reconnect_after_ms":%d}' % wait))

    def _places(self, connection: Connection) -> list[tuple[dict[str, tuple[Connection, ...]], str]]:
        return [(self._of_user, connection.actor.user_id), (self._of_device, connection.actor.device_id)]

    def _hang_up(self, connection: Connection) -> None:
        """In between, the ack of a call that signed its own device out, and then the DISCONNECT, still leave."""
        self._socketio.sleep(FAREWELL_SECONDS)
        self._socketio.server.disconnect(connection.sid, namespace=NAMESPACE)
        self._socketio.sleep(FAREWELL_SECONDS)
        # Without waiting: a client that polls no more would keep a green thread of ours for ever.
        connection.socket.close(wait=False)

    def _send(self, connection: Connection, message: Message) -> None:
        try:
            connection.socket.send(message)
        except EngineIOError:
            # It closed a moment ago; its disconnect removes it, and sync gives it what it missed.
            return


def _message(event: str, data: bytes) -> Message:
    """A Socket.IO event, encoded once for all who hear it."""
    return Message(b'2%b,["%b",%b]' % (NAMESPACE.encode(), event.encode(), data))
