"""The server under test: `python wsgi.py` in a process of its own, as production runs it."""

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import orjson
import requests

from tests.support.backends import free_port
from tests.support.template import ROOT, Fork, template

LONGEST_START = 30


class Server:
    """A running Chat-X with its own database; `settings` are environment variables on top of the usual ones.

    anew: whether Python is started for it, and not only forked from one that has imported everything; as for settings of Python.
    """

    script = "wsgi.py"
    anew = False
    process: subprocess.Popen[bytes] | Fork

    def __init__(self, database_url: str, redis_url: str | None = None, **settings: str) -> None:
        self.port = free_port(int(settings.get("CHATX_WORKERS", 1)))
        self.url = f"http://127.0.0.1:{self.port}"
        self.api = f"{self.url}/api/v1"
        self.log_path = Path(tempfile.mkstemp(prefix="chatx-log-")[1])
        self.environ = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("CHATX_", "FLASK_"))},
            "PORT": str(self.port),
            "CHATX_DATABASE_URL": database_url,
            "CHATX_SECRET_KEY": "a secret for tests, long enough for production",
            "CHATX_RATE_LIMITS": "off",
            # A password in a millisecond; production refuses that.
            **({} if settings.get("CHATX_ENV") == "production" else {"CHATX_ARGON2_MEMORY_KIB": "64"}),
            "CHATX_DRAIN_SECONDS": "0",  # only the tests of the drain have time for it
            **({"CHATX_REDIS_URL": redis_url} if redis_url else {}),
            **settings,
        }
        self.anew = self.anew or not all(name == "PORT" or name.startswith("CHATX_") for name in settings)

    def flask(self, *arguments: str, **options) -> subprocess.CompletedProcess[str]:
        """Run a `flask` command against this server's database."""
        command = [sys.executable, "-m", "flask", *arguments]
        options = {"timeout": 120, **options}
        return subprocess.run(command, cwd=ROOT, env=self.environ, capture_output=True, text=True, check=False, **options)

    def command(self) -> list[str]:
        return [sys.executable, self.script]

    def start(self) -> "Server":
        """Start, and wait until it is ready."""
        self.process = self._process()
        deadline = time.monotonic() + LONGEST_START
        while time.monotonic() < deadline and self.process.poll() is None:
            with contextlib.suppress(requests.ConnectionError):
                if requests.get(f"{self.url}/readyz", timeout=5).status_code == 200:
                    return self
            time.sleep(0.02)
        raise AssertionError(f"the server did not start:\n{self.log()}")

    def _process(self) -> subprocess.Popen[bytes] | Fork:
        if not self.anew:
            return template.run(ROOT / self.script, self.environ, self.log_path, self.log_path)
        with self.log_path.open("ab") as log:
            return subprocess.Popen(self.command(), cwd=ROOT, env=self.environ, stdout=log, stderr=log)

    def kill(self) -> None:
        """End it as a crash would."""
        self.process.kill()
        self.process.wait(15)

    def stop(self) -> int:
        """End it as an operator would; its exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(15)

    def log(self) -> str:
        return self.log_path.read_text()

    def log_lines(self) -> list[dict]:
        """What it logged, without the greeting."""
        return [orjson.loads(line) for line in self.log().splitlines() if line.startswith("{")]
