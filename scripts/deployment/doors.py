"""Staging's load balancer lets nobody in but the owner; a runner that has to try it is let in for the while, by its address."""

import ipaddress
from datetime import UTC, datetime
from typing import Any

import urllib3
from botocore.exceptions import ClientError

from scripts.deployment.trouble import AwsSaysNo, Refused

ADDRESS_SERVICE = "https://checkip.amazonaws.com"
MARK = "deploy.py admit"  # what we opened is known by it, whoever is killed before closing
PORTS = (80, 443)


def own_address() -> str:
    """Our address as the internet sees it."""
    try:
        answer = urllib3.request("GET", ADDRESS_SERVICE, timeout=10, retries=3)
    except urllib3.exceptions.HTTPError as error:
        raise AwsSaysNo(f"{ADDRESS_SERVICE} does not say our address; give --address. {error}") from error
    return answer.data.decode(errors="replace").strip()


def admit(ec2: Any, group: str, address: str) -> str:
    """Open the ports for this one address, after closing what was forgotten; the network that was let in."""
    try:
        network = str(ipaddress.IPv4Network(address))
    except ValueError as error:
        raise Refused(f"{address!r} is not the IPv4 address of one machine.") from error
    if not network.endswith("/32"):
        raise Refused(f"{network} is more than one machine.")
    revoke(ec2, group)
    note = {"CidrIp": network, "Description": f"{MARK} {datetime.now(UTC):%Y-%m-%dT%H:%MZ}"}
    for port in PORTS:
        rule = {"IpProtocol": "tcp", "FromPort": port, "ToPort": port, "IpRanges": [note]}
        try:
            ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[rule])
        except ClientError as error:
            if error.response["Error"]["Code"] != "InvalidPermission.Duplicate":  # the owner, who is always let in
                raise
    return network


def revoke(ec2: Any, group: str) -> list[str]:
    """Close everything that was ever opened by `admit`; the networks that were let in."""
    found = ec2.describe_security_group_rules(Filters=[{"Name": "group-id", "Values": [group]}])["SecurityGroupRules"]
    ours = [rule for rule in found if rule.get("Description", "").startswith(MARK) and not rule["IsEgress"]]
    if ours:
        ids = [rule["SecurityGroupRuleId"] for rule in ours]
        ec2.revoke_security_group_ingress(GroupId=group, SecurityGroupRuleIds=ids)
    return sorted({rule["CidrIpv4"] for rule in ours})
