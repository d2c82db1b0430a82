"""The bundle, as `git archive` makes it of what is committed: all that an instance needs, and nothing that must not travel."""

import io
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

from infra.check.finding import Finding
from infra.check.tools import git, tracked

NAME = "the bundle"
HIDDEN = (".ebextensions/", ".platform/")
NEEDED = ("Procfile", "config.py", "requirements.txt", "wsgi.py", "chatx/__init__.py", "migrations/env.py")
HOOKS = (".platform/hooks/", ".platform/confighooks/")
LARGEST = 512 * 1024 * 1024
SECRET_NAMES = re.compile(r"(^|/)(\.env(\.[^/]*)?|secret-key|id_[a-z0-9]+|[^/]*\.(pem|key|p12|pfx|jks|kdbx))$")
SECRETS = re.compile(rb"-----BEGIN [A-Z ]*PRIVATE KEY-----|\b(AKIA|ASIA)[0-9A-Z]{16}\b|\bgh[pousr]_[A-Za-z0-9]{36}\b")
DATA = re.compile(r"(^|/)(var|node_modules|\.venv|venv|__pycache__|\.git)/|\.(db|sqlite3?|pyc|log)$")


def check(root: Path) -> Iterator[Finding]:
    archive = git(root, "archive", "--format=zip", "HEAD")
    if len(archive) > LARGEST:
        yield Finding(NAME, 0, f"has {len(archive)} bytes; Elastic Beanstalk takes {LARGEST}.")
    with zipfile.ZipFile(io.BytesIO(archive)) as bundle:
        entries = {entry.filename: entry for entry in bundle.infolist() if not entry.is_dir()}
        yield from _missing(root, set(entries))
        for name, entry in sorted(entries.items()):
            yield from _unwanted(name)
            if SECRETS.search(bundle.read(entry)):
                yield Finding(name, 0, f"has a key in it that would be in {NAME}.")
            if name.startswith(HOOKS) and not entry.external_attr >> 16 & 0o111:
                yield Finding(name, 0, "is a hook without its executable bit: git update-index --chmod=+x.")


def _missing(root: Path, names: set[str]) -> Iterator[Finding]:
    for needed in NEEDED:
        if needed not in names:
            yield Finding(needed, 0, f"is not in {NAME}: is it committed, and not export-ignored in .gitattributes?")
    for folder in HIDDEN:
        inside = tracked(root, folder)
        if not inside:
            yield Finding(folder, 0, f"the hidden folder is not in {NAME}: nothing in it is committed.")
        elif not any(name.startswith(folder) for name in names):
            yield Finding(folder, 0, f"the hidden folder is not in {NAME}.")
        else:
            for lost in sorted(set(inside) - names):
                yield Finding(lost, 0, f"is committed, but not in {NAME}.")


def _unwanted(name: str) -> Iterator[Finding]:
    if SECRET_NAMES.search(name):
        yield Finding(name, 0, f"is by its name a secret, and would be in {NAME}.")
    elif DATA.search(name):
        yield Finding(name, 0, f"is data or made by a tool, and would be in {NAME}.")
