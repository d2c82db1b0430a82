"""Runs the tools that are programs of their own, from the same virtual environment, and git."""

import subprocess
import sys
from pathlib import Path

BIN = Path(sys.executable).parent


def run(root: Path, *command: str, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
    """What a tool of the virtual environment says about the project."""
    program = BIN / command[0]
    whole = [str(program), *command[1:]]
    return subprocess.run(whole, cwd=root, input=stdin, capture_output=True, text=True, check=False, timeout=60)  # noqa: S603


def git(root: Path, *arguments: str) -> bytes:
    """What git says, which must succeed."""
    command = ["git", "-C", str(root), *arguments]
    return subprocess.run(command, capture_output=True, check=True, timeout=60).stdout  # noqa: S603


def tracked(root: Path, *under: str) -> dict[str, str]:
    """The files that git knows, with their modes: {"Procfile": "100644", …}."""
    lines = git(root, "ls-files", "--stage", "-z", "--", *under).decode().split("\0")
    return {path: head.split()[0] for head, _, path in (line.partition("\t") for line in lines if line)}
