"""Scripts that run in a process of their own, patched as the server's is."""

import os
import tempfile
import textwrap
from pathlib import Path

from tests.support.template import template

LONGEST = 120

PEOPLE = """
from sqlalchemy import event, text
from chatx import create_app
from chatx.context import Actor
from chatx.dispatch import dispatch
from chatx.extensions import db
from chatx.errors import ChatError
from flask_migrate import upgrade
app = create_app()
def person(name):
    account = {"username": name, "password": "correct horse", "display_name": name.title()}
    session = dispatch("auth:register", None, account, address=name)
    return Actor(session["user"]["id"], session["device"]["id"])
with app.app_context():
    upgrade()
    alice, bob, mallory = person("alice"), person("bob"), person("mallory")
    room = dispatch("room:direct", alice, {"user_id": bob.user_id})["id"]
def ask(actor, name, payload):
    with app.app_context():
        try:
            return dispatch(name, actor, payload)
        except ChatError as error:
            return error.code
def together(*calls):
    "Ask all of them at once; their answers."
    asked = [eventlet.spawn(ask, *call) for call in calls]
    return [each.wait() for each in asked]
"""


def run_patched(script: str, database_url: str, *, people: bool = False) -> str:
    """What the script prints. people: alice and bob share `room`, mallory is outside; `ask` and `together` ask for them."""
    head = "import config, eventlet\neventlet.monkey_patch()\n" + (PEOPLE if people else "")
    environ = {
        **os.environ,
        "CHATX_DATABASE_URL": database_url,
        "CHATX_ENV": "development",
        "CHATX_RATE_LIMITS": "off",
    }
    with tempfile.TemporaryDirectory(prefix="chatx-script-") as folder:
        file, output, errors = (Path(folder) / name for name in ("script.py", "output", "errors"))
        file.write_text(head + textwrap.dedent(script))
        ran = template.run(file, environ, output, errors)
        try:
            assert ran.wait(LONGEST) == 0, errors.read_text()
        finally:
            ran.kill()
        return output.read_text().strip()
