"""The roles allow what the deployments and the application do, and not what they must never do."""

import json

import pytest

from scripts.deployment import plan
from scripts.deployment.names import Target
from tests.infra.template import Role, Template

STAGING, PROD = Target("chat-x", "staging"), Target("chat-x", "prod")
LABEL = "v7-0123456789ab"
BEANSTALK, ARTIFACTS = "arn:aws:elasticbeanstalk:eu-west-1:123456789012", "<Artifacts.Arn>"
PLANS = {
    STAGING: [
        *plan.publishing("chat-x", LABEL),
        *plan.deploying(STAGING, LABEL),
        *plan.smoking(STAGING, ""),
        *plan.going_back(STAGING, ""),
        *plan.admitting(STAGING, ""),
    ],
    PROD: [*plan.promoting(STAGING, PROD, ""), *plan.smoking(PROD, ""), *plan.going_back(PROD, "")],
}


@pytest.fixture(scope="module")
def app() -> Template:
    return Template("infra/app.yaml", GitHubSubject="repo:owner@1/chat-x@2")


def role_of(app: Template, target: Target) -> Role:
    return Role(app, f"{target.environment.title()}DeployRole")


def resource_of(step: plan.Step, target: Target) -> str:
    """What the call of a step is about, as an ARN."""
    if step.call.startswith("s3:"):
        key = next(word.strip(":,") for word in step.purpose.split() if "/" in word) if "/" in step.purpose else "ledger/x"
        return f"{ARTIFACTS}/{key}"
    return {
        "elasticbeanstalk:UpdateEnvironment": f"{BEANSTALK}:environment/chat-x/{target.name}",
        "elasticbeanstalk:CreateApplicationVersion": f"{BEANSTALK}:applicationversion/chat-x/{LABEL}",
        "ec2:AuthorizeSecurityGroupIngress": "arn:aws:ec2:eu-west-1:123456789012:security-group/sg-1",
        "ec2:RevokeSecurityGroupIngress": "arn:aws:ec2:eu-west-1:123456789012:security-group/sg-1",
    }.get(step.call, "anything that exists")


@pytest.mark.parametrize("target", PLANS, ids=lambda target: target.environment)
def test_a_deployment_may_make_every_call_of_its_plan(target: Target, app: Template) -> None:
    role, calls = role_of(app, target), [step for step in PLANS[target] if step.call.split(":")[0].isalnum()]
    assert len(calls) > 15
    refused = [(step.call, resource_of(step, target)) for step in calls if not role.may(step.call, resource_of(step, target))]
    assert refused == []


@pytest.mark.parametrize(
    ("target", "action", "resource"),
    [
        (STAGING, "elasticbeanstalk:UpdateEnvironment", f"{BEANSTALK}:environment/chat-x/chat-x-prod"),
        (STAGING, "s3:PutObject", f"{ARTIFACTS}/ledger/prod.jsonl"),
        (PROD, "elasticbeanstalk:UpdateEnvironment", f"{BEANSTALK}:environment/chat-x/chat-x-staging"),
        (PROD, "elasticbeanstalk:CreateApplicationVersion", f"{BEANSTALK}:applicationversion/chat-x/{LABEL}"),
        (PROD, "s3:PutObject", f"{ARTIFACTS}/bundles/{LABEL}.zip"),
        (PROD, "s3:PutObject", f"{ARTIFACTS}/ledger/staging.jsonl"),
        (PROD, "ec2:AuthorizeSecurityGroupIngress", "arn:aws:ec2:eu-west-1:123456789012:security-group/sg-1"),
        (STAGING, "elasticbeanstalk:TerminateEnvironment", f"{BEANSTALK}:environment/chat-x/chat-x-staging"),
        (PROD, "iam:CreateRole", "arn:aws:iam::123456789012:role/x"),
        (PROD, "secretsmanager:GetSecretValue", "arn:aws:secretsmanager:eu-west-1:123456789012:secret:x"),
        (PROD, "rds:DeleteDBInstance", "arn:aws:rds:eu-west-1:123456789012:db:x"),
    ],
    ids=lambda value: value.environment if isinstance(value, Target) else value,
)
def test_a_deployment_may_not(target: Target, action: str, resource: str, app: Template) -> None:
    assert not role_of(app, target).may(action, resource)


@pytest.mark.parametrize("target", [STAGING, PROD], ids=lambda target: target.environment)
def test_only_one_environment_of_one_repository_gets_a_role(target: Target, app: Template) -> None:
    ((statement,), name) = (role_of(app, target).trusts, "token.actions.githubusercontent.com")
    wanted = {f"{name}:aud": "sts.amazonaws.com", f"{name}:sub": f"repo:owner@1/chat-x@2:environment:{target.environment}"}
    assert statement["Condition"] == {"StringEquals": wanted}


def test_the_shared_policy_is_as_short_as_iam_wants_it(app: Template) -> None:
    app.known["AWS::Region"] = "ap-southeast-1"
    document = app.value(app.resources["DeployPolicy"]["Properties"]["PolicyDocument"])
    app.known["AWS::Region"] = "eu-west-1"
    assert len(json.dumps(document, separators=(",", ":"))) < 6_144 - 500  # of names that only AWS knows


def test_without_a_repository_nobody_gets_a_role() -> None:
    assert not [name for name in Template("infra/app.yaml").resources if "Deploy" in name or "GitHub" in name]


def test_an_instance_reads_its_own_secrets_and_media_and_nothing_of_others() -> None:
    role = Role(Template("infra/env.yaml", EnvName="prod"), "InstanceRole")
    assert role.may("secretsmanager:GetSecretValue", "<SecretKey>")
    assert role.may("secretsmanager:GetSecretValue", "<DatabasePassword>")
    assert role.may("s3:PutObject", "<Media.Arn>/a/b")
    assert role.may("cloudwatch:PutMetricData", "*")
    assert not role.may("secretsmanager:GetSecretValue", "arn:aws:secretsmanager:eu-west-1:123456789012:secret:other")
    assert not role.may("s3:PutObject", "<Logs.Arn>/a")
    assert not role.may("s3:PutObject", "<Web.Arn>/index.html")
    assert not role.may("ssm:GetParameter", "arn:aws:ssm:eu-west-1:123456789012:parameter/x")
