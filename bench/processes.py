"""Processes of a run: on their own cores, and ended with the run whatever happens."""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

BENCH = Path(__file__).resolve().parent
ROOT = BENCH.parent
NODE = shutil.which("node") or str(Path(sys.executable).with_name("node"))
LONGEST_START = 60
LONGEST_END = 15


class Failed(Exception):
    """A server or the generator did not do what the run needs; the text is what it said."""


_shared = False


def share_cores() -> None:
    """Have all processes of this run on all cores, as the system likes: for loads that leave the generator idle."""
    global _shared  # noqa: PLW0603
    _shared = True


def cores() -> dict[str, set[int]]:
    """Which cores are whose: the generator has one, the server one; the database has the rest, or the server's."""
    if _shared or not hasattr(os, "sched_setaffinity"):
        return {}
    ours = sorted(os.sched_getaffinity(0))
    if len(ours) < 2:
        return {}
    return {"generator": {ours[0]}, "server": {ours[1]}, "database": set(ours[2:]) or {ours[1]}}


@contextlib.contextmanager
def on_cores(whose: str) -> Iterator[None]:
    """What is started inside runs on these cores, with everything that it starts."""
    wanted = cores().get(whose)
    if wanted is None:
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, wanted)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def environment(**settings: str) -> dict[str, str]:
    """This process's environment without what would configure a server, and with these settings."""
    foreign = ("CHATX_", "FLASK_", "BENCH_")
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
    return {**inherited, "PYTHONUNBUFFERED": "1", "NODE_ENV": "production", **settings}


@contextlib.contextmanager
def running(
    command: Sequence[str],
    environ: Mapping[str, str],
    answers: Callable[[], bool],
    end: signal.Signals = signal.SIGTERM,
) -> Iterator[subprocess.Popen[bytes]]:
    """A server that answers; it is ended when this is left. A session of its own, so that Ctrl-C reaches only us."""
    with tempfile.TemporaryFile() as log:
        with on_cores("server"):
            process = subprocess.Popen(command, cwd=ROOT, env=environ, stdout=log, stderr=log, start_new_session=True)
        try:
            _wait(process, answers, log)
            yield process
        finally:
            _end(process, end)


def _wait(process: subprocess.Popen[bytes], answers: Callable[[], bool], log: Any) -> None:
    deadline = time.monotonic() + LONGEST_START
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(OSError):
            if answers():
                return
        time.sleep(0.02)
    log.seek(0)
    raise Failed(f"The server did not start:\n{log.read().decode(errors='replace')[-4_000:]}")


def _end(process: subprocess.Popen[bytes], signal_number: signal.Signals) -> None:
    process.send_signal(signal_number)
    try:
        process.wait(LONGEST_END)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


class Generator:
    """The load generator at work on a scenario: it says lines of JSON, the last one is what it measured."""

    def __init__(self, process: subprocess.Popen[bytes], log: Any) -> None:
        self._process, self._log = process, log

    def says(self) -> dict[str, Any]:
        line = self._process.stdout.readline()
        if not line:
            self._process.wait()
            self._log.seek(0)
            raise Failed(f"The generator gave up: {self._log.read().decode(errors='replace')[-1_000:].strip() or 'too late'}")
        return json.loads(line)

    def tell(self, line: str) -> None:
        self._process.stdin.write(f"{line}\n".encode())
        self._process.stdin.flush()


@contextlib.contextmanager
def generator(scenario: Mapping[str, Any], longest: float) -> Iterator[Generator]:
    """The load generator on this scenario, killed when it takes longer than so many seconds."""
    with tempfile.TemporaryFile() as log:
        pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": log}
        with on_cores("generator"):
            process = subprocess.Popen([NODE, str(BENCH / "load.mjs")], env=environment(), start_new_session=True, **pipes)
        too_late = threading.Timer(longest, process.kill)
        too_late.start()
        try:
            running = Generator(process, log)
            running.tell(json.dumps(scenario))
            yield running
        finally:
            too_late.cancel()
            process.kill()
            process.communicate()
