"""The container: its health check asks a server that runs, its image holds all that is imported, and compose.yaml fits both."""

import json
import os
import re
import subprocess
import sys
from fnmatch import fnmatch
from typing import Any

import pytest
import yaml

from config import load
from infra.check.tools import tracked
from tests.support.backends import free_port
from tests.support.server import ROOT, Server

DOCKERFILE = (ROOT / "Dockerfile").read_text()
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())


@pytest.fixture(scope="module")
def health_command() -> list[str]:
    (found,) = re.findall(r"HEALTHCHECK[^\n]*\\\n\s+CMD (\[.*\])", DOCKERFILE)
    command = json.loads(found)
    assert command[0] == "python"
    return [sys.executable, *command[1:]]


def test_the_health_check_knows_whether_the_server_is_ready(health_command: list[str], fresh_sqlite: str) -> None:
    server = Server(fresh_sqlite).start()
    environ = os.environ | {"PORT": str(server.port)}
    assert subprocess.run(health_command, env=environ, check=False, timeout=30).returncode == 0
    assert server.stop() == 0
    assert subprocess.run(health_command, env=environ, check=False, timeout=30, stderr=subprocess.DEVNULL).returncode != 0


def test_it_asks_the_worker_that_it_is_in(health_command: list[str], fresh_sqlite: str) -> None:
    server = Server(fresh_sqlite, PORT=str(free_port(2)), CHATX_WORKER_NUMBER="1")
    server.port = int(server.environ["PORT"]) + 1
    server.url = f"http://127.0.0.1:{server.port}"
    server.start()
    environ = os.environ | {"PORT": server.environ["PORT"], "CHATX_WORKER_NUMBER": "1"}
    assert subprocess.run(health_command, env=environ, check=False, timeout=30).returncode == 0
    assert server.stop() == 0


def test_the_image_holds_what_runs_and_nothing_else() -> None:
    kept = [line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")]
    inside = [path for path in tracked(ROOT) if any(fnmatch(path.split("/")[0], pattern) for pattern in kept)]
    top = {path.split("/")[0] for path in inside}
    assert {
        "chatx",
        "migrations",
        "config.py",
        "config_limits.py",
        "launcher.py",
        "settings.py",
        "wsgi.py",
        "requirements.txt",
    } == top


def test_each_worker_stands_where_nginx_looks_for_it() -> None:
    text = (ROOT / ".platform/nginx/conf.d/chatx.conf").read_text()
    ports = []
    for name in ("web0", "web1"):
        service = COMPOSE["services"][name]
        assert service["network_mode"] == "service:nginx"
        environ = {key: str(value) for key, value in service["environment"].items()}
        config = load(environ)
        ports.append(config.PORT)
        assert config.HOST == "127.0.0.1"
        assert f"server 127.0.0.1:{config.PORT} max_fails=0;" in text
        assert config.SQLALCHEMY_DATABASE_URI == "postgresql+psycopg2://chatx:chatx@postgres:5432/chatx"
    assert ports == [8000, 8001]


def test_what_it_waits_for_is_there() -> None:
    for service in COMPOSE["services"].values():
        for other, how in service.get("depends_on", {}).items():
            lasts = "test" in COMPOSE["services"][other]["healthcheck"]
            assert how["condition"] == ("service_healthy" if lasts else "service_completed_successfully")
