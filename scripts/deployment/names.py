"""What things are called on AWS: one convention, which the templates in infra/ follow too."""

import re
from dataclasses import dataclass

ENVIRONMENTS = ("staging", "prod")
LABEL = re.compile(r"v(\d+)-[0-9a-f]{12}")

# Outputs of the CloudFormation stacks.
BUCKET_OUTPUT = "ArtifactBucket"
GATE_OUTPUT = "BalancerSecurityGroupId"
URL_OUTPUT = "Url"


@dataclass(frozen=True)
class Target:
    """One environment of the application, `staging` or `prod`."""

    application: str
    environment: str

    @property
    def name(self) -> str:
        """Of the Elastic Beanstalk environment, and of the stack that made it."""
        return f"{self.application}-{self.environment}"

    def other(self, environment: str) -> "Target":
        return Target(self.application, environment)


def bundle_key(label: str) -> str:
    """Where the bucket keeps the bundle of a label."""
    return f"bundles/{label}.zip"


def ledger_key(environment: str) -> str:
    """Where the bucket keeps what happened in an environment."""
    return f"ledger/{environment}.jsonl"


def run_of(label: str) -> int:
    """The number of the run that made a label, which orders labels; 0 for one made by hand."""
    found = LABEL.fullmatch(label)
    return int(found[1]) if found else 0
