"""A process that has imported what every server imports, and runs servers and scripts in forks of itself.

To start Python and import all of it takes longer than most tests. What a fork does from then on is the same: it reads the
environment, makes the application, opens its own files and connections. Who tests the start itself starts Python.
"""

import atexit
import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PULSE = 0.005


class Template:
    """The template of this test process, started when it is first needed."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None
        self._lock = threading.Lock()

    def run(self, script: Path, environ: dict[str, str], output: Path, errors: Path) -> "Fork":
        """As `python script` would, with this environment; what it says is added to these files."""
        order = {"script": str(script), "environ": environ, "output": str(output), "errors": str(errors)}
        return Fork(self, self.asked(order))

    def asked(self, order: dict[str, Any]) -> Any:
        """What the template, `tests.support.forks`, answers."""
        with self._lock:
            if self._process is None:
                self._process = self._started()
            assert self._process.stdin is not None
            assert self._process.stdout is not None
            self._process.stdin.write(json.dumps(order) + "\n")
            self._process.stdin.flush()
            answer = self._process.stdout.readline()
            assert answer, "the template is gone"
            return json.loads(answer)

    def _started(self) -> "subprocess.Popen[str]":
        environ = {name: value for name, value in os.environ.items() if not name.startswith(("CHATX_", "FLASK_"))}
        command = [sys.executable, "-W", "ignore", "-m", "tests.support.forks"]
        process = subprocess.Popen(command, cwd=ROOT, env=environ, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        atexit.register(process.communicate)  # its input ends, and so does it
        return process


class Fork:
    """One that runs, with what is asked of a Popen."""

    def __init__(self, template: Template, pid: int) -> None:
        self._template, self.pid = template, pid
        self.returncode: int | None = None

    def poll(self) -> int | None:
        if self.returncode is None:
            self.returncode = self._template.asked({"ended": self.pid})
        return self.returncode

    def wait(self, timeout: float) -> int:
        deadline = time.monotonic() + timeout
        while (code := self.poll()) is None:
            if time.monotonic() > deadline:
                raise subprocess.TimeoutExpired(f"fork {self.pid}", timeout)
            time.sleep(PULSE)
        return code

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


template = Template()
