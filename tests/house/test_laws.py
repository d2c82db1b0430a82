"""The laws of the house hold in every file, and the reader that checks them knows a breach when it sees one."""

from pathlib import Path

import pytest

from tests.house.laws import ONLY_CONFIG_READS, ONLY_DISPATCH_COMMITS, ONLY_SOCKETS_ARE_GREEN, ROOT, breaches, files


@pytest.mark.parametrize("path", files(), ids=str)
def test_the_file_keeps_every_law(path: Path) -> None:
    broken = breaches(path, (ROOT / path).read_text())
    assert not broken, "\n".join(broken)


@pytest.mark.parametrize(
    ("path", "line", "sentence"),
    [
        ("chatx/handlers/reactions.py", "import flask", "handlers may import access, models"),
        ("chatx/handlers/reactions.py", "from flask import request", "never flask"),
        ("chatx/handlers/reactions.py", "from chatx.extensions import db", "never flask, the database"),
        ("chatx/handlers/reactions.py", "from chatx.handlers.messages import send", "or another handler"),
        ("chatx/handlers/reactions.py", "from chatx.dispatch import dispatch", "dispatch, api, sockets"),
        ("chatx/handlers/messages/edit.py", "from chatx import dispatch", "dispatch, api, sockets"),
        ("chatx/api/rooms.py", "from chatx.models.room import Room", "never models"),
        ("chatx/api/rooms.py", "from chatx.extensions import db", "never db"),
        ("chatx/sockets/chat.py", "import chatx.models", "never models"),
        ("chatx/dispatch/batch.py", "from chatx.models.room import Room", "without knowing one"),
        (
            "chatx/dispatch/batch.py",
            "from chatx.services.tokens import read",
            "services.live, services.limits and services.metrics",
        ),
        ("chatx/services/push/apns.py", "from chatx.models.user import User", "never models or handlers"),
        (
            "chatx/models/room.py",
            "from chatx.errors import NotFound",
            "models may import extensions and the limits of config only",
        ),
        ("chatx/schemas/room.py", "from chatx.models.room import Room", "schemas may import schemas"),
        ("chatx/access/rooms.py", "from chatx.context import Actor", "access may import models and errors only"),
        ("chatx/errors.py", "from chatx.logs import log", "errors imports nothing of ours"),
        ("chatx/attic/box.py", "x = 1", "no law names the room attic"),
        ("chatx/handlers/rooms.py", "session.commit()", ONLY_DISPATCH_COMMITS),
        ("chatx/services/s3.py", "import os\nkey = os.environ['KEY']", ONLY_CONFIG_READS),
        ("chatx/services/s3.py", "import eventlet", ONLY_SOCKETS_ARE_GREEN),
        ("config.py", "from eventlet import sleep", ONLY_SOCKETS_ARE_GREEN),
    ],
)
def test_a_breach_is_named_by_its_law(path: str, line: str, sentence: str) -> None:
    assert any(sentence in breach for breach in breaches(Path(path), line))


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("chatx/handlers/reactions.py", "from chatx.models.message import Message\nfrom chatx.services.limits import limits"),
        ("chatx/api/rooms.py", "from chatx.extensions import api\nfrom flask import Response"),
        ("chatx/dispatch/transaction.py", "session.commit()"),
        ("config.py", "import os\nos.environ"),
        ("chatx/sockets/green.py", "from eventlet import tpool"),
        ("chatx/__init__.py", "from chatx import models, handlers, api"),
    ],
)
def test_what_is_allowed_is_not_a_breach(path: str, line: str) -> None:
    assert breaches(Path(path), line) == []


def test_no_file_has_grown_beyond_two_screens() -> None:
    long = {str(path): count for path in files() if (count := len((ROOT / path).read_text().splitlines())) > 200}
    assert not long, f"split by verb: {long}"
