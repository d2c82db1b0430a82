"""Who is connected here, and copying what is heard to their connections: one encoding, however many they are."""

import secrets
from dataclasses import dataclass
from typing import Any, Protocol

from engineio.exceptions import EngineIOError
from engineio.packet import MESSAGE
from engineio.packet import Packet as EnginePacket
from flask_socketio import SocketIO

from chatx.context import Actor

NAMESPACE = "/chat"
FAREWELL_SECONDS = 0.1
LONGEST_RECONNECT_MS = 3_000


class Heard(Protocol):
    """A frame to deliver; `services.live.Frame` is one."""

    @property
    def event(self) -> str: ...
    @property
    def audience(self) -> Any: ...
    @property
    def data(self) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Connection:
    """One client in the namespace: its Socket.IO id, its Engine.IO id, and who it is."""

    sid: str
    eio_sid: str
    actor: Actor


class Fanout:
    """The connections of this process, by person and by device."""

    def __init__(self, socketio: SocketIO) -> None:
        self._socketio = socketio
        self._all: dict[str, Connection] = {}
        self._of_user: dict[str, dict[str, Connection]] = {}
        self._of_device: dict[str, dict[str, Connection]] = {}

    def add(self, connection: Connection) -> None:
        self._all[connection.sid] = connection
        self._of_user.setdefault(connection.actor.user_id, {})[connection.sid] = connection
        self._of_device.setdefault(connection.actor.device_id, {})[connection.sid] = connection

    def remove(self, sid: str) -> Connection | None:
        connection = self._all.pop(sid, None)
        if connection is not None:
            _forget(self._of_user, connection.actor.user_id, sid)
            _forget(self._of_device, connection.actor.device_id, sid)
        return connection

    def deliver(self, frame: Heard) -> None:
        """Copy one frame to every connection of its audience."""
        packet = _packet(frame.event, frame.data)
        for user_id in frame.audience:
            for connection in list(self._of_user.get(user_id, {}).values()):
                self._send(connection, packet)

    def deliver_to(self, connection: Connection, event: str, data: bytes) -> None:
        """Send one event to one connection."""
        self._send(connection, _packet(event, data))

    def close(self, device_id: str) -> None:
        """Say farewell to a signed-out device: clients do not come back after a Socket.IO disconnect by the server."""
        for connection in list(self._of_device.get(device_id, {}).values()):
            self.remove(connection.sid)
            self._socketio.start_background_task(self._hang_up, connection)

    def hint(self, user_id: str | None = None) -> None:
        """Tell the connections of this person, or all, that they may have missed something."""
        packet = _packet("sync:hint", b"{}")
        for connection in list((self._all if user_id is None else self._of_user.get(user_id, {})).values()):
            self._send(connection, packet)

    def announce_drain(self) -> None:
        """Tell everybody connected here to come back elsewhere, each after a time of their own."""
        leaving = list(self._all.values())
        secrets.SystemRandom().shuffle(leaving)
        for number, connection in enumerate(leaving):
            wait = LONGEST_RECONNECT_MS * number // len(leaving)
            self._send(connection, _packet("server:drain", b'{"reconnect_after_ms":%d}' % wait))

    def _hang_up(self, connection: Connection) -> None:
        """In between, the ack of a call that signed its own device out, and then the DISCONNECT, still leave."""
        self._socketio.sleep(FAREWELL_SECONDS)
        self._socketio.server.disconnect(connection.sid, namespace=NAMESPACE)
        self._socketio.sleep(FAREWELL_SECONDS)
        socket = self._socketio.server.eio.sockets.get(connection.eio_sid)
        if socket is not None:
            # Without waiting: a client that polls no more would keep a green thread of ours for ever.
            socket.close(wait=False)

    def _send(self, connection: Connection, packet: EnginePacket) -> None:
        try:
            self._socketio.server.eio.send_packet(connection.eio_sid, packet)
        except EngineIOError:
            # It closed a moment ago; its disconnect removes it, and sync gives it what it missed.
            return


def _packet(event: str, data: bytes) -> EnginePacket:
    """A Socket.IO event in an Engine.IO message; the library caches its encoding for all receivers."""
    return EnginePacket(MESSAGE, f'2{NAMESPACE},["{event}",{data.decode()}]')


def _forget(index: dict[str, dict[str, Connection]], key: str, sid: str) -> None:
    connections = index.get(key, {})
    connections.pop(sid, None)
    if not connections:
        index.pop(key, None)
