"""`flask chatx …`: what the owner of a server does by hand. Each command asks through the same door as a client."""

import secrets

import click
from flask import Flask
from flask.cli import AppGroup

from chatx import registry
from chatx.context import Actor
from chatx.dispatch import dispatch
from chatx.errors import ChatError

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
    session = _register(username, display_name or username, password)
    dispatch("auth:logout", _actor(session), {})
    click.echo(f"{session['user']['username']} is {session['user']['id']}.")


@commands.command("demo")
def demo() -> None:
    """Create two people, a group and some history, and print how to sign in."""
    password, suffix = secrets.token_urlsafe(9), secrets.token_hex(2)
    alice, bob = (_register(f"{name}_{suffix}", name.title(), password) for name in ("alice", "bob"))
    room = dispatch("room:direct", _actor(alice), {"user_id": bob["user"]["id"]})
    group = dispatch("room:create", _actor(alice), {"title": "Weekend", "member_ids": [bob["user"]["id"]]})
    for number, (who, where, text) in enumerate(
        [
            (alice, room, "Hi Bob! Are you free on Saturday?"),
            (bob, room, "Yes. Lake or mountains?"),
            (alice, room, "Lake. I made us a group."),
            (bob, group, "Who brings the boat?"),
        ]
    ):
        said = {"room_id": where["id"], "client_id": f"demo-{number}", "text": text}
        dispatch("message:send", _actor(who), said)
    for session in (alice, bob):
        dispatch("auth:logout", _actor(session), {})
        click.echo(f"{session['user']['username']}  password {password}")


@commands.command("events")
def events() -> None:
    """Print the catalogue: what clients can ask and what they can hear."""
    click.echo("Ask:")
    for handler in sorted(registry.catalogue.values(), key=lambda each: each.event):
        if not handler.internal:
            click.echo(f"  {handler.event:<20} {handler.summary}")
    click.echo("Hear:")
    for heard in sorted(registry.announcements.values(), key=lambda each: each.event):
        click.echo(f"  {heard.event:<20} {heard.summary}")


def _register(username: str, display_name: str, password: str) -> dict:  # type: ignore[type-arg]
    asked = {"username": username, "display_name": display_name, "password": password, "device_name": "flask chatx"}
    try:
        session: dict = dispatch("auth:register", None, asked)  # type: ignore[type-arg]
    except ChatError as error:
        wrong = "; ".join(f"{name}: {' '.join(texts)}" for name, texts in (error.fields or {}).items())
        raise click.ClickException(wrong or error.detail) from error
    return session


def _actor(session: dict) -> Actor:  # type: ignore[type-arg]
    return Actor(session["user"]["id"], session["device"]["id"])
