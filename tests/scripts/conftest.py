"""`scripts/deploy.py` on a stage: Elastic Beanstalk and CloudFormation by a script, S3 and EC2 in moto's server."""

from collections.abc import Iterator

import boto3
import pytest
from botocore.stub import Stubber
from click.testing import CliRunner, Result

from scripts.deployment.aws import Aws as Clients
from scripts.deployment.aws import Clock
from scripts.deployment.cli import main
from scripts.deployment.ledger import Ledger
from scripts.deployment.tools import Tools
from tests.scripts.script import BEGIN, Script
from tests.support.aws import KEYS, Aws

BUCKET = "chat-x-artifacts"


class Quick(Clock):
    """Time passes when somebody waits, and only then."""

    def __init__(self) -> None:
        self.time = 0.0

    def now(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.time += seconds


class Deployer:
    """Types commands; `calls` are those that AWS got, by the names that a policy allows them by."""

    def __init__(self, moto: Aws, stubber: Stubber) -> None:
        self.stubber = stubber
        self.clock, self.calls, self.url = Quick(), list[str](), ""
        stacks = boto3.client("cloudformation", region_name=Aws.region, **KEYS)
        self.aws = Clients(stubber.client, moto.client("s3"), stacks, moto.client("ec2"))
        self.aws.s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": moto.region})
        group = {"GroupName": "balancer", "Description": "the load balancer of staging"}
        self.gate: str = self.aws.ec2.create_security_group(**group)["GroupId"]
        for client in (self.aws.beanstalk, self.aws.s3, self.aws.cloudformation, self.aws.ec2):
            client.meta.events.register("before-parameter-build", self._note)

    def type(self, *arguments: str, **options: object) -> Result:
        """One command. The stacks that it may ask, each once, are those that infra/ makes."""
        tools = Tools(connect=lambda region: self.aws, clock=self.clock)
        with Stubber(self.aws.cloudformation) as stacks:
            if arguments[0] in ("admit", "revoke", "smoke"):
                add_stack(stacks, "chat-x-staging", BalancerSecurityGroupId=self.gate, Url=self.url)
            if arguments[0] not in ("admit", "revoke"):
                add_stack(stacks, "chat-x", ArtifactBucket=BUCKET)
            return CliRunner().invoke(main, arguments, obj=tools, **options)

    def ledger(self, environment: str) -> Ledger:
        return Ledger(self.aws.s3, BUCKET, environment)

    def noted(self, environment: str) -> list[tuple[str, str]]:
        return [(entry.what, entry.label) for entry in self.ledger(environment).entries()]

    def _note(self, model, **_: object) -> None:
        self.calls.append(f"{model.service_model.service_name}:{model.name}")


def add_stack(stacks: Stubber, name: str, **outputs: str) -> None:
    told = [{"OutputKey": key, "OutputValue": value} for key, value in outputs.items()]
    stack = {"StackName": name, "CreationTime": BEGIN, "StackStatus": "CREATE_COMPLETE", "Outputs": told}
    stacks.add_response("describe_stacks", {"Stacks": [stack]}, {"StackName": name})


@pytest.fixture
def deployer(aws: Aws) -> Iterator[Deployer]:
    aws.forget()
    with Stubber(boto3.client("elasticbeanstalk", region_name=Aws.region, **KEYS)) as stubber:
        yield Deployer(aws, stubber)
        stubber.assert_no_pending_responses()


@pytest.fixture
def script(deployer: Deployer) -> Script:
    return Script(deployer.stubber)
