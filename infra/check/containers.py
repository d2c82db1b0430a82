"""For those who run containers: the Dockerfile by hadolint, compose.yaml by its schema, and both against the application."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from infra.check.finding import Finding
from infra.check.together import NAMES
from infra.check.tools import run
from infra.check.workflows import schema

DOCKERFILE, COMPOSE = "Dockerfile", "compose.yaml"
COMMANDS = re.compile(r'@commands\.command\("([\w-]+)"\)')


def check(root: Path) -> Iterator[Finding]:
    if (root / DOCKERFILE).exists():
        yield from _dockerfile(root)
    if (root / COMPOSE).exists():
        yield from schema(root, "vendor.compose-spec", [COMPOSE])
        yield from _compose(root)


def _dockerfile(root: Path) -> Iterator[Finding]:
    for said in json.loads(run(root, "hadolint", "--format", "json", DOCKERFILE).stdout):
        yield Finding(DOCKERFILE, said["line"], f"{said['message']} ({said['code']})")
    lines = (root / DOCKERFILE).read_text().splitlines()
    users = [line.split()[1] for line in lines if line.startswith("USER ")]
    if users[-1:] in ([], ["root"], ["0"]):
        yield Finding(DOCKERFILE, 0, "runs as root: end with a USER of its own.")
    if not any(line.startswith("HEALTHCHECK ") for line in lines) or "/readyz" not in "\n".join(lines):
        yield Finding(DOCKERFILE, 0, "has no HEALTHCHECK that asks /readyz.")
    for number, line in enumerate(lines, 1):
        if line.startswith("FROM "):
            yield from _image(DOCKERFILE, number, line.split()[1])


def _image(path: str, line: int, image: str) -> Iterator[Finding]:
    tag = image.rpartition("/")[2].partition("@")[0].partition(":")[2]
    if not re.match(r"v?\d+\.\d+", tag) and not tag.endswith("local"):
        yield Finding(path, line, f"{image} is not pinned to a version: tomorrow it would be another one.")


def _compose(root: Path) -> Iterator[Finding]:
    try:
        compose: Any = yaml.safe_load((root / COMPOSE).read_text())
    except yaml.YAMLError:
        return  # the schema's check says so
    read = set(NAMES.findall((root / "config.py").read_text() + (root / "settings.py").read_text()))
    for name, service in compose.get("services", {}).items():
        yield from _image(COMPOSE, 0, service.get("image", ""))
        for text in _service(root, service, read):
            yield Finding(COMPOSE, 0, f"{name} {text}")


def _service(root: Path, service: Any, read: set[str]) -> Iterator[str]:
    for variable in service.get("environment", {}):
        if variable.startswith("CHATX_") and variable not in read:
            yield f"is told {variable}, which the application does not read."
    for port in service.get("ports", []):
        if not str(port).startswith("127.0.0.1:"):
            yield f"opens port {port} to the whole network: bind it to 127.0.0.1."
    for volume in service.get("volumes", []):
        source = str(volume).partition(":")[0]
        if source.startswith("./") and not (root / source).exists():
            yield f"mounts {source}, which does not exist."
    command = service.get("command", [])
    if command[:2] == ["flask", "chatx"] and command[2] not in COMMANDS.findall((root / "chatx/cli.py").read_text()):
        yield f"starts `{' '.join(command)}`, which is no command of the application."
