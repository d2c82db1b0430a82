"""`flask chatx …`: what the owner of a server does by hand. Each command asks through the same door as a client."""

import os
import secrets
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from flask import Flask, current_app
from flask.cli import AppGroup
from prometheus_client import start_http_server

from chatx import backup, registry
from chatx.api import BLUEPRINTS
from chatx.context import Actor
from chatx.dispatch import dispatch
from chatx.errors import ChatError
from chatx.features import document
from chatx.services.live import live
from chatx.services.metrics import metrics
from chatx.sockets import green
from chatx.worker import Worker
from config import RETENTION_DAYS

LONGEST_PUBLISHING = 2.0  # seconds after the last batch; who has not heard of it by then finds it by sync

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
@click.option("--metrics-port", type=int, help="Show this worker's figures to Prometheus there, on 127.0.0.1 alone.")
def work(metrics_port: int | None) -> None:
    """Do what is due, until SIGTERM or Ctrl-C; the batch that runs then is finished."""
    if metrics_port is not None:
        start_http_server(metrics_port, "127.0.0.1", metrics.registry)
    worker = Worker(current_app._get_current_object())  # type: ignore[attr-defined]
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: worker.stop())
    click.echo("Chat-X does what is due. Ctrl-C ends it.")
    green.use_threads()
    worker.run()
    live.settle(LONGEST_PUBLISHING)


@commands.command("backup")
@click.argument("place", type=click.Path(path_type=Path))
def take_backup(place: Path) -> None:
    """Write the whole database to a new file at PLACE, or into that folder, while people go on talking."""
    with _told():
        path, manifest = backup.take(place)
    for entry in manifest.tables:
        click.echo(f"  {entry.sheet.name:<20} {entry.rows:>12,} rows")
    click.echo(f"{path} holds {manifest.rows:,} rows, schema {manifest.revision}.")


@commands.command("restore")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--verify", is_flag=True, help="Change nothing: only compare the backup with the database.")
def restore_backup(file: Path, verify: bool) -> None:
    """Fill an empty database with what a backup holds, and compare every row."""
    os.umask(0o077)  # a SQLite file that this makes is its owner's alone
    with _told():
        manifest = backup.verify(file) if verify else backup.restore(file)
    state = "is what the database holds" if verify else "is restored"
    click.echo(f"{file} {state}: {manifest.rows:,} rows of {manifest.taken_at}, schema {manifest.revision}.")


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


@commands.command("features")
def features() -> None:
    """Print docs/features.md: what people can do, who may, within which limits, and what is heard of it."""
    click.echo(document([asked for blueprint in BLUEPRINTS for asked in blueprint.asked]), nl=False)


@contextmanager
def _told() -> Iterator[None]:
    """What goes wrong with a backup, in a sentence."""
    try:
        yield
    except (backup.BackupError, ChatError) as error:
        raise click.ClickException(str(error)) from error


def _create(username: str, display_name: str, password: str) -> Actor:
    asked = {"username": username, "display_name": display_name, "password": password, "device_name": "flask chatx"}
    try:
        session = dispatch("auth:create", None, asked)
    except ChatError as error:
        wrong = "; ".join(f"{name}: {' '.join(texts)}" for name, texts in (error.fields or {}).items())
        raise click.ClickException(wrong or error.detail) from error
    return Actor(session["user"].id, session["device"].id)
