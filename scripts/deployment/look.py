"""The commands that look at environments, and the two that open and close staging's door for that."""

import json
from dataclasses import asdict

import click

from scripts.deployment import doors, plan
from scripts.deployment.environment import states
from scripts.deployment.ledger import DEPLOYED, PASSED, trusted
from scripts.deployment.names import ENVIRONMENTS
from scripts.deployment.smoke import patience_for, smoke
from scripts.deployment.talk import Credentials
from scripts.deployment.tools import Tools, dry_run_option, staging_argument, would
from scripts.deployment.trouble import Failed


class Pair(click.ParamType[Credentials]):
    """NAME:PASSWORD."""

    name = "NAME:PASSWORD"

    def convert(self, value: str | Credentials, parameter: click.Parameter | None, ctx: click.Context | None) -> Credentials:
        if isinstance(value, Credentials):
            return value
        username, colon, password = value.partition(":")
        if not username or not colon or not password:
            self.fail("it must be a user name, a colon, and a password", parameter, ctx)
        return Credentials(username, password)


@click.command("smoke", short_help="Have two people sign in and talk.")
@click.argument("target", metavar="ENVIRONMENT|URL")
@click.option("--url", default="", envvar="SMOKE_URL", help="Where the environment is reached, if not where its stack says.")
@click.option("--alice", type=Pair(), envvar="SMOKE_ALICE", show_envvar=True, help="Who talks; else somebody new signs up.")
@click.option("--bob", type=Pair(), envvar="SMOKE_BOB", show_envvar=True, help="With whom.")
@click.option("--patience", default=60, show_default=True, help="Seconds until the server must be ready.")
@dry_run_option
@click.pass_obj
def smoke_command(
    tools: Tools, target: str, url: str, alice: Credentials | None, bob: Credentials | None, patience: int, dry_run: bool
) -> None:
    """Have two people sign in, connect by WebSocket and by long polling, and hear each other.

    For an environment, its ledger notes that the label passed, which is what lets it be promoted and gone back to. Where
    registration is closed, ALICE and BOB must exist; where it is open, they are signed up the first time.
    """
    known = target in ENVIRONMENTS
    if not known and not target.startswith(("http://", "https://")):
        raise click.BadParameter(f"{target!r} is neither one of {', '.join(ENVIRONMENTS)} nor a URL.")
    if dry_run:
        return would("smoke", plan.smoking(tools.target(target) if known else None, url if known else target))
    waiting = patience_for(tools.clock, patience)
    if not known:
        return smoke(target, (alice, bob), waiting, click.echo)
    before = tools.environment(target).must_be_ready()
    smoke(url or tools.aws.url(tools.target(target)), (alice, bob), waiting, click.echo)
    after = tools.environment(target).state()
    if after.label != before.label:
        raise Failed(f"{target} was changed from {before.label} to {after.label} meanwhile, so neither has passed.")
    tools.ledger(target).note(PASSED, before.label)
    click.echo(f"{before.label} has passed on {target}")


@click.command(short_help="Show what runs where, and how it is.")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@dry_run_option
@click.pass_obj
def status(tools: Tools, as_json: bool, dry_run: bool) -> None:
    """Show what each environment runs, how it is, and what it would go back to."""
    if dry_run:
        return would("status", plan.looking(tools.application))
    known = states(tools.aws, tools.application)
    shown = {}
    for name in ENVIRONMENTS:
        if state := known.get(tools.target(name).name):
            entries = tools.ledger(name).entries()
            good = trusted(entries)
            earlier = [each.label for each in entries if each.what == DEPLOYED and each.label in good - {state.label}]
            shown[name] = asdict(state) | {"passed": state.label in good, "before": earlier[-1] if earlier else ""}
    if as_json:
        return click.echo(json.dumps(shown, indent=2))
    row = "{:<9} {:<9} {:<7} {:<22} {:<7} {:<22} {}"
    click.echo(row.format("", "status", "health", "runs", "passed", "before it", "address"))
    for name in ENVIRONMENTS:
        if name in shown:
            each = shown[name]
            passed = "yes" if each["passed"] else "no"
            click.echo(row.format(name, each["status"], each["health"], each["label"], passed, each["before"], each["address"]))
        else:
            click.echo(f"{name:<9} does not exist")


@click.command(short_help="Let one address in to staging.")
@staging_argument
@click.option("--address", default="", help="Whom to let in; by default ourselves, as the internet sees us.")
@dry_run_option
@click.pass_obj
def admit(tools: Tools, environment: str, address: str, dry_run: bool) -> None:
    """Let one address in to staging, which is open to its owner only. `revoke` closes what this opens."""
    if dry_run:
        return would("admit", plan.admitting(tools.target(environment), address))
    gate = tools.aws.gate(tools.target(environment))
    click.echo(f"{environment} is open for {doors.admit(tools.aws.ec2, gate, address or doors.own_address())}")


@click.command(short_help="Close what `admit` opened.")
@staging_argument
@dry_run_option
@click.pass_obj
def revoke(tools: Tools, environment: str, dry_run: bool) -> None:
    """Close staging for everybody whom `admit` let in, now or ever."""
    if dry_run:
        return would("revoke", plan.revoking(tools.target(environment)))
    closed = doors.revoke(tools.aws.ec2, tools.aws.gate(tools.target(environment)))
    click.echo(f"{environment} is closed for {', '.join(closed) or 'all but its owner, as it was'}")
