"""The commands that make a version and decide which one an environment runs."""

from pathlib import Path

import click

from scripts.deployment import bundle as bundles
from scripts.deployment import plan
from scripts.deployment.aws import Patience
from scripts.deployment.ledger import DEPLOYED, LEFT
from scripts.deployment.names import run_of
from scripts.deployment.tools import (
    Tools,
    dry_run_option,
    environment_argument,
    label_option,
    timeout_option,
    would,
    yellow_option,
)
from scripts.deployment.trouble import Refused

ROOT = Path(__file__).resolve().parents[2]
PROCESS_SECONDS, PROCESS_EVERY = 600, 5
SETTLE_SECONDS = 900


@click.command(short_help="Make the zip of a commit.")
@click.option("--commit", default="HEAD", show_default=True, help="What to bundle.")
@click.option(
    "--run", envvar="GITHUB_RUN_NUMBER", default=0, show_default=True, help="Of the pipeline; orders labels. 0: by hand."
)
@click.option("--out", type=click.Path(path_type=Path), default=Path("dist"), show_default=True, help="The folder to write to.")
@click.option(
    "--github-output", type=click.Path(path_type=Path), envvar="GITHUB_OUTPUT", help="Append label= and file= to this file."
)
def bundle(commit: str, run: int, out: Path, github_output: Path | None) -> None:
    """Make the zip of a commit: the same bytes each time, hidden folders inside, secrets refused."""
    made = bundles.make(ROOT, commit, run, out)
    click.echo(f"{made.path}  {made.path.stat().st_size:,} bytes\nsha256 {made.sha256}")
    if github_output is not None:
        with github_output.open("a") as file:
            file.write(f"label={made.label}\nfile={made.path}\n")


@click.command(short_help="Upload it, and have it looked through.")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@dry_run_option
@click.pass_obj
def publish(tools: Tools, file: Path, dry_run: bool) -> None:
    """Upload a bundle, make its version, and wait until Elastic Beanstalk has looked through it."""
    made = bundles.Bundle.read(file)
    if dry_run:
        return would("publish", plan.publishing(tools.application, made.label))
    tools.versions.publish(made, tools.bucket, Patience(tools.clock, PROCESS_SECONDS, PROCESS_EVERY), click.echo)


@click.command(short_help="Have an environment run a version.")
@environment_argument
@label_option("The version to run.", required=True)
@timeout_option
@yellow_option
@dry_run_option
@click.pass_obj
def deploy(tools: Tools, environment: str, label: str, timeout: int, accept_yellow: bool, dry_run: bool) -> None:
    """Have an environment run a published version, and follow it until it is well."""
    if dry_run:
        return would("deploy", plan.deploying(tools.target(environment), label))
    tools.versions.must_be_processed(label)
    _run(tools, environment, label, timeout, accept_yellow)


@click.command(short_help="Have prod run what passed on staging.")
@label_option("Only this one; by default what staging runs.")
@timeout_option
@yellow_option
@dry_run_option
@click.pass_obj
def promote(tools: Tools, label: str, timeout: int, accept_yellow: bool, dry_run: bool) -> None:
    """Have prod run the very version that passed its smoke test on staging."""
    if dry_run:
        return would("promote", plan.promoting(tools.target("staging"), tools.target("prod"), label))
    label = label or tools.environment("staging").must_be_ready().label
    if not tools.ledger("staging").has_passed(label):
        raise Refused(f"{label} has not passed its smoke test on staging. `smoke staging`, while it runs there.")
    present = tools.environment("prod").state().label
    if 0 < run_of(label) < run_of(present):
        raise Refused(
            f"prod runs {present}, which is newer than {label}. To go back on purpose: `rollback prod --label {label}`."
        )
    tools.versions.must_be_processed(label)
    _run(tools, "prod", label, timeout, accept_yellow)


@click.command(short_help="Run the version before again.")
@environment_argument
@label_option("The version to run; by default the last one that ran here and passed.")
@click.option("--only-from", default="", help="Do nothing unless the environment runs this label.")
@timeout_option
@yellow_option
@dry_run_option
@click.pass_obj
def rollback(
    tools: Tools, environment: str, label: str, only_from: str, timeout: int, accept_yellow: bool, dry_run: bool
) -> None:
    """Have an environment run the version before again."""
    if dry_run:
        return would("rollback", plan.going_back(tools.target(environment), label))
    present = tools.environment(environment).becomes_ready(SETTLE_SECONDS).label
    if only_from and present != only_from:
        return click.echo(f"{environment} runs {present}, not {only_from}: there is nothing to roll back")
    ledger = tools.ledger(environment)
    label = label or ledger.before(present)
    click.echo(f"{environment} goes back from {present} to {label}")
    tools.versions.must_be_processed(label)
    ledger.note(LEFT, present)
    _run(tools, environment, label, timeout, accept_yellow)


def _run(tools: Tools, environment: str, label: str, timeout: int, accept_yellow: bool) -> None:
    place, ledger = tools.environment(environment), tools.ledger(environment)
    if place.must_be_ready().label == label:
        click.echo(f"{environment} runs {label} already; it is deployed again")
    place.run(label, seconds=timeout, accept_yellow=accept_yellow)
    ledger.note(DEPLOYED, label)
