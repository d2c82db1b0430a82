"""The templates, and the resources in .ebextensions, as cfn-lint sees them; and that parameters explain themselves."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from cfnlint.api import ManualArgs, lint

from infra.check.finding import Finding
from infra.check.settings import FOLDER, load

REGIONS = ["eu-west-1", "us-east-1"]
_TEMPLATE_OF_INSTANCES = {"LaunchTemplateId": "lt-0123456789abcdef0", "Version": "1"}
# What Elastic Beanstalk makes, and files may refer to.
MADE: dict[str, tuple[str, dict[str, Any]]] = {
    "AWSEBAutoScalingGroup": (
        "AWS::AutoScaling::AutoScalingGroup",
        {"MinSize": "1", "MaxSize": "2", "AvailabilityZones": {"Fn::GetAZs": ""}, "LaunchTemplate": _TEMPLATE_OF_INSTANCES},
    ),
    "AWSEBV2LoadBalancer": ("AWS::ElasticLoadBalancingV2::LoadBalancer", {"Subnets": ["subnet-1234abcd", "subnet-1234abce"]}),
    "AWSEBV2LoadBalancerTargetGroup": ("AWS::ElasticLoadBalancingV2::TargetGroup", {}),
}
ENVIRONMENT_NAME = "AWSEBEnvironmentName"
ANY_ARN = "arn:aws:sns:eu-west-1:123456789012:topic"
STATEFUL = ("AWS::RDS::", "AWS::S3::", "AWS::ElastiCache::", "AWS::SecretsManager::")


def check(root: Path) -> Iterator[Finding]:
    for file in sorted((root / "infra").glob("*.yaml")):
        path = f"infra/{file.name}"
        yield from _lint(path, _with_versions(file))
        yield from _parameters(path, file)
    for file in sorted((root / FOLDER).glob("*.config")):
        yield from _resources(f"{FOLDER}/{file.name}", file)


def _with_versions(file: Path) -> str:
    """The template with the versions of its engines as they are by default: cfn-lint does not look behind the parameter."""
    text = file.read_text()
    for name, default in re.findall(r"^  (\w+):\n    Type: String\n    Default: \"([\d.]+)\"", text, re.MULTILINE):
        text = text.replace(f"EngineVersion: !Ref {name}\n", f'EngineVersion: !If [IsProd, "{default}", !Ref {name}]\n')
    return text


def _lint(path: str, template: str, shift: int = 0) -> Iterator[Finding]:
    for match in lint(template, config=ManualArgs(regions=REGIONS)):
        line = match.linenumber + shift if shift >= 0 else 0
        yield Finding(path, line, f"{match.rule.id} {' '.join(match.message.split())}")


def _parameters(path: str, file: Path) -> Iterator[Finding]:
    try:
        template = load(file)
    except ValueError:
        return  # cfn-lint has said why
    for name, parameter in template.get("Parameters", {}).items():
        for key in ("Default", "Description"):
            if key not in parameter:
                yield Finding(path, name.start_mark.line + 1, f"the parameter {name} has no {key}.")


def _resources(path: str, file: Path) -> Iterator[Finding]:
    """The resources of one file, beside those that they may refer to."""
    try:
        content = yaml.safe_load(file.read_text())
    except yaml.YAMLError:
        return  # the check of the form says so
    resources = content.get("Resources") if isinstance(content, dict) else None
    if not resources:
        return
    for name, resource in resources.items():
        if str(resource.get("Type")).startswith(STATEFUL):
            yield Finding(path, 0, f"{name} keeps data that would end with the environment: make it in infra/env.yaml.")
    made = {name: {"Type": kind, "Properties": properties} for name, (kind, properties) in MADE.items()}
    whole = {"AWSTemplateFormatVersion": "2010-09-09", "Resources": made | _filled(resources)}
    if ENVIRONMENT_NAME in str(resources):
        whole["Parameters"] = {ENVIRONMENT_NAME: {"Type": "String"}}
    yield from _lint(path, json.dumps(whole), shift=-1)


def _filled(node: Any) -> Any:
    """The same, with Elastic Beanstalk's own function replaced by its default."""
    if isinstance(node, dict):
        if set(node) == {"Fn::GetOptionSetting"}:
            return node["Fn::GetOptionSetting"].get("DefaultValue", ANY_ARN)
        return {key: _filled(value) for key, value in node.items()}
    return [_filled(value) for value in node] if isinstance(node, list) else node
