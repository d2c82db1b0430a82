"""`status`: what runs where, how it is, and what it would go back to."""

import json

from scripts.deployment.ledger import DEPLOYED, PASSED
from tests.scripts.conftest import Deployer
from tests.scripts.script import NEW, OLD, Script


def both(deployer: Deployer, script: Script) -> None:
    """Staging is ahead of prod, which has passed and has one label before."""
    for environment, label in (("prod", "v9-999999999999"), ("prod", OLD), ("staging", OLD)):
        deployer.ledger(environment).note(DEPLOYED, label)
        deployer.ledger(environment).note(PASSED, label)
    script.environments(script.described("chat-x-prod", OLD), script.described("chat-x-staging", NEW, "Updating", "Grey"))


def test_it_is_a_table_for_people(deployer: Deployer, script: Script) -> None:
    both(deployer, script)
    shown = deployer.type("status")
    assert shown.exit_code == 0, shown.output
    _, staging, prod = [line.split() for line in shown.output.splitlines()]
    assert staging == ["staging", "Updating", "Grey", NEW, "no", OLD, "chat-x-staging.eu-west-1.elasticbeanstalk.com"]
    assert prod == ["prod", "Ready", "Green", OLD, "yes", "v9-999999999999", "chat-x-prod.eu-west-1.elasticbeanstalk.com"]


def test_it_is_json_for_programs(deployer: Deployer, script: Script) -> None:
    both(deployer, script)
    shown = json.loads(deployer.type("status", "--json").output)
    assert {name: (each["label"], each["passed"]) for name, each in shown.items()} == {
        "staging": (NEW, False),
        "prod": (OLD, True),
    }


def test_what_does_not_exist_yet_is_said(deployer: Deployer, script: Script) -> None:
    script.environments(script.described("chat-x-staging", ""))
    shown = deployer.type("status").output.splitlines()
    assert shown[1].split()[:3] == ["staging", "Ready", "Green"]
    assert shown[2].split(maxsplit=1) == ["prod", "does not exist"]
