"""Makes the process ready, builds `application`, and serves it: `python wsgi.py`."""

import sys
import warnings

import config  # before eventlet, which reads the environment that it prepares

# Known and decided: docs/decisions.md says why eventlet, and what a move away from it would touch.
warnings.filterwarnings("ignore", message=r"\s*Eventlet is deprecated")
import eventlet

# `flask …` commands have imported the world before this file: too late to patch, and they serve nobody.
if "flask" not in sys.modules:
    eventlet.monkey_patch()

import os
import resource
import signal
import socket

from eventlet import wsgi
from flask_migrate import upgrade

from chatx import create_app
from chatx.dispatch.health import drain
from chatx.services.live import live

MOST_CONNECTIONS = 20_000
MOST_FILES = 65_536
FAREWELL_SECONDS = 0.5  # for what runs and for the last packets
KEEPALIVE_SECONDS = 75  # longer than a proxy in front keeps its idle connections

try:
    application = create_app()
except config.ConfigError as error:
    sys.exit(f"Chat-X cannot start. {error}")


def serve() -> None:
    """Listen on CHATX_HOST and PORT until SIGTERM or SIGINT."""
    _raise_file_limit()
    host, port = application.config["HOST"], application.config["PORT"]
    try:
        listener = eventlet.listen((host, port), backlog=1024, reuse_port=False)
    except OSError as error:
        sys.exit(f"Chat-X cannot listen on {host}:{port}: {error.strerror}. Set PORT or CHATX_HOST to something free.")
    # Accepted connections inherit it; without it an ack waits up to 40 ms for the client's delayed ACK.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    eventlet.spawn(_end_on_signal, listener)
    if application.config["MIGRATE_ON_START"]:
        with application.app_context():
            upgrade()
    live.listen(application.extensions["chatx-fanout"])
    shown = host if host not in ("127.0.0.1", "0.0.0.0") else "localhost"
    print(f"Chat-X serves on http://{shown}:{port} (docs at /docs). Ctrl-C ends it.", flush=True)
    wsgi.server(
        listener,
        application,
        max_size=MOST_CONNECTIONS,
        # eventlet ends a chunked body itself; without a word of that, Flask takes it for an empty one.
        environ={"wsgi.input_terminated": True},
        keepalive=KEEPALIVE_SECONDS,
        socket_timeout=KEEPALIVE_SECONDS,
        log_output=False,
        debug=False,
    )


def _end_on_signal(listener: socket.socket) -> None:
    """Take no new clients, let what runs finish, drop the sockets so that their clients come back elsewhere, leave."""
    ear, mouth = os.pipe()
    os.set_blocking(mouth, False)
    # A handler alone is not noticed by an idle hub, whose poll() goes on; the byte that Python writes here wakes it.
    signal.set_wakeup_fd(mouth)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: None)
    os.read(ear, 1)
    drain()
    listener.close()
    fanout = application.extensions["chatx-fanout"]
    fanout.announce_drain()
    eventlet.sleep(FAREWELL_SECONDS)
    fanout.abort_all()
    eventlet.sleep(FAREWELL_SECONDS)
    sys.stdout.flush()
    os._exit(0)


def _raise_file_limit() -> None:
    """systemd starts us with 1,024 files; each client is one."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = MOST_FILES if hard == resource.RLIM_INFINITY else min(hard, MOST_FILES)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


if __name__ == "__main__":
    serve()
