"""The private parts of python-socketio that we override are still there, and still what we took them for."""

import inspect

import flask
import flask_socketio
import pytest
import socketio

from chatx.services.live import Frame, Listener, Live
from chatx.sockets.strict import StrictProtocol


def test_the_server_still_has_the_parts_that_are_overridden() -> None:
    parameters = {
        "_handle_event": ["self", "eio_sid", "namespace", "id", "data"],
        "_handle_connect": ["self", "eio_sid", "namespace", "data"],
        "_handle_disconnect": ["self", "eio_sid", "namespace", "reason"],
        "_handle_eio_message": ["self", "eio_sid", "data"],
        "_send_packet": ["self", "eio_sid", "pkt"],
    }
    for name, expected in parameters.items():
        assert list(inspect.signature(getattr(socketio.Server, name)).parameters) == expected


def test_a_packet_still_reaches_the_parts_through_the_instance() -> None:
    source = inspect.getsource(socketio.Server._handle_eio_message)
    assert "self._handle_event(eio_sid" in source
    assert "self._handle_connect(eio_sid" in source
    assert "self.eio.on('message', self._handle_eio_message)" in inspect.getsource(socketio.server.base_server.BaseServer)


def test_an_event_still_runs_within_the_call_that_received_it() -> None:
    """So a socket that receives nothing has nothing to ack."""
    assert "self._handle_event_internal(self, sid, eio_sid, data, namespace,\n                                        id)" in (
        inspect.getsource(socketio.Server._handle_event)
    )


class Heard:
    """A server whose packets are kept, with one namespace that lets everybody in."""

    def __init__(self) -> None:
        self.server = socketio.Server(async_mode="threading")
        self.server.register_namespace(socketio.Namespace("/chat"))
        self.packets: list[str] = []
        self.server._send_packet = lambda eio_sid, packet: self.packets.append(packet.encode())
        self.accepted: list[str] = []
        self.protocol = StrictProtocol(self.server, lambda sid, eio_sid: self.accepted.append(eio_sid))


def test_an_unknown_namespace_is_refused_with_an_object() -> None:
    heard = Heard()
    heard.protocol.message("client", "0/unknown,")
    heard.protocol.message("client", "0")
    assert heard.packets == ['4/unknown,{"message":"Invalid namespace"}', '4{"message":"Invalid namespace"}']


def test_the_handshake_is_forgotten_once_a_client_is_in() -> None:
    heard = Heard()
    heard.server._handle_eio_connect("client", {"REMOTE_ADDR": "::1", "wsgi.input": object()})
    heard.protocol.message("client", "0/chat,")
    assert heard.accepted == ["client"]
    assert heard.server.environ == {"client": {"REMOTE_ADDR": "::1"}}


def test_who_was_closed_while_being_let_in_is_not_kept() -> None:
    heard = Heard()
    left: list[str] = []
    heard.server._handle_eio_connect("client", {})

    class Slow(socketio.Namespace):
        def on_connect(self, sid: str, environ: object) -> None:
            heard.server._handle_eio_disconnect("client", "ping timeout")

        def on_disconnect(self, sid: str, reason: str) -> None:
            left.append(sid)

    heard.server.register_namespace(Slow("/chat"))
    heard.protocol.message("client", "0/chat,")
    assert (len(left), heard.accepted, heard.server.manager.rooms) == (1, [], {})


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


@pytest.mark.parametrize("event", ["connect", "connect_error", "disconnect"])
def test_what_is_no_event_is_not_handled(event: str) -> None:
    heard = Heard()
    with pytest.raises(ValueError, match="not an event"):
        heard.protocol.event("client", "/chat", None, [event])
