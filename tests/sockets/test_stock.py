"""Another async mode, chosen by configuration, keeps the libraries' own path: slower, and the same chat."""

from pathlib import Path

from tests.support.contract import Contract
from tests.support.people import Cast
from tests.support.server import ROOT, Server

SCRIPT = """
import config
config.Config.ASYNC_MODE = "threading"
import wsgi
assert type(wsgi.application.extensions["socketio"].server.eio).__name__ == "Server"
wsgi.serve()
"""


def test_threads_serve_the_same_chat(tmp_path: Path, fresh_sqlite: str) -> None:
    server = Server(fresh_sqlite, PYTHONPATH=str(ROOT))
    server.script = str(tmp_path / "threads.py")
    Path(server.script).write_text(SCRIPT)
    server.start()
    cast = Cast(server, Contract(server.url))
    alice, bob = cast.person("alice"), cast.person("bob")
    room = alice.direct(bob)
    alice.live("websocket")
    bob.live("polling")
    said = alice.ask("message:send", {"room_id": room, "client_id": "1", "text": "from thread to thread"})
    for person in (alice, bob):
        assert person.hears("message:created", feed=room)["message"] == said
    cast.goodbye()
    assert server.stop() == 0
    assert "Traceback" not in server.log()
