"""What the templates must never allow and always keep, beyond cfn-lint: who may enter, who may do what, and what has data."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from infra.check import permissions
from infra.check.finding import Finding
from infra.check.settings import load

WORLD = ("0.0.0.0/0", "::/0")
KEPT = {
    "AWS::S3::Bucket": ("Retain",),
    "AWS::RDS::DBInstance": ("Snapshot",),
    "AWS::SecretsManager::Secret": ("Retain",),
}
ALWAYS: dict[str, dict[str, tuple[Any, str]]] = {
    "AWS::RDS::DBInstance": {
        "StorageEncrypted": (True, "the database would not be encrypted"),
        "PubliclyAccessible": (False, "the database could be reached from everywhere"),
        "AutoMinorVersionUpgrade": (False, "AWS would raise the version, and this file take it back"),
        "CopyTagsToSnapshot": (True, "nobody would know whose a snapshot is"),
    },
    "AWS::ElastiCache::ReplicationGroup": {
        "TransitEncryptionEnabled": (True, "what is said would cross the network in the clear"),
        "AtRestEncryptionEnabled": (True, "the cache would not be encrypted"),
    },
}
ONLY_PROD = {"AWS::RDS::DBInstance": ("DeletionProtection", "MultiAZ")}
CLOSED = ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets")


def check(root: Path) -> Iterator[Finding]:
    for file in sorted((root / "infra").glob("*.yaml")):
        path = f"infra/{file.name}"
        try:
            template = load(file)
        except ValueError:
            continue  # cfn-lint says why
        for name, resource in template["Resources"].items():
            for rule in (_kept, _always, _doors, _bucket, permissions.faults, _environment):
                for text in rule(resource, template):
                    yield Finding(path, name.start_mark.line + 1, f"{name}: {text}")


def _kept(resource: Any, template: Any) -> Iterator[str]:
    for key in ("DeletionPolicy", "UpdateReplacePolicy"):
        wanted = KEPT.get(resource["Type"])
        if wanted and resource.get(key) not in wanted:
            yield f"has data, so {key} must be {' or '.join(wanted)}, not {resource.get(key, 'missing')}."


def _always(resource: Any, template: Any) -> Iterator[str]:
    properties = resource.get("Properties", {})
    for key, (wanted, otherwise) in ALWAYS.get(resource["Type"], {}).items():
        if properties.get(key) is not wanted:
            yield f"{key} must be {str(wanted).lower()}, or {otherwise}."
    for key in ONLY_PROD.get(resource["Type"], ()):
        if _in("prod", properties.get(key)) is not True:
            yield f"{key} must be true in prod."
    if resource["Type"] == "AWS::RDS::DBInstance":
        password = properties.get("MasterUserPassword")
        if "{{resolve:secretsmanager:" not in str(password):
            yield "MasterUserPassword must come out of Secrets Manager."


def _doors(resource: Any, template: Any) -> Iterator[str]:
    """Security groups: in staging nobody comes from everywhere; in prod they come to the balancer's ports alone."""
    if resource["Type"] != "AWS::EC2::SecurityGroup":
        return
    for rule in resource["Properties"].get("SecurityGroupIngress", []):
        source = rule.get("CidrIp", rule.get("CidrIpv6"))
        staging = _in("staging", source)
        if isinstance(staging, dict) and "Ref" in staging:
            staging = template["Parameters"].get(staging["Ref"], {}).get("Default")
        if staging in WORLD:
            yield f"staging is open to {staging}; it is for its owner alone."
        ports = {str(_in(side, rule.get(key))) for side in ("prod", "staging") for key in ("FromPort", "ToPort")}
        if _in("prod", source) in WORLD and not _flat(ports, rule) <= {"80", "443"}:
            yield f"is open to the world at {', '.join(sorted(ports))}; only 80 and 443 may be."


def _flat(ports: set[str], rule: Any) -> set[str]:
    """Ports, those behind conditions too."""
    return {found for port in ports for found in re.findall(r"\d+", port)} or {str(rule.get("IpProtocol"))}


def _bucket(resource: Any, template: Any) -> Iterator[str]:
    if resource["Type"] != "AWS::S3::Bucket":
        return
    properties = resource.get("Properties", {})
    block = properties.get("PublicAccessBlockConfiguration", {})
    if open_ := [key for key in CLOSED if block.get(key) is not True]:
        yield f"the bucket can be made public: {', '.join(open_)} must be true."
    if "BucketEncryption" not in properties:
        yield "the bucket is not encrypted."
    if "AccessControl" in properties:
        yield "AccessControl is an ACL; policies say who may read."
    mine = {"Ref": next(name for name, other in template["Resources"].items() if other is resource)}
    policies = [each["Properties"] for each in template["Resources"].values() if each["Type"] == "AWS::S3::BucketPolicy"]
    over_tls = [policy for policy in policies if policy["Bucket"] == mine and "aws:SecureTransport" in str(policy)]
    if not over_tls:
        yield "no policy denies what does not come over TLS."


def _environment(resource: Any, template: Any) -> Iterator[str]:
    if resource["Type"] == "AWS::ElasticBeanstalk::Environment":
        if "SolutionStackName" in resource["Properties"]:
            yield "SolutionStackName would replace the environment when it changes; PlatformArn does not."
        if "VersionLabel" in resource["Properties"]:
            yield "VersionLabel belongs to deployments; here, each change of the stack would deploy an old version."
    if resource["Type"] == "AWS::CloudWatch::Alarm" and not resource["Properties"].get("AlarmActions"):
        yield "the alarm tells nobody."


def _in(environment: str, value: Any) -> Any:
    """What a value is in staging or in prod."""
    if isinstance(value, dict) and "Fn::If" in value:
        condition, yes, no = value["Fn::If"]
        if condition in ("IsProd", "IsStaging"):
            return _in(environment, yes if condition == f"Is{environment.title()}" else no)
    return value
