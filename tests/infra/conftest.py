"""Copies of the project, with a history of their own, that a test may break."""

import shutil
import subprocess
from pathlib import Path

import pytest

from infra.check.tools import tracked
from tests.support.server import ROOT


class Copy:
    """A project to put one fault into."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def replace(self, path: str, old: str, new: str) -> None:
        """Write `new` for `old`, which must be there."""
        text = (self.root / path).read_text()
        assert old in text, f"{path} no longer says {old!r}: seed this fault anew"
        (self.root / path).write_text(text.replace(old, new))

    def write(self, path: str, text: str) -> None:
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_text(text)

    def append(self, path: str, text: str) -> None:
        self.write(path, (self.root / path).read_text() + text)

    def git(self, *arguments: str) -> None:
        who = ["-c", "user.name=test", "-c", "user.email=test@example.invalid", "-c", "core.hooksPath=/dev/null"]
        subprocess.run(["git", *who, "-C", str(self.root), *arguments], check=True, capture_output=True)

    def commit(self) -> None:
        self.git("add", "--all", "--force")
        self.git("commit", "--quiet", "--allow-empty", "--message", "A fault.")


@pytest.fixture(scope="session")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project as it stands here, committed."""
    folder = tmp_path_factory.mktemp("project") / "chat-x"
    for path in tracked(ROOT):
        if (ROOT / path).exists() and not path.startswith("tests/"):
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / path, folder / path)
    copy = Copy(folder)
    copy.git("init", "--quiet")
    copy.commit()
    return folder


@pytest.fixture
def project(original: Path, tmp_path: Path) -> Copy:
    shutil.copytree(original, tmp_path / "chat-x")
    return Copy(tmp_path / "chat-x")
