"""Who may do what, in every policy of a template: actions and resources by name, and nobody without one."""

import re
from collections.abc import Iterator
from fnmatch import fnmatch
from typing import Any

# Actions that know no narrower resource than all of them.
ON_EVERYTHING = (
    "*:Describe*",
    "*:List*",
    "elasticbeanstalk:Check*",
    "cloudformation:GetTemplate",
    "ec2messages:*",
    "ssmmessages:*",
    "ssm:UpdateInstanceInformation",
)
# Those that a condition narrows instead.
WITH_CONDITION = ("cloudwatch:PutMetricData",)


def faults(resource: Any, template: Any) -> Iterator[str]:
    """What is wrong with the policies of one resource."""
    for statement in _all_statements(resource.get("Properties", {})):
        if statement.get("Effect") != "Allow":
            continue
        actions, resources = _list(statement.get("Action")), _list(statement.get("Resource"))
        for action in actions:
            if action == "*" or action.endswith(":*"):
                yield f"allows {action}; actions must be named."
            if "*" in resources and not _may_be_on_everything(action, statement):
                yield f"allows {action} on every resource (*); name what it is for."
        principal = statement.get("Principal")
        if principal == "*" or (isinstance(principal, dict) and "*" in _list(principal.get("AWS"))):
            yield f"lets everybody {', '.join(map(str, actions))}: it is public."
        if "AssumeRoleWithWebIdentity" in str(actions):
            yield from _federated(statement)


def _federated(statement: Any) -> Iterator[str]:
    exact = statement.get("Condition", {}).get("StringEquals", {})
    subject = str(exact.get("token.actions.githubusercontent.com:sub"))
    if (
        "StringLike" in statement.get("Condition", {})
        or not re.search(r":environment:(staging|prod)\b", subject)
        or "*" in subject
    ):
        yield "trusts more of GitHub than one environment: sub must be equal to …:environment:staging or …:environment:prod."
    if exact.get("token.actions.githubusercontent.com:aud") != "sts.amazonaws.com":
        yield "trusts tokens of GitHub that are not for AWS: aud must be equal to sts.amazonaws.com."


def _may_be_on_everything(action: str, statement: Any) -> bool:
    conditional = any(fnmatch(action, known) for known in WITH_CONDITION) and "Condition" in statement
    return conditional or any(fnmatch(action, known) for known in ON_EVERYTHING)


def _all_statements(node: Any) -> Iterator[Any]:
    if isinstance(node, dict):
        for key, value in node.items():
            yield from value if key == "Statement" else _all_statements(value)
    elif isinstance(node, list):
        for value in node:
            yield from _all_statements(value)


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]
