"""docs/deployment.md tells the truth: every file, check, output, alarm and command that it names exists; none is forgotten."""

import re
import subprocess
import sys

import pytest
import yaml

from infra.check import CHECKS
from infra.check.settings import FOLDER, load
from tests.support.server import ROOT

TEXT = (ROOT / "docs/deployment.md").read_text()
ENV, APP = load(ROOT / "infra/env.yaml"), load(ROOT / "infra/app.yaml")


def section(title: str) -> str:
    return TEXT.split(f"\n## {title}\n")[1].split("\n## ")[0]


def rows(title: str) -> list[list[str]]:
    """The cells of the first table of a section, without its head."""
    lines = [line for line in section(title).splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def names(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


@pytest.mark.parametrize("row", rows("What is there"), ids=lambda row: row[0])
def test_a_part_has_a_file_that_makes_it_and_a_check_that_holds_it(row: list[str]) -> None:
    _, made, checked = row
    files = [name for name in names(made) if "/" in name or "." in name or name in ("Procfile", "Dockerfile")]
    assert files
    assert [name for name in files if not (ROOT / name).exists()] == []
    assert names(checked)
    assert [name for name in names(checked) if name not in CHECKS and not (ROOT / name).is_file()] == []


def test_no_file_and_no_check_is_forgotten() -> None:
    named = {name for row in rows("What is there") for cell in row[1:] for name in names(cell)}
    settings = {f"{FOLDER}/{file.name}" for file in (ROOT / FOLDER).iterdir()}
    templates = {f"infra/{file.name}" for file in (ROOT / "infra").glob("*.yaml")}
    workflows = {f".github/workflows/{file.name}" for file in (ROOT / ".github/workflows").iterdir()}
    assert (settings | templates | workflows | set(CHECKS)) - named == set()


def test_every_alarm_is_explained() -> None:
    made = {name for name, resource in ENV["Resources"].items() if resource["Type"] == "AWS::CloudWatch::Alarm"}
    for file in (ROOT / FOLDER).glob("*.config"):
        resources = yaml.safe_load(file.read_text()).get("Resources", {})
        made |= {name for name, resource in resources.items() if resource["Type"] == "AWS::CloudWatch::Alarm"}
    assert {name for row in rows("When an alarm mails") for name in names(row[0])} == made


def test_every_parameter_and_output_that_is_named_exists() -> None:
    given = set(re.findall(r"\b([A-Z]\w+)=(?!=)", TEXT)) - {"AWS_REGION", "FLASK_APP", "PATH", "CHATX_DEPLOY"}
    assert given <= set(ENV["Parameters"]) | set(APP["Parameters"])
    taken = set(re.findall(r"\$\(key (\w+)\)", TEXT)) | {"StagingDeployRoleArn", "ProdDeployRoleArn", "WebBucket", "LogsBucket"}
    assert taken <= set(ENV["Outputs"]) | set(APP["Outputs"])


def test_every_command_of_the_tool_exists() -> None:
    typed = set(re.findall(r"scripts/deploy\.py ([a-z]+)", TEXT))
    shown = subprocess.run([sys.executable, "scripts/deploy.py", "--help"], cwd=ROOT, capture_output=True, text=True, check=True)
    assert typed
    assert [command for command in typed if not re.search(rf"^  {command}\b", shown.stdout, re.MULTILINE)] == []


def test_its_links_lead_somewhere() -> None:
    links = re.findall(r"\]\(([^)#]+)\)", TEXT)
    assert [link for link in links if not link.startswith("https://") and not (ROOT / "docs" / link).exists()] == []


def test_a_template_is_short_enough_to_be_sent_without_a_bucket() -> None:
    assert all(len(file.read_bytes()) < 51_200 for file in (ROOT / "infra").glob("*.yaml"))
