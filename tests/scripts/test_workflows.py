"""The workflows type commands that the tool knows, take one label from staging to prod, and hold no key and no loose version."""

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.scripts.conftest import Deployer
from tests.scripts.script import NEW
from tests.support.server import ROOT

GITHUB = ROOT / ".github"
FILES = [*sorted((GITHUB / "workflows").glob("*.yml")), *sorted(GITHUB.glob("actions/*/action.yml"))]
VALUES = {"LABEL": NEW, "ENVIRONMENT": "prod"}


def workflow(name: str) -> dict[str, Any]:
    return yaml.safe_load((GITHUB / "workflows" / name).read_text())


def commands(name: str, job: str) -> list[tuple[str, str]]:
    """What a job types to the tool, as (command, the condition of its step)."""
    typed = []
    for step in workflow(name)["jobs"][job]["steps"]:
        for line in step.get("run", "").splitlines():
            if found := re.match(r"python scripts/deploy\.py (.+)", line):
                typed.append((found[1], step.get("if", "")))
    return typed


def jobs() -> list[tuple[str, str]]:
    return [(name, job) for name in ("deploy.yml", "rollback.yml") for job in workflow(name)["jobs"] if job != "test"]


@pytest.mark.parametrize(("name", "job"), jobs())
def test_every_command_is_one_that_the_tool_takes(name: str, job: str, deployer: Deployer, tmp_path: Path) -> None:
    for line, _ in commands(name, job):
        arguments = [re.sub(r"\$([A-Z]+)", lambda found: VALUES[found[1]], word) for word in shlex.split(line) if word != "$FILE"]
        if arguments[0] in ("bundle", "publish"):  # tried in full in test_bundle.py and test_publish.py
            assert arguments[1:] == []
        else:
            planned = deployer.type(*arguments, "--dry-run")
            assert planned.exit_code == 0, planned.output
    assert deployer.calls == []


def test_one_label_goes_all_the_way() -> None:
    pipeline = workflow("deploy.yml")["jobs"]
    label = "${{ needs.bundle.outputs.label }}"
    assert [pipeline[job]["env"]["LABEL"] for job in ("staging", "prod")] == [label, label]
    assert [pipeline[job]["needs"] for job in ("bundle", "staging", "prod")] == ["test", "bundle", ["bundle", "staging"]]
    assert [line for line, condition in commands("deploy.yml", "bundle")] == ["bundle", 'publish "$FILE"']
    assert [line for line, condition in commands("deploy.yml", "staging") if not condition] == [
        'deploy staging --label "$LABEL"',
        "admit staging",
        "smoke staging",
    ]
    assert commands("deploy.yml", "prod") == [
        ('promote --label "$LABEL"', ""),
        ("smoke prod", ""),
        ('rollback prod --only-from "$LABEL"', "failure()"),
        ("smoke prod", "failure()"),
    ]


def test_staging_is_shut_again_whatever_happens() -> None:
    assert commands("deploy.yml", "staging")[-1] == ("revoke staging", "always()")
    assert commands("rollback.yml", "rollback")[-1] == ("revoke staging", "always() && inputs.environment == 'staging'")


def test_who_deploys_asks_for_an_environment_and_for_nothing_beyond() -> None:
    asked = {job: workflow(name)["jobs"][job] for name, job in jobs()}
    environments = {job: each["environment"] for job, each in asked.items()}
    assert {job: each["name"] if isinstance(each, dict) else each for job, each in environments.items()} == {
        "bundle": "staging",
        "staging": "staging",
        "prod": "prod",
        "rollback": "${{ inputs.environment }}",
    }
    for job, each in asked.items():
        assert each["permissions"] == {"contents": "read", "id-token": "write"}, job
        assert "group" in each["concurrency"], job
    assert [workflow(name)["permissions"] for name in ("deploy.yml", "rollback.yml", "ci.yml")] == [{}, {}, {"contents": "read"}]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_action_is_pinned_by_commit_with_its_version_beside(path: Path) -> None:
    used = re.findall(r"uses: (.+)", path.read_text())
    assert used
    for each in used:
        assert each.startswith("./.github/") or re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", each), each


def test_no_key_is_stored_and_no_input_reaches_a_shell_unquoted() -> None:
    for path in FILES:
        text = path.read_text()
        assert set(re.findall(r"secrets\.(\w+)", text)) <= {"SMOKE_ALICE", "SMOKE_BOB"}
        assert not re.search(r"aws-(access-key-id|secret-access-key)", text)
        for line in re.findall(r"run: (.+)", text):
            assert "${{" not in line
