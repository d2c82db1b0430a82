"""What the figures were measured on, without names of hosts, people or places."""

import os
import platform
import statistics
import subprocess
import tempfile
import time
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import orjson
import psutil

from bench.processes import BENCH, NODE, ROOT, cores
from bench.servers import DURABLE, asked
from tests.support.backends import Postgres

PYTHON_LIBRARIES = ("Flask-SocketIO", "python-socketio", "python-engineio", "eventlet", "psycopg2-binary", "SQLAlchemy", "orjson")
NODE_LIBRARIES = ("socket.io", "ws", "pg", "bufferutil")


def described(postgres: Postgres) -> dict[str, str]:
    """Name and value of everything that a figure depends on."""
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "commit": _output("git", "describe", "--always", "--dirty"),
        "processor": f"{_processor()}, {psutil.cpu_count()} cores",
        "memory": f"{psutil.virtual_memory().total / 1024**3:.0f} GB",
        "system": _system(),
        "cores": "; ".join(f"{who}: {_listed(whose)}" for who, whose in cores().items()) or "not pinned",
        "Python": platform.python_version(),
        "Node": _output(NODE, "--version").removeprefix("v"),
        "PostgreSQL": f"{asked(postgres.url, 'SHOW server_version')}, {', '.join(f'{setting} on' for setting in DURABLE)}",
        "one fsync of 8 KB": f"{_fsync_ms():.2f} ms (median)",
        "Python libraries": ", ".join(f"{name} {version(name)}" for name in PYTHON_LIBRARIES),
        "Node libraries": ", ".join(f"{name} {_node_version(name)}" for name in NODE_LIBRARIES),
    }


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def _system() -> str:
    try:
        name = platform.freedesktop_os_release()["PRETTY_NAME"]
    except OSError:
        name = platform.system()
    return f"{name}, kernel {platform.release().partition('-')[0]}"


def _listed(numbers: set[int]) -> str:
    return ", ".join(map(str, sorted(numbers)))


def _node_version(name: str) -> str:
    package = BENCH / "node_modules" / name / "package.json"
    return orjson.loads(package.read_bytes())["version"] if package.exists() else "missing"


def _output(*command: str) -> str:
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout.strip() or "unknown"


def _fsync_ms() -> float:
    """Where PostgreSQL keeps its data when it is started here: in the folder for temporary files."""
    times = []
    with tempfile.TemporaryFile() as file:
        for _ in range(50):
            file.write(b"x" * 8_192)
            file.flush()
            begin = time.perf_counter()
            os.fsync(file.fileno())
            times.append(time.perf_counter() - begin)
    return 1_000 * statistics.median(times)
