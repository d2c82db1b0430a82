"""--dry-run prints the very calls that the command makes, in their order, and makes none; --help explains it all."""

import re
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from scripts.deployment.cli import main
from scripts.deployment.ledger import DEPLOYED, PASSED
from scripts.deployment.tools import Tools
from scripts.deployment.trouble import Trouble
from tests.scripts.conftest import BUCKET, Deployer
from tests.scripts.script import NEW, OLD, Script
from tests.support.server import ROOT, Server

Arrange = Callable[[Deployer, Script], object]
SOURCE = {"S3Bucket": BUCKET, "S3Key": f"bundles/{NEW}.zip"}


def two_that_passed(deployer: Deployer) -> None:
    for environment in ("staging", "prod"):
        for label in (OLD, NEW):
            deployer.ledger(environment).note(DEPLOYED, label)
            deployer.ledger(environment).note(PASSED, label)


COMMANDS: dict[str, Arrange] = {
    "publish FILE": lambda deployer, script: script.no_version(NEW).creates(NEW, SOURCE).version(NEW),
    f"deploy staging --label {NEW}": lambda deployer, script: script.version(NEW).deploys(NEW),
    "smoke staging": lambda deployer, script: script.environment(NEW).environment(NEW),
    "promote": lambda deployer, script: (
        two_that_passed(deployer),
        script.of("chat-x-staging").environment(NEW),
        script.of("chat-x-prod").environment(OLD).version(NEW).deploys(NEW),
    ),
    f"promote --label {NEW}": lambda deployer, script: (
        two_that_passed(deployer),
        script.of("chat-x-prod").environment(OLD).version(NEW).deploys(NEW),
    ),
    "rollback prod": lambda deployer, script: (
        two_that_passed(deployer),
        script.of("chat-x-prod").environment(NEW).version(OLD).deploys(OLD, before=NEW),
    ),
    f"rollback prod --label {OLD}": lambda deployer, script: (
        script.of("chat-x-prod").environment(NEW).version(OLD).deploys(OLD, before=NEW)
    ),
    "status": lambda deployer, script: script.environments(script.described("chat-x-staging", NEW)),
    "admit staging --address 203.0.113.9": lambda deployer, script: deployer.type("admit", "staging", "--address", "203.0.113.8"),
    "revoke staging": lambda deployer, script: deployer.type("admit", "staging", "--address", "203.0.113.8"),
}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / f"{NEW}.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.comment = b"b" * 40
    return path


@pytest.mark.parametrize("command", COMMANDS)
def test_it_prints_what_would_be_called_and_calls_nothing(
    command: str, deployer: Deployer, script: Script, fresh_sqlite: str, file: Path
) -> None:
    arguments = command.replace("FILE", str(file)).split()
    planned = deployer.type(*arguments, "--dry-run")
    assert planned.exit_code == 0, planned.output
    assert deployer.calls == []
    assert "none is taken" in planned.output

    server = Server(fresh_sqlite).start() if command.startswith("smoke") else None
    deployer.url = server.url if server else ""
    COMMANDS[command](deployer, script)
    deployer.calls.clear()
    done = deployer.type(*arguments)
    assert done.exit_code == 0, done.output
    calls = re.findall(r"^ +\d+\. ((?:elasticbeanstalk|cloudformation|s3|ec2):\w+) ", planned.output, re.MULTILINE)
    assert list(dict.fromkeys(calls)) == list(dict.fromkeys(deployer.calls))
    if server:
        server.stop()


def test_without_credentials_it_plans_all_the_same(deployer: Deployer) -> None:
    def refuse(region: str | None) -> None:
        raise AssertionError("a dry run connected")

    planned = CliRunner().invoke(main, ["deploy", "prod", "--label", NEW, "--dry-run"], obj=Tools(connect=refuse))
    assert planned.exit_code == 0, planned.output
    assert f"elasticbeanstalk:UpdateEnvironment             chat-x-prod is to run {NEW}" in planned.output


def test_help_names_every_command_and_every_exit_code(deployer: Deployer) -> None:
    helped = deployer.type("--help").output
    listed = helped.split("Commands:\n")[1].split("\n\n")[0]
    assert re.findall(r"^  (\w+) ", listed, re.MULTILINE) == list(main.commands)
    for kind in Trouble.__subclasses__():
        assert f"  {kind.exit_code}  {kind.__doc__}" in helped
    for name in main.commands:
        assert re.search(r"[A-Z].*\.\n", deployer.type(name, "--help").output)


def test_the_door_opens() -> None:
    opened = subprocess.run(
        [sys.executable, "scripts/deploy.py", "--help"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert opened.returncode == 0, opened.stderr
    assert opened.stdout.startswith("Usage: deploy.py")
