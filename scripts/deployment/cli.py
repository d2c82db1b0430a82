"""`scripts/deploy.py` as it is typed: the group of its commands, what --help says, and AWS's errors in our words."""

from typing import Any

import click

from scripts.deployment.look import admit, revoke, smoke_command, status
from scripts.deployment.release import bundle, deploy, promote, publish, rollback
from scripts.deployment.tools import Tools
from scripts.deployment.trouble import CODES, explained

HELP = """Bring a commit to staging, and the same bundle from there to prod.

\b
The usual way, which .github/workflows/deploy.yml goes by itself:
  bundle                          make the zip of a commit
  publish dist/LABEL.zip          have Elastic Beanstalk keep it, and look through it
  deploy staging --label LABEL    run it on staging
  smoke staging                   two people sign in and talk
  promote                         run on prod what passed there
  smoke prod
  rollback prod                   run the label before again, if need be

A label is v<run>-<commit>, and never changes its content. Every command that asks AWS takes --dry-run, which
prints the calls it would make and makes none. Credentials are those that the AWS CLI uses.
"""
EPILOG = "\b\nExit codes:\n" + "\n".join(f"  {code}  {meaning}" for code, meaning in sorted(CODES.items()))


class Commands(click.Group):
    """Lists its commands in the order in which they are used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)

    def invoke(self, ctx: click.Context) -> Any:
        with explained():
            return super().invoke(ctx)


@click.group(cls=Commands, help=HELP, epilog=EPILOG, context_settings={"max_content_width": 110})
@click.option(
    "--application", envvar="CHATX_APPLICATION", default="chat-x", show_default=True, help="Its name on Elastic Beanstalk."
)
@click.option("--region", envvar="AWS_REGION", help="Of AWS; by default the one that the AWS CLI takes.")
@click.pass_context
def main(ctx: click.Context, application: str, region: str | None) -> None:
    tools = ctx.ensure_object(Tools)
    tools.application, tools.region = application, region


for command in (bundle, publish, deploy, smoke_command, promote, rollback, status, admit, revoke):
    main.add_command(command)
