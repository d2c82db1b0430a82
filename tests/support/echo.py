"""A server of Engine.IO alone that says back what it is told, as those do that the protocol's own tests are run against."""

# ruff: noqa: E402, I001 - eventlet patches before anything else is imported, and reads what config prepares
import gc
import sys

import config  # noqa: F401
import eventlet

eventlet.monkey_patch()

import greenlet
from engineio import Server, WSGIApp
from eventlet import wsgi

from chatx.sockets.wire.engine import Engine


def kept() -> str:
    """How many green threads and WSGI environments are alive."""
    gc.collect()
    alive = gc.get_objects()
    greens = sum(isinstance(each, greenlet.greenlet) and not each.dead for each in alive)
    return f"{greens} {sum(isinstance(each, dict) and 'wsgi.input' in each for each in alive)}"


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
    server.on("message", lambda sid, data: server.send(sid, kept() if data == "what is kept?" else data))
    server.on("connect", lambda sid, environ: print("open", sid, flush=True))
    server.on("disconnect", lambda sid, reason: print("closed", sid, reason, flush=True))
    Engine(server, outbox_bytes=1_000_000)
    listener = eventlet.listen(("127.0.0.1", port))
    print("serves", flush=True)
    wsgi.server(listener, WSGIApp(server), log_output=False, debug=False)


if __name__ == "__main__":
    serve(int(sys.argv[1]))
