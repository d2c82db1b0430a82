"""`rollback`: back to the label before, and never by mistake to one that was gone back from."""

import threading

import pytest

from scripts.deployment.ledger import DEPLOYED, LEFT, PASSED, Ledger
from tests.scripts.conftest import BUCKET, Deployer
from tests.scripts.script import NEW, OLD, Script
from tests.support.aws import Aws

OLDEST = "v10-999999999999"


@pytest.fixture
def history(deployer: Deployer) -> Ledger:
    """Three labels ran on prod; the last one did not pass."""
    ledger = deployer.ledger("prod")
    for label in (OLDEST, OLD):
        ledger.note(DEPLOYED, label)
        ledger.note(PASSED, label)
    ledger.note(DEPLOYED, NEW)
    return ledger


@pytest.fixture
def prod(script: Script) -> Script:
    return script.of("chat-x-prod")


def test_the_label_before_runs_again(deployer: Deployer, history: Ledger, prod: Script) -> None:
    prod.environment(NEW).version(OLD).deploys(OLD, before=NEW)
    ended = deployer.type("rollback", "prod")
    assert ended.exit_code == 0, ended.output
    assert ended.output.startswith(f"prod goes back from {NEW} to {OLD}\n")
    assert ended.output.endswith(f"chat-x-prod runs {OLD}, Green\n")
    assert deployer.noted("prod")[-2:] == [("left", NEW), ("deployed", OLD)]


def test_going_back_twice_goes_back_further(deployer: Deployer, history: Ledger, prod: Script) -> None:
    prod.environment(NEW).version(OLD).deploys(OLD, before=NEW)
    prod.environment(OLD).version(OLDEST).deploys(OLDEST, before=OLD)
    for _ in range(2):
        assert deployer.type("rollback", "prod").exit_code == 0
    assert deployer.noted("prod")[-1] == ("deployed", OLDEST)


def test_a_label_that_was_left_may_be_trusted_again_after_it_passed_again(deployer: Deployer, history: Ledger) -> None:
    history.note(LEFT, OLD)
    assert history.before(NEW) == OLDEST
    history.note(DEPLOYED, OLD)
    history.note(PASSED, OLD)
    assert history.before(NEW) == OLD


def test_it_waits_for_a_deployment_that_is_just_being_undone(deployer: Deployer, history: Ledger, prod: Script) -> None:
    prod.environment(NEW, "Aborting").environment(NEW, "Updating").environment(NEW).version(OLD).deploys(OLD, before=NEW)
    assert deployer.type("rollback", "prod").exit_code == 0


def test_nothing_is_done_where_elastic_beanstalk_went_back_by_itself(deployer: Deployer, history: Ledger, prod: Script) -> None:
    prod.environment(OLD)
    ended = deployer.type("rollback", "prod", "--only-from", NEW)
    assert ended.exit_code == 0
    assert ended.output == f"prod runs {OLD}, not {NEW}: there is nothing to roll back\n"
    assert deployer.noted("prod")[-1] == ("deployed", NEW)


def test_a_label_can_be_named(deployer: Deployer, history: Ledger, prod: Script) -> None:
    prod.environment(NEW).version(OLDEST).deploys(OLDEST, before=NEW)
    assert deployer.type("rollback", "prod", "--label", OLDEST).exit_code == 0


def test_a_label_that_is_gone_is_told_and_nothing_is_noted(deployer: Deployer, history: Ledger, prod: Script) -> None:
    prod.environment(NEW).no_version(OLD).versions(NEW)
    ended = deployer.type("rollback", "prod")
    assert ended.exit_code == 1
    assert f"There is no version {OLD}; the newest are {NEW}." in ended.output
    assert deployer.noted("prod")[-1] == ("deployed", NEW)


def test_the_first_label_has_none_before_it(deployer: Deployer, prod: Script) -> None:
    deployer.ledger("prod").note(DEPLOYED, NEW)
    prod.environment(NEW)
    ended = deployer.type("rollback", "prod")
    assert ended.exit_code == 1
    assert f"No label but {NEW} ever passed its smoke test in prod" in ended.output


def test_an_environment_that_never_settles_is_busy(deployer: Deployer, prod: Script) -> None:
    for _ in range(91):
        prod.environment(NEW, "Updating")
    ended = deployer.type("rollback", "prod")
    assert ended.exit_code == 3
    assert "is still Updating" in ended.output
    assert deployer.clock.time == 900


def test_two_who_note_at_once_lose_nothing(deployer: Deployer, aws: Aws) -> None:
    labels = [f"v{number}-000000000000" for number in range(4)]
    threads = [threading.Thread(target=Ledger(aws.client("s3"), BUCKET, "prod").note, args=(DEPLOYED, label)) for label in labels]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(label for _, label in deployer.noted("prod")) == labels
