"""The Procfile: what the platform will start, and start again when it ends."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

from infra.check.finding import Finding

PATH = "Procfile"
LINE = re.compile(r"([A-Za-z0-9_-]+):\s*(\S.*)")


def processes(root: Path) -> dict[str, str]:
    """{name: command}, of the lines that are well-formed."""
    found = (LINE.fullmatch(line) for line in (root / PATH).read_text().splitlines())
    return {match[1]: match[2] for match in found if match}


def check(root: Path) -> Iterator[Finding]:
    if not (root / PATH).exists():
        yield Finding(PATH, 0, "is missing: the platform would start a gunicorn of its own.")
        return
    names = []
    for number, line in enumerate((root / PATH).read_text().splitlines(), 1):
        match = LINE.fullmatch(line)
        if match is None:
            yield Finding(PATH, number, f"{line!r} is not `name: command`.")
            continue
        names.append(match[1])
        yield from _command(root, number, match[1], match[2])
    if names[:1] != ["web"]:
        yield Finding(PATH, 1, "the first process must be web, which the platform sends requests to.")
    for name in {name for name in names if names.count(name) > 1}:
        yield Finding(PATH, 0, f"{name} is there twice.")


def _command(root: Path, number: int, name: str, command: str) -> Iterator[Finding]:
    words = [word for word in shlex.split(command) if not re.match(r"[A-Z_]+=", word)]
    if words[:1] != ["exec"]:
        yield Finding(PATH, number, f"{name} does not begin with exec, so a shell would stand between systemd's SIGTERM and it.")
    if "gunicorn" in words:
        yield Finding(PATH, number, f"{name} starts gunicorn, which serves no eventlet since version 26.")
    for script in words:
        if script.endswith(".py") and not (root / script).exists():
            yield Finding(PATH, number, f"{name} starts {script}, which does not exist.")
