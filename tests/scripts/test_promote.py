"""`promote`: prod gets the very label that passed on staging, and nothing else."""

import pytest

from scripts.deployment.ledger import LEFT, PASSED
from tests.scripts.conftest import Deployer
from tests.scripts.script import NEW, OLD, Script

PROD, STAGING = "chat-x-prod", "chat-x-staging"


@pytest.fixture
def passed(deployer: Deployer) -> None:
    """The new label passed on staging."""
    deployer.ledger("staging").note(PASSED, NEW)


@pytest.mark.usefixtures("passed")
def test_prod_gets_what_staging_runs(deployer: Deployer, script: Script) -> None:
    script.of(STAGING).environment(NEW)
    script.of(PROD).environment(OLD).version(NEW).deploys(NEW)
    ended = deployer.type("promote")
    assert ended.exit_code == 0, ended.output
    assert ended.output.endswith(f"{PROD} runs {NEW}, Green\n")
    assert deployer.noted("prod") == [("deployed", NEW)]


@pytest.mark.usefixtures("passed")
def test_a_label_can_be_named_while_staging_has_gone_on(deployer: Deployer, script: Script) -> None:
    script.of(PROD).environment(OLD).version(NEW).deploys(NEW)
    assert deployer.type("promote", "--label", NEW).exit_code == 0


def test_a_label_that_has_not_passed_is_refused(deployer: Deployer, script: Script) -> None:
    script.of(STAGING).environment(NEW)
    ended = deployer.type("promote")
    assert ended.exit_code == 1
    assert f"{NEW} has not passed its smoke test on staging." in ended.output


@pytest.mark.usefixtures("passed")
def test_a_label_that_staging_went_back_from_is_refused(deployer: Deployer) -> None:
    deployer.ledger("staging").note(LEFT, NEW)
    ended = deployer.type("promote", "--label", NEW)
    assert ended.exit_code == 1
    assert f"{NEW} has not passed" in ended.output


@pytest.mark.usefixtures("passed")
def test_a_late_approval_does_not_take_prod_back(deployer: Deployer, script: Script) -> None:
    script.of(PROD).environment("v13-cccccccccccc")
    ended = deployer.type("promote", "--label", NEW)
    assert ended.exit_code == 1
    assert f"prod runs v13-cccccccccccc, which is newer than {NEW}." in ended.output


def test_staging_that_is_being_changed_is_not_promoted(deployer: Deployer, script: Script) -> None:
    script.of(STAGING).environment(NEW, "Updating")
    assert deployer.type("promote").exit_code == 3
