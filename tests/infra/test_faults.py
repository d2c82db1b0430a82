"""Faults, each put into a copy of the project, and the sentence with which the check finds it: where it is, and what."""

from pathlib import Path

import pytest

from infra.check import CHECKS
from tests.infra.conftest import Copy
from tests.infra.faults import hosts, pipeline, settings, templates

FAULTS = settings.FAULTS | templates.FAULTS | hosts.FAULTS | pipeline.FAULTS


def found(check: str, root: Path) -> list[str]:
    return [str(finding) for finding in CHECKS[check](root)]


def alone(project: Copy, path: str) -> None:
    """Leave no other file to the tools that take their time for each."""
    patterns = ("infra/*.yaml", ".ebextensions/*.config", ".github/workflows/*")
    for file in (file for pattern in patterns for file in project.root.glob(pattern)):
        if file != project.root / path:
            file.unlink()


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_found(fault: str, project: Copy) -> None:
    check, seed, path, words = FAULTS[fault]
    seed(project)
    if check in ("templates", "workflows", "actionlint", "zizmor"):
        alone(project, path)
    if check == "bundle":
        project.commit()
    findings = found(check, project.root)
    assert any(finding.startswith(path) and words in finding for finding in findings), findings


def test_the_same_project_without_a_fault_has_none(project: Copy) -> None:
    """Or a sentence might be there in any case. The slow checks are left to `make deploy-check`."""
    pipeline.new(pipeline.PATH, pipeline.GOOD)(project)
    assert [finding for name in CHECKS if name not in ("templates", "actionlint") for finding in found(name, project.root)] == []


def test_every_check_finds_something() -> None:
    assert {check for check, *_ in FAULTS.values()} == set(CHECKS)
