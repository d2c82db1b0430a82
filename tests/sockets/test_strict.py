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
    assert StrictSocket.__mro__[1] is engineio.socket.Socket
    assert list(inspect.signature(engineio.socket.Socket.handle_post_request).parameters) == ["self", "environ"]
    assert "data = ws.wait()" in inspect.getsource(engineio.socket.Socket._websocket_handler)


def test_an_engine_packet_still_keeps_its_encoding_for_the_next_receiver() -> None:
    packet = engineio.packet.Packet(engineio.packet.MESSAGE, "2/chat,[]")
    assert packet.encode() is packet.encode()
    assert packet.encode() == "42/chat,[]"


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
    live.listen(Ear())
    live.publish([Frame("secret", (), b"{}"), Frame("public", ("somebody",), b"{}")])
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
