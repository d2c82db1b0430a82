"""What a command would do, for --dry-run: each call by the name that a policy allows it by, and what it is for.

Tests hold these lists against the calls that the commands make.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from scripts.deployment.names import Target, bundle_key, ledger_key


@dataclass(frozen=True)
class Step:
    call: str
    purpose: str


def _bucket(application: str) -> Step:
    return Step("cloudformation:DescribeStacks", f"find the bucket, an output of the stack {application}")


def _ledger(environment: str, purpose: str) -> Step:
    return Step("s3:GetObject", f"{ledger_key(environment)}: {purpose}")


def _note(environment: str, what: str) -> list[Step]:
    key = ledger_key(environment)
    return [Step("s3:GetObject", f"{key}: what is noted there"), Step("s3:PutObject", f"{key}: note that {what}")]


def publishing(application: str, label: str) -> list[Step]:
    return [
        _bucket(application),
        Step("s3:PutObject", f"upload the bundle as {bundle_key(label)}, unless it is there"),
        Step("elasticbeanstalk:DescribeApplicationVersions", f"see whether {label} exists"),
        Step("elasticbeanstalk:CreateApplicationVersion", f"make {label}, and have its .ebextensions validated"),
        Step("elasticbeanstalk:DescribeApplicationVersions", "wait until it is Processed"),
    ]


def deploying(target: Target, label: str) -> list[Step]:
    return [_processed(label), _bucket(target.application), *_changing(target, label)]


def _processed(label: str) -> Step:
    return Step("elasticbeanstalk:DescribeApplicationVersions", f"{label} must be Processed")


def _changing(target: Target, label: str) -> list[Step]:
    return [
        Step("elasticbeanstalk:DescribeEnvironments", f"{target.name} must be Ready"),
        Step("elasticbeanstalk:DescribeEvents", "see where its events stand"),
        Step("elasticbeanstalk:UpdateEnvironment", f"{target.name} is to run {label}"),
        Step("elasticbeanstalk:DescribeEnvironments", f"wait until {target.name} is Ready, runs {label}, and is Green"),
        Step("elasticbeanstalk:DescribeEvents", "print its events meanwhile; an ERROR fails the deployment"),
        *_note(target.environment, f"{label} was deployed"),
    ]


def promoting(source: Target, target: Target, label: str) -> list[Step]:
    known = [] if label else [Step("elasticbeanstalk:DescribeEnvironments", f"take the label that {source.name} runs")]
    shown = label or "it"
    return [
        *known,
        _bucket(target.application),
        _ledger(source.environment, f"{shown} must have passed its smoke test there"),
        Step("elasticbeanstalk:DescribeEnvironments", f"{shown} must not be older than what {target.name} runs"),
        _processed(shown),
        *_changing(target, shown),
    ]


def going_back(target: Target, label: str) -> list[Step]:
    shown = label or "it"
    return [
        Step("elasticbeanstalk:DescribeEnvironments", f"wait until {target.name} is Ready, and take the label that it runs"),
        _bucket(target.application),
        *([] if label else [_ledger(target.environment, "find the label before: the last that ran there, and passed")]),
        _processed(shown),
        *_note(target.environment, "the present label was left"),
        *_changing(target, shown),
    ]


def smoking(target: Target | None, url: str) -> list[Step]:
    people = [
        Step("GET /readyz", f"{url or 'what answers there'} must be ready"),
        Step("Socket.IO /chat", "two people sign in, connect by WebSocket and by long polling, and hear each other"),
    ]
    if target is None:
        return people
    place = Step("cloudformation:DescribeStacks", f"find where it answers, an output of the stack {target.name}")
    return [
        Step("elasticbeanstalk:DescribeEnvironments", f"take the label that {target.name} runs"),
        *([] if url else [place]),
        *people,
        Step("elasticbeanstalk:DescribeEnvironments", "it must still run the same label"),
        _bucket(target.application),
        *_note(target.environment, "the label passed"),
    ]


def admitting(target: Target, address: str) -> list[Step]:
    own = [] if address else [Step("GET checkip.amazonaws.com", "find our own address")]
    return [
        *own,
        *revoking(target),
        Step("ec2:AuthorizeSecurityGroupIngress", f"open ports 80 and 443 for {address or 'it'} alone"),
    ]


def revoking(target: Target) -> list[Step]:
    return [
        Step("cloudformation:DescribeStacks", f"find the balancer's security group, an output of the stack {target.name}"),
        Step("ec2:DescribeSecurityGroupRules", "find what `admit` opened there"),
        Step("ec2:RevokeSecurityGroupIngress", "close it"),
    ]


def looking(application: str) -> list[Step]:
    return [
        Step("elasticbeanstalk:DescribeEnvironments", f"every environment of {application}"),
        _bucket(application),
        Step("s3:GetObject", "the ledger of each"),
    ]


def printed(title: str, steps: Iterable[Step]) -> str:
    """The list, as it is shown."""
    lines = [f"  {number:>2}. {step.call:<46} {step.purpose}" for number, step in enumerate(steps, 1)]
    return "\n".join([f"{title} would take these steps; none is taken:", *lines])
