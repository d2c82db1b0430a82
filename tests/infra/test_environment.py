"""What staging and prod come to: the application starts with what it is told, and staging is shut to all but its owner."""

import json
import subprocess
from typing import Any

import pytest

from config import load
from infra.check.options import PROPERTIES, SECRETS
from infra.check.settings import in_files
from tests.infra.template import Template
from tests.support.server import ROOT
from tests.test_readme import NODE

OWNER = "203.0.113.64/26"
CERTIFICATE = "arn:aws:acm:eu-west-1:123456789012:certificate/x"


def environment(name: str, **chosen: str) -> Template:
    return Template("infra/env.yaml", EnvName=name, OwnerCidr=OWNER, **chosen)


def settings(template: Template) -> dict[tuple[str, str], Any]:
    """{(namespace, option): value}, of the template and of .ebextensions."""
    files = {(each.namespace, each.option): each.values[0] for each in in_files(ROOT)}
    items = template.value(template.resources["Environment"]["Properties"]["OptionSettings"])
    return files | {(item["Namespace"], item["OptionName"]): item["Value"] for item in items}


@pytest.mark.parametrize("name", ["staging", "prod"])
def test_the_application_starts_with_what_it_is_told(name: str) -> None:
    told = settings(environment(name))
    properties = {option: value for (namespace, option), value in told.items() if namespace == PROPERTIES}
    secrets = {option: "s" * 48 for (namespace, option) in told if namespace == SECRETS}
    config = load(properties | secrets)
    assert config.ENV == "production"
    assert f"postgresql+psycopg2://chatx:{'s' * 48}@<Database.Endpoint.Address>:5432/chatx" == config.SQLALCHEMY_DATABASE_URI
    assert config.REDIS_URL == "rediss://<Cache.PrimaryEndPoint.Address>:<Cache.PrimaryEndPoint.Port>/0"
    assert f"chat-x/{name}" == config.CLOUDWATCH_NAMESPACE
    assert config.CORS_ORIGINS == ["https://<WebDistribution.DomainName>", "http://<WebDistribution.DomainName>"]
    assert (config.WORKERS, config.WORKER, config.TRUSTED_PROXIES, config.HOST) == (2, "off", 2, "127.0.0.1")


def test_with_a_certificate_there_is_nothing_but_https() -> None:
    told = settings(environment("prod", CertificateArn=CERTIFICATE))
    assert told["aws:elbv2:listener:default", "ListenerEnabled"] == "false"
    assert told["aws:elbv2:listener:443", "Protocol"] == "HTTPS"
    assert told["aws:elbv2:listener:443", "SSLCertificateArns"] == CERTIFICATE
    assert told[PROPERTIES, "CHATX_CORS_ORIGINS"] == "https://<WebDistribution.DomainName>"
    without = settings(environment("prod"))
    assert without["aws:elbv2:listener:default", "ListenerEnabled"] == "true"
    assert not [option for namespace, option in without if namespace == "aws:elbv2:listener:443"]


@pytest.mark.parametrize(("certificate", "port"), [("", 80), (CERTIFICATE, 443)])
@pytest.mark.parametrize(("name", "source"), [("staging", OWNER), ("prod", "0.0.0.0/0")])
def test_one_port_is_open_and_staging_only_to_its_owner(name: str, source: str, certificate: str, port: int) -> None:
    template = environment(name, CertificateArn=certificate)
    groups = {each: template.value(resource["Properties"]) for each, resource in template.resources.items() if "Group" in each}
    open_to_addresses = [
        (each, rule["CidrIp"], rule["FromPort"], rule["ToPort"])
        for each, properties in groups.items()
        for rule in properties.get("SecurityGroupIngress", [])
        if "SourceSecurityGroupId" not in rule
    ]
    assert open_to_addresses == [("BalancerSecurityGroup", source, port, port)]


def test_staging_is_prod_in_small() -> None:
    staging, prod = ({name: each["Type"] for name, each in environment(name).resources.items()} for name in ("staging", "prod"))
    assert {name: kind for name, kind in staging.items() if name not in prod} == {"WebGate": "AWS::CloudFront::Function"}
    assert prod.items() <= staging.items()


def test_prod_survives_what_staging_need_not() -> None:
    database = environment("prod").value(environment("prod").resources["Database"]["Properties"])
    assert (database["MultiAZ"], database["DeletionProtection"], database["BackupRetentionPeriod"]) == (True, True, "14")
    cache = environment("prod").value(environment("prod").resources["Cache"]["Properties"])
    assert (cache["AutomaticFailoverEnabled"], cache["NumCacheClusters"]) == (True, "2")


@pytest.mark.parametrize(
    ("address", "enters"),
    [
        ("203.0.113.64", True),
        ("203.0.113.127", True),
        ("203.0.113.63", False),
        ("203.0.113.128", False),
        ("198.51.100.7", False),
        ("2001:db8::1", False),
    ],
)
def test_the_web_client_of_staging_lets_only_its_owner_in(address: str, enters: bool) -> None:
    """CloudFront's function, run as CloudFront would."""
    staging = environment("staging")
    code = staging.value(staging.resources["WebGate"]["Properties"]["FunctionCode"])
    event = {"viewer": {"ip": address}, "request": {"uri": "/"}}
    script = f"{code}\nconsole.log(JSON.stringify(handler({json.dumps(event)})));"
    said = json.loads(subprocess.run([NODE, "-e", script], capture_output=True, text=True, check=True, timeout=30).stdout)
    assert said == ({"uri": "/"} if enters else {"statusCode": 403, "statusDescription": "Forbidden"})
