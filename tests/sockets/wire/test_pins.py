"""The private parts of python-engineio and eventlet that the wire stands on are still what we took them for."""

import inspect

import engineio
import eventlet
import eventlet.greenio
import eventlet.hubs.hub
import eventlet.wsgi
import socketio
from engineio.packet import MESSAGE, Packet
from eventlet.hubs.poll import Hub

from chatx.sockets.wire.session import Session

server = engineio.Server


def parameters(of: object) -> list[str]:
    return list(inspect.signature(of).parameters)


def source(of: object) -> str:
    return inspect.getsource(of)


def test_the_engine_still_opens_every_session_through_the_instance() -> None:
    assert parameters(server._handle_connect) == ["self", "environ", "start_response", "transport", "jsonp_index"]
    request = source(server.handle_request)
    assert "r = self._handle_connect(environ, start_response,\n" in request
    assert "if not isinstance(r, dict):\n            return r" in request
    assert "self.eio.handle_request(environ, start_response)" in source(socketio.Server.handle_request)


def test_the_engine_still_asks_of_a_session_what_ours_offers() -> None:
    """Every attribute that the library uses of `s` or `socket`, where we let it."""
    request = source(server.handle_request) + source(server.send_packet) + source(server.disconnect)
    used = {"connected", "upgraded", "closed", "handle_get_request", "handle_post_request", "send", "close"}
    for name in used:
        assert f"socket.{name}" in request or f"].{name}" in request, name
        assert hasattr(Session, name), name
    assert "if isinstance(packets, list):\n" in request
    assert parameters(engineio.socket.Socket.close) == parameters(Session.close)[:4]
    assert parameters(server._trigger_event) == ["self", "event", "args", "kwargs"]
    assert parameters(server._ok) == ["self", "packets", "headers", "jsonp_index"]
    assert parameters(server._bad_request) == ["self", "message"]
    assert parameters(server._cors_headers) == ["self", "environ"]
    assert "self.start_service_task = monitor_clients" in source(engineio.base_server.BaseServer.__init__)


def test_the_library_still_has_what_we_leave_out() -> None:
    """When these are gone, so may be the override: whole seconds, and 405 for a wrong method."""
    assert "self.ping_interval + self.ping_interval_grace_period) * 1000" in source(server._handle_connect)
    assert "r = self._method_not_found()" in source(server.handle_request)


def test_a_packet_still_keeps_how_it_was_encoded_first() -> None:
    """Why the size of a binary packet is that of its data: a poll and a WebSocket encode it differently."""
    packet = Packet(MESSAGE, b"\x01")
    assert packet.encode(b64=True) == packet.encode() == "bAQ=="


def test_a_socket_may_still_be_taken_from_eventlets_server() -> None:
    request = eventlet.wsgi.Input(None, 0, None)
    assert {"rfile", "get_socket"} <= set(dir(request))
    response = source(eventlet.wsgi.HttpProtocol.handle_one_response)
    assert response.index("WSGI_LOCAL.already_handled = False") < response.index("self.application(self.environ")
    assert "if WSGI_LOCAL.already_handled:\n                    self.close_connection = 1\n                    return" in response
    # What it then closes has no file any more, and that is no error.
    sock = eventlet.greenio.GreenSocket()
    taken = eventlet.patcher.original("socket").socket(fileno=sock.detach())
    eventlet.greenio.shutdown_safe(sock)
    sock.close()
    assert taken.fileno() >= 0
    taken.close()


def test_the_hub_still_calls_a_listener_until_it_is_removed() -> None:
    hub = eventlet.hubs.hub.BaseHub
    assert parameters(hub.add) == ["self", "evtype", "fileno", "cb", "tb", "mark_as_closed"]
    assert parameters(hub.remove) == ["self", "listener"]
    assert parameters(hub.schedule_call_global) == ["self", "seconds", "cb", "args", "kw"]
    assert "listener.cb(fileno)" in source(Hub.wait)
    assert "self.remove(" not in source(Hub.wait)
    assert "listener.tb(eventlet.hubs.IOClosed(" in source(hub.close_one)
    assert eventlet.hubs.get_hub().listeners.keys() == {hub.READ, hub.WRITE}
    assert isinstance(eventlet.greenio.GreenSocket().fd, eventlet.patcher.original("socket").socket)
    assert "if self.mark_as_closed is not None" in source(eventlet.hubs.hub.FdListener.defang)
