"""A server of Engine.IO alone that says back what it is told, as those do that the protocol's own tests are run against."""

# ruff: noqa: E402, I001 - eventlet patches before anything else is imported, and reads what config prepares
import sys

import config  # noqa: F401
import eventlet

eventlet.monkey_patch()

from engineio import Server, WSGIApp
from eventlet import wsgi

from chatx.sockets.wire.engine import Engine


def serve(port: int) -> None:
    """Pings every 0.3 seconds, waits 0.2 for the answer, takes messages of 100,000 bytes."""
    server = Server(
        async_mode="eventlet",
        async_handlers=False,
        monitor_clients=False,
        ping_interval=0.3,
        ping_timeout=0.2,
        max_http_buffer_size=100_000,
    )
    server.on("message", server.send)
    server.on("connect", lambda sid, environ: print("open", sid, flush=True))
    server.on("disconnect", lambda sid, reason: print("closed", sid, reason, flush=True))
    Engine(server, outbox_bytes=1_000_000)
    wsgi.server(eventlet.listen(("127.0.0.1", port)), WSGIApp(server), log_output=False, debug=False)


if __name__ == "__main__":
    serve(int(sys.argv[1]))
