"""The README does what it says: its clients run as printed, twice, and its table names exactly the variables that exist."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.server import ROOT, Server

README = (ROOT / "README.md").read_text()
JS = ROOT / "tests" / "js"
NODE = shutil.which("node") or str(Path(sys.executable).with_name("node"))


def block(language: str) -> str:
    """The one block of this language."""
    (code,) = re.findall(rf"^```{language}\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
    return code


def output(server: Server, *command: str) -> str:
    """What a client prints; it must end by itself, well."""
    environ = {**os.environ, "CHATX_URL": server.url}
    ended = subprocess.run(command, env=environ, capture_output=True, text=True, check=False, timeout=60)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


@pytest.mark.parametrize("time", ["first", "second"])
def test_the_python_client_runs_as_printed(time: str, server: Server, tmp_path: Path) -> None:
    script = tmp_path / "client.py"
    script.write_text(block("python"))
    printed = output(server, sys.executable, str(script))
    assert printed.splitlines() == ["Alice's message has seq 2", "Bob hears: Hello, Bob!"]


@pytest.mark.parametrize("time", ["first", "second"])
def test_the_javascript_client_runs_as_printed(time: str, server: Server) -> None:
    # Beside node_modules, where `npm install socket.io-client` would have put them.
    script = JS / f".readme-{os.getpid()}.mjs"
    script.write_text(block("javascript"))
    try:
        printed = output(server, NODE, str(script))
    finally:
        script.unlink()
    assert printed.splitlines() == ["Alice's message has seq 2", "Bob hears: Hello, Bob!"]


def test_the_table_names_exactly_the_variables_that_are_read() -> None:
    named = re.findall(r"^\| `([A-Z_]+)` \|", README, re.MULTILINE)
    read = re.findall(r'"(PORT|CHATX_[A-Z_]+)"', (ROOT / "config.py").read_text() + (ROOT / "settings.py").read_text())
    assert len(named) == len(set(named))
    assert set(named) == set(read)


def test_its_links_lead_somewhere() -> None:
    links = re.findall(r"\]\(([^)]+)\)", README)
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_the_commands_it_names_exist(fresh_sqlite: str) -> None:
    listed = Server(fresh_sqlite).flask("chatx", "--help").stdout
    named = re.findall(r"^    flask chatx ([\w-]+)", README, re.MULTILINE)
    assert named
    assert [command for command in named if f"\n  {command} " not in listed] == []
    makefile = (ROOT / "Makefile").read_text()
    assert [target for target in re.findall(r"`?make (\w+)[` ] ", README) if f"\n{target}:" not in makefile] == []
