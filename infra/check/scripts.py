"""Shell: every script as shellcheck sees it, executable where somebody executes it, and the commands of .ebextensions."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from infra.check.finding import Finding
from infra.check.settings import FOLDER
from infra.check.tools import run, tracked

# Scripts that only the instance has, such as its virtual environment's.
UNREADABLE = "SC1090,SC1091"


def check(root: Path) -> Iterator[Finding]:
    scripts = []
    for path, mode in tracked(root).items():
        file = root / path
        first = _first_line(file) if mode.startswith("100") and file.exists() else b""
        if first.startswith(b"#!") and mode != "100755":
            yield Finding(path, 1, "begins with #! and lacks its executable bit: git update-index --chmod=+x.")
        if path.startswith((".platform/hooks/", ".platform/confighooks/")) and not first.startswith(b"#!"):
            yield Finding(path, 1, "is a hook that does not begin with #!.")
        if (first.startswith(b"#!") and b"sh" in first.split(b"/")[-1]) or path.endswith(".sh"):
            scripts.append(path)
    if scripts:
        yield from _shellcheck(root, scripts)
    for file in sorted((root / FOLDER).glob("*.config")):
        yield from _commands(root, f"{FOLDER}/{file.name}", file)


def _first_line(file: Path) -> bytes:
    with file.open("rb") as opened:
        return opened.readline(200).strip()


def _shellcheck(root: Path, scripts: list[str]) -> Iterator[Finding]:
    said = run(root, "shellcheck", "--format=json", "--exclude", UNREADABLE, *scripts)
    for comment in json.loads(said.stdout):
        yield Finding(comment["file"], comment["line"], _text(comment))


def _commands(root: Path, path: str, file: Path) -> Iterator[Finding]:
    try:
        content: Any = yaml.safe_load(file.read_text())
    except yaml.YAMLError:
        return  # the check of the form says so
    for name, command in ((content or {}).get("container_commands") or {}).items():
        said = run(root, "shellcheck", "--format=json", "--shell=bash", "--exclude", UNREADABLE, "-", stdin=command["command"])
        for comment in json.loads(said.stdout):
            yield Finding(path, 0, f"the command {name}: {_text(comment)}")


def _text(comment: dict[str, Any]) -> str:
    return f"{comment['message']} (SC{comment['code']})"
