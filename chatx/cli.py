"""`flask chatx …`: what the owner of a server does by hand. Each command asks through the same door as a client."""

import secrets
import signal
import threading

import click
from flask import Flask, current_app
from flask.cli import AppGroup

from chatx import registry
from chatx.context import Actor
from chatx.dispatch import dispatch
from chatx.errors import ChatError
from chatx.worker import Worker
from config import RETENTION_DAYS

commands = AppGroup("chatx", help="Operate Chat-X.")


def init_app(app: Flask) -> None:
    """Add the commands to `flask`."""
    app.cli.add_command(commands)


@commands.command("create-user")
@click.argument("username")
@click.option("--display-name", help="What others see; the user name by default.")
@click.option("--password", prompt=True, hide_input=True, confirmation_prompt=True)
def create_user(username: str, display_name: str | None, password: str) -> None:
    """Create a person, also where registration is closed."""
    actor = _create(username, display_name or username, password)
    dispatch("auth:logout", actor, {})
    click.echo(f"{username.lower()} is {actor.user_id}.")


@commands.command("demo")
def demo() -> None:
    """Create two people, a group and some history, and print how to sign in."""
    password, suffix = secrets.token_urlsafe(9), secrets.token_hex(2)
    alice, bob = (_create(f"{name}_{suffix}", name.title(), password) for name in ("alice", "bob"))
    direct = dispatch("room:direct", alice, {"user_id": bob.user_id})["id"]
    group = dispatch("room:create", alice, {"title": "Weekend", "member_ids": [bob.user_id]})["id"]
    history = [
        (alice, direct, "Hi Bob! Are you free on Saturday?"),
        (bob, direct, "Yes. Lake or mountains?"),
        (alice, direct, "Lake. I made us a group."),
        (bob, group, "Who brings the boat?"),
    ]
    for number, (who, room_id, text) in enumerate(history):
        dispatch("message:send", who, {"room_id": room_id, "client_id": f"demo-{number}", "text": text})
    for name, actor in (("alice", alice), ("bob", bob)):
        dispatch("auth:logout", actor, {})
        click.echo(f"{name}_{suffix}  password {password}")


@commands.command("trim")
@click.option("--days", default=RETENTION_DAYS, show_default=True, help="Keep the changes of so many days.")
def trim(days: int) -> None:
    """Forget old changes; clients that were away for longer start anew. Messages stay."""
    trimmed = 0
    while feeds := dispatch("changes:trim", None, {"days": days}):
        trimmed += feeds
    click.echo(f"{trimmed} feeds trimmed.")


@commands.command("worker")
def work() -> None:
    """Do what is due, until SIGTERM or Ctrl-C; the batch that runs then is finished."""
    worker = Worker(current_app._get_current_object())  # type: ignore[attr-defined]
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: threading.Thread(target=worker.stop).start())
    worker.run()


@commands.command("events")
def events() -> None:
    """Print the catalogue: what clients can ask, what they can hear, and what happens because time passed."""
    click.echo("Ask:")
    for handler in sorted(registry.catalogue.values(), key=lambda each: each.event):
        if not handler.internal:
            click.echo(f"  {handler.event:<20} {handler.summary}")
    click.echo("Hear:")
    for heard in sorted(registry.announcements.values(), key=lambda each: each.event):
        click.echo(f"  {heard.event:<20} {heard.summary}")
    click.echo("In time:")
    for timer in sorted(registry.timers.values(), key=lambda each: each.kind):
        click.echo(f"  {timer.kind:<20} {timer.summary}")


def _create(username: str, display_name: str, password: str) -> Actor:
    asked = {"username": username, "display_name": display_name, "password": password, "device_name": "flask chatx"}
    try:
        session = dispatch("auth:create", None, asked)
    except ChatError as error:
        wrong = "; ".join(f"{name}: {' '.join(texts)}" for name, texts in (error.fields or {}).items())
        raise click.ClickException(wrong or error.detail) from error
    return Actor(session["user"].id, session["device"].id)
