"""Makes the process ready, builds `application`, and serves it: `python wsgi.py`; or starts several processes that do."""

import sys
import warnings

import config  # before eventlet, which reads the environment that it prepares

if __name__ == "__main__" and config.is_launcher():
    import launcher

    sys.exit(launcher.run())

import gc

gc.disable()  # what is imported stays, so looking through it again and again finds nothing

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
import stat

from eventlet import wsgi
from flask_migrate import upgrade

from chatx import create_app
from chatx.dispatch.health import drain
from chatx.services.cloudwatch import cloudwatch
from chatx.services.live import live
from chatx.worker import Worker

MOST_CONNECTIONS = 20_000
MOST_FILES = 65_536
GARBAGE = 10_000  # new objects between two looks for those that refer to each other
LONGEST_END = 9  # seconds from the signal to the end, whatever still runs
LONGEST_CTRL_C = 0.5  # seconds for the sockets of somebody who waits at the keyboard
ENDINGS = (signal.SIGTERM, signal.SIGINT)
KEEPALIVE_SECONDS = 75  # longer than a proxy in front keeps its idle connections

try:
    application = create_app()
except config.ConfigError as error:
    sys.exit(f"Chat-X cannot start. {error}")
worker = Worker(application)
gc.enable()


def serve() -> None:
    """Listen on CHATX_HOST and PORT until SIGTERM or SIGINT, and end with what still runs then."""
    _raise_file_limit()
    host, port = application.config["HOST"], application.config["PORT"]
    try:
        listener = eventlet.listen((host, port), backlog=1024, reuse_port=False)
    except OSError as error:
        sys.exit(f"Chat-X cannot listen on {host}:{port}: {error.strerror}. Set PORT or CHATX_HOST to something free.")
    # Accepted connections inherit it; without it an ack waits up to 40 ms for the client's delayed ACK.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    launched = _is_launched()
    signals = _hear_signals(passed_on=launched)
    if application.config["MIGRATE_ON_START"] and application.config["WORKER_NUMBER"] == 0:
        with application.app_context():
            upgrade()
    live.listen(application.extensions["chatx-fanout"], application.extensions["chatx-look-up"])
    cloudwatch.follow(lambda: application.extensions["chatx-fanout"].connected)
    shown = host if host not in ("127.0.0.1", "0.0.0.0") else "localhost"
    if application.config["WORKER"] == "inline" and application.config["WORKER_NUMBER"] == 0:
        eventlet.spawn(worker.run)
    print(f"Chat-X serves on http://{shown}:{port} (docs at /docs). Ctrl-C ends it.", flush=True)
    _spare_the_collector()
    server = eventlet.spawn(
        wsgi.server,
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
    eventlet.spawn(_drain_on_signal, signals, listener, server)
    if launched:
        eventlet.spawn(_follow_launcher)
    server.wait()
    # Here nobody listens any more, and what ran is answered; helpers that wait for ever are not waited for.
    sys.stdout.flush()
    os._exit(0)


def _spare_the_collector() -> None:
    """What stands now stays for good: looked through again and again, it stopped everybody for a tenth of a second."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(GARBAGE)


def _is_launched() -> bool:
    """Whether a launcher started this process: then its stdin is a line between the two."""
    return application.config["LAUNCHED"] and stat.S_ISSOCK(os.fstat(0).st_mode)


def _follow_launcher() -> None:
    """Say that we serve, and leave when the launcher is gone: nobody else would end us, or start us again."""
    line = socket.socket(fileno=0)
    line.send(b"\n")
    line.recv(1)
    os.kill(os.getpid(), signal.SIGTERM)


def _hear_signals(*, passed_on: bool) -> int:
    """The end of a pipe that the first SIGTERM or SIGINT is read from, as its number; a second one ends us at once.

    Not where a launcher passes them on, for systemd tells every process by itself too: a second one is the launcher's to hear.
    """
    ear, mouth = os.pipe()
    os.set_blocking(mouth, False)
    # A handler alone is not noticed by an idle hub, whose poll() goes on; the byte that Python writes here wakes it.
    signal.set_wakeup_fd(mouth)

    def first(*_: object) -> None:
        for number in ENDINGS:
            signal.signal(number, signal.SIG_IGN if passed_on else lambda *_: os._exit(0))

    for number in ENDINGS:
        signal.signal(number, first)
    return ear


def _drain_on_signal(signals: int, listener: socket.socket, server: eventlet.greenthread.GreenThread) -> None:
    """Not ready from now on; let the sockets go, serving requests meanwhile; then take no more, and end with the last one."""
    number = os.read(signals, 1)[0]
    eventlet.patcher.original("threading").Thread(target=_end_at_last, daemon=True).start()
    drain()
    worker.stop()
    seconds = application.config["DRAIN_SECONDS"]
    application.extensions["chatx-drain"].run(min(seconds, LONGEST_CTRL_C) if number == signal.SIGINT else seconds)
    worker.wait()
    listener.close()
    # A closed listener does not wake whoever waits for it; this is what eventlet's server takes for its end.
    server.kill(SystemExit)


def _end_at_last() -> None:
    """In a thread of the system, which also a green thread that blocks all others cannot hold up."""
    eventlet.patcher.original("time").sleep(LONGEST_END)
    os._exit(0)


def _raise_file_limit() -> None:
    """systemd starts us with 1,024 files; each client is one."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = MOST_FILES if hard == resource.RLIM_INFINITY else min(hard, MOST_FILES)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


if __name__ == "__main__":
    serve()
