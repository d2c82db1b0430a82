"""The bundle: the zip of one commit, byte for byte the same however often and wherever it is made."""

import hashlib
import os
import subprocess
import zipfile
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

from scripts.deployment.names import LABEL
from scripts.deployment.trouble import Refused

MOST_BYTES = 512 * 1024 * 1024  # what Elastic Beanstalk takes
NEEDED = ("Procfile", "requirements.txt", "wsgi.py", "migrations/", ".ebextensions/")
NEVER = ("var/*", "*.env", ".env*", "*/.env*", "*.pem", "*.key", "*.p12", "*.db", "*.sqlite*", "*secret-key", "*node_modules/*")


@dataclass(frozen=True)
class Bundle:
    """A bundle on disk; its label is its name."""

    path: Path
    sha256: str
    commit: str

    @property
    def label(self) -> str:
        return self.path.stem

    @classmethod
    def read(cls, path: Path) -> "Bundle":
        """One that was made before."""
        if not LABEL.fullmatch(path.stem):
            raise Refused(f"{path.name} is not called like a bundle, v<run>-<commit>.zip: make it with `bundle`.")
        try:
            with zipfile.ZipFile(path) as archive:
                commit = archive.comment.decode()
        except (OSError, zipfile.BadZipFile) as error:
            raise Refused(f"{path} cannot be read as a bundle: {error}") from error
        if commit[:12] != path.stem.split("-")[1]:
            raise Refused(f"{path.name} holds another commit than its name says: {commit or 'none'}.")
        with path.open("rb") as file:
            return cls(path, hashlib.file_digest(file, "sha256").hexdigest(), commit)


def make(repository: Path, commit: str, run: int, folder: Path) -> Bundle:
    """Archive a commit into a folder, after everything that could be wrong with it was looked at."""
    sha = _git(repository, "rev-parse", "--verify", "--quiet", f"{commit}^{{commit}}", wrong=f"There is no commit {commit}.")
    head = _git(repository, "rev-parse", "HEAD", wrong="There is no commit yet.")
    if sha == head and (changed := _git(repository, "status", "--porcelain", wrong="")):
        raise Refused(f"The tree is not clean, so the bundle would lack what you see. Commit or remove:\n{changed}")
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"v{run}-{sha[:12]}.zip"
    unfinished = path.with_suffix(".unfinished")
    try:
        # Stored, not compressed: another zlib would give other bytes.
        _git(repository, "archive", "--format=zip", "-0", f"--output={unfinished.resolve()}", sha, wrong="git cannot archive it.")
        tracked = _git(repository, "ls-tree", "-r", "-z", "--name-only", sha, wrong="git cannot list it.").split("\0")
        _look_into(unfinished, {name for name in tracked if name})
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
    return Bundle.read(path)


def _look_into(path: Path, tracked: set[str]) -> None:
    """Everything that the commit has is inside, hidden folders too; nothing that must not travel is."""
    with zipfile.ZipFile(path) as archive:
        names = {name for name in archive.namelist() if not name.endswith("/")}
    if missing := sorted(tracked - names):
        raise Refused(f"The bundle lacks what the commit has; see export-ignore in .gitattributes: {', '.join(missing[:9])}")
    if absent := [need for need in NEEDED if not any(name.startswith(need) for name in names)]:
        raise Refused(f"The bundle has no {', '.join(absent)}, without which Elastic Beanstalk would start something else.")
    if secret := sorted(name for name in names if any(fnmatch(name, pattern) for pattern in NEVER)):
        raise Refused(f"This must not leave the house, nor be committed: {', '.join(secret[:9])}")
    if (size := path.stat().st_size) > MOST_BYTES:
        raise Refused(f"The bundle has {size:,} bytes; Elastic Beanstalk takes {MOST_BYTES:,}.")


def _git(repository: Path, *arguments: str, wrong: str) -> str:
    """What git prints, whatever the machine's time zone, line ends and attributes are."""
    neutral = ["-c", "core.autocrlf=false", "-c", "core.eol=lf", "-c", f"core.attributesFile={os.devnull}"]
    command = ["git", "-C", str(repository), *neutral, *arguments]
    ended = subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, "TZ": "UTC"})
    if ended.returncode:
        raise Refused(f"{wrong} {ended.stderr.strip()}".strip())
    return ended.stdout.strip()
