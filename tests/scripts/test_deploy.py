"""`deploy`: an environment comes to run a label in good health, or it is said exactly how it did not."""

import pytest
from click.testing import CliRunner

from scripts.deployment.aws import Aws
from scripts.deployment.cli import main
from scripts.deployment.tools import Tools
from tests.scripts.conftest import Deployer
from tests.scripts.script import NEW, OLD, Script

DEPLOY = ("deploy", "staging", "--label", NEW)


def test_an_environment_is_followed_until_it_is_well(deployer: Deployer, script: Script) -> None:
    script.version(NEW).deploys(NEW)
    ended = deployer.type(*DEPLOY)
    assert ended.exit_code == 0, ended.output
    assert ended.output.splitlines() == [
        "12:00:40  INFO   Environment update is starting.",
        "12:01:00  INFO   Environment update completed successfully.",
        f"chat-x-staging is Ready, Green, runs {NEW}",
        f"chat-x-staging runs {NEW}, Green",
    ]
    assert deployer.noted("staging") == [("deployed", NEW)]
    assert deployer.clock.time == 20


def test_health_may_take_longer_than_the_update(deployer: Deployer, script: Script) -> None:
    script.version(NEW).environment(OLD).past().updates(NEW).environment(OLD, "Updating", "Grey")
    script.environment(NEW, health="Grey")
    deployer.stubber.add_response(
        "describe_events", {"Events": []}, {"ApplicationName": "chat-x", "EnvironmentName": script.name}
    )
    script.environment(NEW, health="Green")
    deployer.stubber.add_response(
        "describe_events", {"Events": []}, {"ApplicationName": "chat-x", "EnvironmentName": script.name}
    )
    assert deployer.type(*DEPLOY).exit_code == 0


def test_yellow_is_enough_only_for_whoever_says_so(deployer: Deployer, script: Script) -> None:
    script.version(NEW).environment(OLD).past("x").updates(NEW).environment(OLD, "Updating")
    script.environment(NEW, health="Yellow").tells()
    assert deployer.type(*DEPLOY, "--accept-yellow").exit_code == 0


def test_an_environment_that_stays_unwell_is_told_with_its_causes(deployer: Deployer, script: Script) -> None:
    script.version(NEW).environment(OLD).past("x").updates(NEW).environment(OLD, "Updating")
    for _ in range(3):
        script.environment(NEW, health="Red").tells()
    script.causes("100.0 % of the requests are failing with HTTP 5xx.")
    ended = deployer.type(*DEPLOY, "--timeout", "30")
    assert ended.exit_code == 6
    assert f"chat-x-staging runs {NEW}, and is Red after 30 s." in ended.output
    assert "  100.0 % of the requests are failing with HTTP 5xx." in ended.output
    assert deployer.noted("staging") == []


def test_an_error_is_waited_out_and_fails_the_deployment(deployer: Deployer, script: Script) -> None:
    script.version(NEW).environment(OLD).past("x").updates(NEW).environment(OLD, "Updating")
    script.environment(OLD, "Updating").tells("[Instance: i-1] Command failed: 01_migrate", severity="ERROR")
    script.environment(NEW).tells("Environment update completed.")
    ended = deployer.type(*DEPLOY)
    assert ended.exit_code == 5
    assert (
        f"Error: chat-x-staging runs {NEW}, but not without errors.\n  [Instance: i-1] Command failed: 01_migrate" in ended.output
    )
    assert deployer.noted("staging") == []


def test_an_environment_that_goes_back_by_itself_is_told(deployer: Deployer, script: Script) -> None:
    script.version(NEW).environment(OLD).past("x").updates(NEW).environment(OLD, "Updating")
    script.environment(OLD).tells("Failed to deploy application.", severity="ERROR")
    ended = deployer.type(*DEPLOY)
    assert ended.exit_code == 5
    assert (
        f"Error: chat-x-staging does not take {NEW}, and runs {OLD} as before.\n  Failed to deploy application." in ended.output
    )


def test_old_errors_are_not_of_this_deployment(deployer: Deployer, script: Script) -> None:
    script.version(NEW).environment(OLD).past("x").updates(NEW).environment(OLD, "Updating")
    again = {"EventDate": script._time, "Severity": "INFO", "Message": "x"}
    answer = {"Events": [again]}
    asked = {"ApplicationName": "chat-x", "EnvironmentName": script.name, "StartTime": script._time}
    script.environment(NEW)
    deployer.stubber.add_response("describe_events", answer, asked)
    ended = deployer.type(*DEPLOY)
    assert ended.exit_code == 0
    assert "INFO" not in ended.output


