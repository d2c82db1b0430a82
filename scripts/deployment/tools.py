"""What all commands share: what they work with, and the options that several of them take."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

import click

from scripts.deployment import plan
from scripts.deployment.aws import Aws, Clock
from scripts.deployment.environment import Environment
from scripts.deployment.ledger import Ledger
from scripts.deployment.names import ENVIRONMENTS, LABEL, Target
from scripts.deployment.versions import Versions


@dataclass
class Tools:
    """Made once a command; tests bring clients that are scripted, and a clock that does not wait."""

    connect: Callable[[str | None], Aws] = Aws.of
    clock: Clock = field(default_factory=Clock)
    application: str = ""
    region: str | None = None

    @cached_property
    def aws(self) -> Aws:
        return self.connect(self.region)

    @cached_property
    def bucket(self) -> str:
        return self.aws.bucket(self.application)

    @property
    def versions(self) -> Versions:
        return Versions(self.aws, self.application)

    def target(self, environment: str) -> Target:
        return Target(self.application, environment)

    def environment(self, environment: str) -> Environment:
        return Environment(self.aws, self.target(environment), self.clock, click.echo)

    def ledger(self, environment: str) -> Ledger:
        return Ledger(self.aws.s3, self.bucket, environment)


def _is_label(ctx: click.Context, parameter: click.Parameter, value: str) -> str:
    if value and not LABEL.fullmatch(value):
        raise click.BadParameter(f"{value!r} is no label; it looks like v12-0123456789ab.")
    return value


def would(title: str, steps: list[plan.Step]) -> None:
    """Show what --dry-run asked for."""
    click.echo(plan.printed(title, steps))


environment_argument = click.argument("environment", type=click.Choice(ENVIRONMENTS))
staging_argument = click.argument("environment", type=click.Choice(ENVIRONMENTS[:1]))
dry_run_option = click.option("--dry-run", is_flag=True, help="Print what would be done, and make no call.")
timeout_option = click.option(
    "--timeout", default=1800, show_default=True, help="Seconds until the environment must be well; then the update is aborted."
)
yellow_option = click.option("--accept-yellow", is_flag=True, help="Be content with health Yellow.")


def label_option(what: str, *, required: bool = False) -> Callable[..., Callable[..., None]]:
    """--label, checked before anything is asked."""
    # A default, even None, would be an answer to click, and nothing required any more.
    default: dict[str, str] = {} if required else {"default": ""}
    return click.option("--label", required=required, callback=_is_label, help=what, **default)  # type: ignore[arg-type]
