"""Live chat: the Socket.IO namespace, its wire, and the fan-out to the connections of this process."""

from flask import Flask

from chatx.extensions import socketio
from chatx.sockets import green, wire_json
from chatx.sockets.chat import Attendance, Chat
from chatx.sockets.drain import Drain
from chatx.sockets.events import Events
from chatx.sockets.fanout import Fanout
from chatx.sockets.look_up import LookUp
from chatx.sockets.manager import Roomless
from chatx.sockets.strict import StrictProtocol


def init_app(app: Flask, attendance: Attendance) -> Fanout:
    """Serve /socket.io/ in front of the application; returns who listens to live events here."""
    socketio.init_app(
        app,
        async_mode=app.config["ASYNC_MODE"],
        async_handlers=False,
        cors_allowed_origins=app.config["CORS_ORIGINS"] or None,
        client_manager=Roomless(),
        json=wire_json,
        manage_session=False,
        max_http_buffer_size=app.config["FRAME_BYTES"],
        monitor_clients=app.config["ASYNC_MODE"] != "eventlet",
        ping_interval=app.config["PING_INTERVAL"],
        ping_timeout=app.config["PING_TIMEOUT"],
    )
    green.bind(socketio)
    fanout = Fanout(socketio)
    chat = Chat(app, fanout, attendance)
    socketio.on_namespace(chat)
    strict = StrictProtocol(socketio.server, chat.ready)
    if socketio.async_mode == "eventlet":
        _make_lean(app, chat, strict)
    app.extensions["chatx-drain"] = Drain(app, socketio, fanout)
    app.extensions["chatx-look-up"] = LookUp(app)
    return fanout


def _make_lean(app: Flask, chat: Chat, strict: StrictProtocol) -> None:
    """Sessions of our own under the library's server. Any other async mode keeps the library's, and is slower."""
    from chatx.sockets.wire.engine import Engine  # noqa: PLC0415 - no other mode needs eventlet

    engine = Engine(socketio.server.eio, app.config["OUTBOX_BYTES"], app.config["WORKER_NUMBER"])
    events = Events(app, chat, strict.message)
    engine.hear, engine.take_at_once = events.hear, events.take_at_once
    strict.after_connect.insert(0, engine.joined)
