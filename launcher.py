"""Starts the workers of one host, each a `python wsgi.py` of its own, and starts again what dies. It serves nobody itself.

It stays small, so nothing of the application is imported here; and since eventlet never patches it, it may fork.
"""

import json
import os
import select
import signal
import socket
import subprocess
import sys
import time
from datetime import UTC, datetime
from typing import Any

import config
from settings import ConfigError

ENDINGS = (signal.SIGTERM, signal.SIGINT)
LONGEST_END = 9.5  # seconds from the signal to the end; a worker ends itself within nine
SHORTEST_PAUSE, LONGEST_PAUSE = 1.0, 30.0  # seconds between two starts of one worker
STEADY_SECONDS = 60.0  # who lived so long begins with the shortest pause again


class Worker:
    """One of them, through all its processes.

    line: its stdin, over which it says that it serves, and sees it when we are gone.
    served: whether any of its processes ever did; serves: whether this one does.
    """

    def __init__(self, number: int) -> None:
        self.number = number
        self.served = self.serves = False
        self.line: socket.socket | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._began, self._pause = float("-inf"), SHORTEST_PAUSE

    @property
    def runs(self) -> bool:
        return self._process is not None

    @property
    def due(self) -> float:
        """When it may be started again."""
        return self._began + self._pause

    def start(self) -> None:
        """Start a process, in a group of its own: Ctrl-C reaches us alone, and we pass it on."""
        self._began, self.serves = time.monotonic(), False
        self.line, theirs = socket.socketpair()
        environ = config.of_worker(self.number)
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603 - our own command again
                [sys.executable, *sys.orig_argv[1:]], env=environ, stdin=theirs.fileno(), process_group=0
            )

    def hear(self) -> None:
        """It says that it serves, or hangs up."""
        if self.line is not None and self.line.recv(1):
            self.served = self.serves = True
        else:
            self._hang_up()

    def tell(self, number: signal.Signals) -> None:
        """Pass a signal on. Before it serves, it knows but one end."""
        if self._process is not None:
            self._process.send_signal(number if self.serves or number == signal.SIGKILL else signal.SIGTERM)

    def ended(self) -> int | None:
        """The status of its process, once, when that has ended. Each early end doubles the pause before the next start."""
        status = None if self._process is None else self._process.poll()
        if status is not None:
            self._process = None
            self._hang_up()
            steady = time.monotonic() - self._began > STEADY_SECONDS
            self._pause = SHORTEST_PAUSE if steady else min(self._pause * 2, LONGEST_PAUSE)
        return status

    def _hang_up(self) -> None:
        if self.line is not None:
            self.line.close()
        self.line = None


class Launcher:
    """Keeps so many workers running until a signal comes, or one of them cannot even begin to serve."""

    def __init__(self, count: int) -> None:
        self._workers = [Worker(number) for number in range(count)]
        self._signals = _hear_signals()
        self._deadline: float | None = None
        self._status = 0

    def run(self) -> int:
        """Returns the status to end with, when all have ended."""
        while self._deadline is None or any(worker.runs for worker in self._workers):
            self._start_due()
            self._wait()
            self._bury()
        return self._status

    def _start_due(self) -> None:
        """The first one goes alone until it serves: it migrates, and what is wrong with all is told once."""
        wanted = self._workers if self._workers[0].served else self._workers[:1]
        for worker in wanted:
            if self._deadline is None and not worker.runs and worker.due <= time.monotonic():
                worker.start()

    def _wait(self) -> None:
        """For a signal, for a worker's word, or until the next start or the end is due."""
        due = [worker.due for worker in self._workers if not worker.runs and worker.served] if self._deadline is None else []
        due += [] if self._deadline is None else [self._deadline]
        patience = max(0.0, min(due) - time.monotonic()) if due else None
        lines = {worker.line.fileno(): worker for worker in self._workers if worker.line is not None}
        ready = select.select([self._signals, *lines], [], [], patience)[0]
        for line in lines.keys() & set(ready):
            lines[line].hear()
        if self._signals in ready:
            for number in os.read(self._signals, 64):
                if number in ENDINGS:
                    self._end(signal.Signals(number))
        elif self._deadline is not None and time.monotonic() >= self._deadline:
            self._tell_all(signal.SIGKILL)

    def _bury(self) -> None:
        for worker in self._workers:
            status = worker.ended()
            if status is None or self._deadline is not None:
                continue
            if worker.served:
                _log("a worker has ended, and is started again", worker=worker.number, status=status)
            else:  # and said why
                self._status = 1
                self._end(signal.SIGTERM)

    def _end(self, number: signal.Signals) -> None:
        """Let all leave at once, in their own time; a second signal leaves them none."""
        if self._deadline is None:
            self._deadline = time.monotonic() + LONGEST_END
            self._tell_all(number)
        else:
            self._tell_all(signal.SIGKILL)

    def _tell_all(self, number: signal.Signals) -> None:
        for worker in self._workers:
            worker.tell(number)


def _hear_signals() -> int:
    """The end of a pipe from which every signal that concerns us is read, as its number."""
    ear, mouth = os.pipe()
    os.set_blocking(mouth, False)
    signal.set_wakeup_fd(mouth)
    for number in (*ENDINGS, signal.SIGCHLD):
        signal.signal(number, lambda *_: None)
    return ear


def _log(message: str, **facts: Any) -> None:
    """One line of JSON, as the workers write theirs."""
    at = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    print(json.dumps({"at": at, "level": "warning", "message": message, **facts}), file=sys.stderr, flush=True)


def run() -> int:
    """Start as many workers as the environment asks for, and end with them; the status to end with."""
    try:
        return Launcher(config.workers()).run()
    except ConfigError as error:
        sys.exit(f"Chat-X cannot start. {error}")
