"""The clients of the four services that a deployment talks to, and the patience it has with them."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import boto3
from botocore.config import Config

from scripts.deployment.names import BUCKET_OUTPUT, GATE_OUTPUT, URL_OUTPUT, Target
from scripts.deployment.trouble import Refused


@dataclass(frozen=True)
class Aws:
    """boto3's clients, which bring no types."""

    beanstalk: Any
    s3: Any
    cloudformation: Any
    ec2: Any

    @classmethod
    def of(cls, region: str | None) -> "Aws":
        """With the credentials that boto3 finds; throttled calls and lost connections are tried again."""
        config = Config(retries={"mode": "standard", "max_attempts": 8}, connect_timeout=10, read_timeout=60)
        session = boto3.Session(region_name=region)
        services = ("elasticbeanstalk", "s3", "cloudformation", "ec2")
        return cls(*(session.client(service, config=config) for service in services))

    def bucket(self, application: str) -> str:
        """Where bundles and ledgers are kept."""
        return self._output(application, BUCKET_OUTPUT)

    def gate(self, target: Target) -> str:
        """The security group of the environment's load balancer."""
        return self._output(target.name, GATE_OUTPUT)

    def url(self, target: Target) -> str:
        """Where the environment answers."""
        return self._output(target.name, URL_OUTPUT)

    def _output(self, stack: str, output: str) -> str:
        outputs = self.cloudformation.describe_stacks(StackName=stack)["Stacks"][0].get("Outputs", [])
        for each in outputs:
            if each["OutputKey"] == output:
                return str(each["OutputValue"])
        raise Refused(f"The stack {stack} has no output {output}; docs/deployment.md says how it is made.")


class Clock:
    """The real time; tests bring one that does not wait."""

    def now(self) -> float:
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)


@dataclass(frozen=True)
class Patience:
    """How often something is looked at, and for how long."""

    clock: Clock
    seconds: float
    every: float

    def __iter__(self) -> Iterator[float]:
        """Wait before each look; the seconds that have passed. Ends when there is no more time."""
        begin = self.clock.now()
        while (passed := self.clock.now() - begin) < self.seconds:
            self.clock.sleep(min(self.every, self.seconds - passed))
            yield self.clock.now() - begin