def test_too_long_is_aborted_and_waited_for(deployer: Deployer, script: Script) -> None:
    script.version(NEW).environment(OLD).past("x").updates(NEW).environment(OLD, "Updating")
    for _ in range(2):
        script.environment(OLD, "Updating").tells()
    script.aborts().environment(OLD, "Aborting").tells("Environment update is aborting.").environment(OLD).tells()
    ended = deployer.type(*DEPLOY, "--timeout", "20")
    assert ended.exit_code == 7
    assert f"did not take {NEW} within 20 s; after the abort it is Ready, Green, runs {OLD}." in ended.output
    assert "Environment update is aborting." in ended.output


def test_what_cannot_be_aborted_is_told_too(deployer: Deployer, script: Script) -> None:
    script.version(NEW).environment(OLD).past("x").updates(NEW).environment(OLD, "Updating")
    script.environment(OLD, "Updating").tells()
    script.refuses("abort_environment_update", "InvalidParameterValue", "No deployment is in progress that could be aborted.")
    ended = deployer.type(*DEPLOY, "--timeout", "10")
    assert ended.exit_code == 7
    assert "and cannot be aborted: AbortEnvironmentUpdate: No deployment is in progress" in ended.output


def test_an_environment_that_somebody_changes_is_left_alone(deployer: Deployer, script: Script) -> None:
    script.version(NEW).environment(OLD, "Updating", "Grey")
    ended = deployer.type(*DEPLOY)
    assert ended.exit_code == 3
    assert f"chat-x-staging is Updating, Grey, runs {OLD}: something else changes it." in ended.output


def test_somebody_who_is_faster_is_explained(deployer: Deployer, script: Script) -> None:
    script.version(NEW).environment(OLD).past("x")
    said = "Environment named chat-x-staging is in an invalid state for this operation. Must be Ready."
    script.refuses("update_environment", "InvalidParameterValue", said)
    ended = deployer.type(*DEPLOY)
    assert ended.exit_code == 3
    assert f"Error: {said}\nSomething else changes this environment: another deployment, an update of its stack" in ended.output


def test_an_unknown_label_is_answered_with_the_newest_ones(deployer: Deployer, script: Script) -> None:
    script.no_version(NEW).versions("v8-000000000000", "v9-000000000000", OLD)
    ended = deployer.type(*DEPLOY)
    assert ended.exit_code == 1
    assert f"There is no version {NEW}; the newest are {OLD}, v9-000000000000, v8-000000000000." in ended.output


def test_a_version_that_was_not_looked_through_is_not_deployed(deployer: Deployer, script: Script) -> None:
    script.version(NEW, "UNPROCESSED")
    ended = deployer.type(*DEPLOY)
    assert ended.exit_code == 1
    assert f"{NEW} is UNPROCESSED" in ended.output


def test_an_environment_that_does_not_exist_is_told(deployer: Deployer, script: Script) -> None:
    script.version(NEW).no_environment()
    ended = deployer.type(*DEPLOY)
    assert ended.exit_code == 1
    assert "There is no environment chat-x-staging" in ended.output


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("InsufficientPrivilegesException", "These credentials may not do that: UpdateEnvironment. no."),
        ("ExpiredToken", "These credentials are no longer good. no."),
        ("SomethingNew", "UpdateEnvironment: no."),
    ],
)
def test_what_aws_says_is_told_in_one_line(deployer: Deployer, script: Script, code: str, told: str) -> None:
    script.version(NEW).environment(OLD).past("x").refuses("update_environment", code, "no.")
    ended = deployer.type(*DEPLOY)
    assert ended.exit_code == 9
    assert ended.output == f"Error: {told}\n"


def test_missing_credentials_and_regions_are_told_in_one_line(
    deployer: Deployer, monkeypatch: pytest.MonkeyPatch, tmp_path
) -> None:
    for name in ("AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, str(tmp_path / name))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    for arguments, told in (((), "There is no AWS region."), (("--region", "eu-west-1"), "There are no AWS credentials.")):
        ended = CliRunner().invoke(main, [*arguments, *DEPLOY], obj=Tools(connect=Aws.of))
        assert ended.exit_code == 9
        assert ended.output.startswith(f"Error: {told}")


def test_which_version_must_be_said(deployer: Deployer) -> None:
    for more in ((), ("--dry-run",)):
        ended = deployer.type("deploy", "staging", *more)
        assert ended.exit_code == 2
        assert "Missing option '--label'" in ended.output


@pytest.mark.parametrize("label", ["latest", "v12-BBBBBBBBBBBB", "v12-bbbbbbbbbbbb;rm", "v12"])
def test_what_is_no_label_is_wrong_usage(deployer: Deployer, label: str) -> None:
    ended = deployer.type("deploy", "staging", "--label", label)
    assert ended.exit_code == 2
    assert "is no label" in ended.output
