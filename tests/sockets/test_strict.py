"""The private parts of python-socketio and python-engineio that we override are still there, and still what we took them for."""

import inspect

import engineio
import engineio.server
import engineio.socket
import flask
import flask_socketio
import pytest
import socketio

from chatx.services.live import Frame, Listener, Live
from chatx.sockets.outbox import OUTBOX_FULL, BoundedSocket
from chatx.sockets.strict import StrictProtocol, StrictSocket


def test_the_server_still_has_the_parts_that_are_overridden() -> None:
    parameters = {
        "_handle_event": ["self", "eio_sid", "namespace", "id", "data"],
        "_handle_connect": ["self", "eio_sid", "namespace", "data"],
        "_handle_eio_message": ["self", "eio_sid", "data"],
    }
    for name, expected in parameters.items():
        assert list(inspect.signature(getattr(socketio.Server, name)).parameters) == expected


def test_a_packet_still_reaches_the_parts_through_the_instance() -> None:
    source = inspect.getsource(socketio.Server._handle_eio_message)
    assert "self._handle_event(eio_sid" in source
    assert "self._handle_connect(eio_sid" in source
    assert "self.eio.on('message', self._handle_eio_message)" in inspect.getsource(socketio.server.base_server.BaseServer)


def test_the_engine_still_makes_its_sockets_through_the_module() -> None:
    assert "s = socket.Socket(self, sid)" in inspect.getsource(engineio.Server._handle_connect)
    assert StrictSocket.__mro__[1:3] == (BoundedSocket, engineio.socket.Socket)
    assert list(inspect.signature(engineio.socket.Socket.handle_post_request).parameters) == ["self", "environ"]
    assert "data = ws.wait()" in inspect.getsource(engineio.socket.Socket._websocket_handler)


def test_an_engine_packet_still_keeps_its_encoding_for_the_next_receiver() -> None:
    packet = engineio.packet.Packet(engineio.packet.MESSAGE, "2/chat,[]")
    assert packet.encode() is packet.encode()
    assert packet.encode() == "42/chat,[]"


def test_what_waits_for_a_client_is_still_counted_where_it_comes_and_goes() -> None:
    library = engineio.socket.Socket
    assert list(inspect.signature(library.send).parameters) == ["self", "pkt"]
    assert "self.queue.put(pkt)" in inspect.getsource(library.send)
    taken = [inspect.getsource(part).count("self.queue.get(") for part in (engineio.socket, library.poll)]
    assert taken == [2, 2]
    # The writer has sent everything before it polls again.
    eventlet_websocket = pytest.importorskip("eventlet.websocket")
    writer = inspect.getsource(library._websocket_handler)
    assert writer.index("packets = self.poll()") < writer.index("ws.send(pkt.encode())") < writer.index("ws.close()")
    assert "self.socket = sock" in inspect.getsource(eventlet_websocket.WebSocket.__init__)


def test_an_event_still_runs_within_the_call_that_received_it() -> None:
    """So a socket that receives nothing has nothing to ack."""
    assert list(inspect.signature(engineio.socket.Socket.receive).parameters) == ["self", "pkt"]
    assert "self._handle_event_internal(self, sid, eio_sid, data, namespace,\n                                        id)" in (
        inspect.getsource(socketio.Server._handle_event)
    )


def test_an_outbox_counts_bytes_and_closes_when_nobody_takes_them() -> None:
    server = socketio.Server(async_mode="threading", namespaces=["/chat"])
    reasons = []
    server.eio.on("disconnect", lambda eio_sid, reason: reasons.append(reason))
    socket = StrictSocket(server.eio, "slow")
    socket.outbox_bytes = 20
    packet = engineio.packet.Packet(engineio.packet.MESSAGE, "zwölf€")
    socket.send(packet)
    assert socket.waiting == len("4zwölf€".encode()) == 10
    assert socket.poll() == [packet]
    assert socket.waiting == 0
    for _ in range(3):
        socket.send(packet)
    assert (socket.waiting, socket.closed) == (30, False)
    socket.send(packet)
    assert (socket.waiting, socket.closed, reasons) == (30, True, [OUTBOX_FULL])


def test_an_emit_to_nobody_reaches_everybody() -> None:
    """Why an empty audience publishes nothing: to Flask-SocketIO, `to=[]` is no restriction at all."""
    library = flask_socketio.SocketIO(flask.Flask("app"), async_mode="threading")
    receivers = []
    library.server.emit = lambda *args, to, **options: receivers.append(to)
    library.emit("secret", {}, to=[])
    assert receivers == [None]


def test_a_frame_for_nobody_goes_nowhere() -> None:
    delivered = []

    class Ear(Listener):
        def deliver(self, frame: Frame) -> None:
            delivered.append(frame.event)

    live = Live()
    live.init_app(flask.Flask("app"))
    live.listen_here(Ear())
    live.publish([Frame("secret", "room", (), b"{}"), Frame("public", "room", ("somebody",), b"{}")])
    assert delivered == ["public"]


def test_a_client_that_joins_nothing_is_closed_when_the_next_one_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    server = socketio.Server(async_mode="threading", namespaces=["/chat"])
    protocol = StrictProtocol(server, lambda sid, eio_sid: None)
    for eio_sid in ("idle", "joined", "late"):
        server.eio.sockets[eio_sid] = StrictSocket(server.eio, eio_sid)
    protocol.arrive("idle", {})
    protocol.arrive("joined", {})
    server.manager.connect("joined", "/chat")
    monkeypatch.setattr("chatx.sockets.strict.JOIN_SECONDS", 0)
    protocol.arrive("late", {})
    assert server.eio.sockets.keys() == {"joined", "late"}
