"""The servers that are compared. Each is given a plan and a PostgreSQL, and is there with its cast as long as it is needed."""

import contextlib
import json
import signal
import socket
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

import psycopg2
from psycopg2.extras import execute_values

from bench.plans import Cast, Plan, invented
from bench.processes import BENCH, NODE, ROOT, Failed, environment, on_cores, running
from tests.support.backends import Postgres, Redis, free_port

DURABLE = ("fsync", "synchronous_commit", "full_page_writes")


@dataclass(frozen=True)
class Running:
    """A server that serves now."""

    url: str
    cast: Cast
    pid: int


@dataclass(frozen=True)
class Server:
    """One of those that are compared; `serve` is a context."""

    name: str
    label: str
    durable: bool
    serve: Callable[..., contextlib.AbstractContextManager[Running]]


@contextlib.contextmanager
def postgres() -> Iterator[Postgres]:
    """A PostgreSQL that keeps what it acknowledges."""
    with on_cores("database"):
        server = Postgres()
    try:
        for setting in DURABLE:
            if (value := asked(server.url, f"SHOW {setting}")) != "on":
                raise Failed(f"PostgreSQL has {setting} = {value}; what is not durable is not compared.")
        yield server
    finally:
        server.stop()


@contextlib.contextmanager
def database(server: Postgres) -> Iterator[str]:
    """The URL of a database that is dropped afterwards."""
    url = server.new_database()
    try:
        yield url
    finally:
        server.drop_database(url)


def chatx_environment(url: str) -> dict[str, str]:
    """One process, no Redis, no limits; and no log line for each call, because the others write none either."""
    secret = "a secret for benchmarks, long enough for production"
    settings = {"CHATX_DATABASE_URL": url, "CHATX_SECRET_KEY": secret, "PYTHONWARNINGS": "ignore"}
    return environment(**settings, PORT=str(free_port()), CHATX_RATE_LIMITS="off", CHATX_LOG_LEVEL="warning")


def seed(environ: dict[str, str], plan: Plan, stored: int = 0) -> Cast:
    """Put the plan's cast into the database of a Chat-X, with so many stored messages."""
    asked = json.dumps({**asdict(plan), "stored": stored})
    command = [sys.executable, "-m", "bench.seed"]
    done = subprocess.run(command, cwd=ROOT, env=environ, input=asked, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Failed(f"Chat-X's data could not be made:\n{done.stderr[-4_000:]}")
    cast = json.loads(done.stdout)
    for person, rooms in zip(cast["people"], plan.rooms_of(), strict=True):
        person["rooms"] = rooms
    return cast


@contextlib.contextmanager
def chatx_serves(environ: dict[str, str], cast: Cast, profiler: tuple[str, ...] = ()) -> Iterator[Running]:
    """Chat-X as `python wsgi.py` serves it, under a profiler if there is one."""
    url = f"http://127.0.0.1:{environ['PORT']}"

    def answers() -> bool:
        with urllib.request.urlopen(f"{url}/readyz", timeout=5) as response:
            return response.status == 200

    # A profiler writes what it has seen when it is interrupted.
    end = signal.SIGINT if profiler else signal.SIGTERM
    with running([*profiler, sys.executable, "wsgi.py"], environ, answers, end) as process:
        yield Running(url, cast, process.pid)


@contextlib.contextmanager
def worker(environ: dict[str, str]) -> Iterator[None]:
    """A worker of this Chat-X, in a process of its own."""
    with running([sys.executable, "-m", "flask", "chatx", "worker"], environ | {"FLASK_APP": "wsgi.py"}, lambda: True):
        yield


@contextlib.contextmanager
def redis() -> Iterator[str]:
    """The URL of a Redis that is ended afterwards."""
    server = Redis()
    try:
        yield server.url
    finally:
        server.stop()


@contextlib.contextmanager
def chatx(server: Postgres, plan: Plan, profiler: tuple[str, ...] = ()) -> Iterator[Running]:
    """Chat-X with a new database in PostgreSQL."""
    with database(server) as url:
        environ = chatx_environment(url)
        with chatx_serves(environ, seed(environ, plan), profiler) as serving:
            yield serving


@contextlib.contextmanager
def stock(server: Postgres, plan: Plan) -> Iterator[Running]:
    """Flask-SocketIO on eventlet, in memory."""
    with _peer([sys.executable, str(BENCH / "peers" / "stock_flask_socketio.py")], plan) as serving:
        yield serving


@contextlib.contextmanager
def node_memory(server: Postgres, plan: Plan) -> Iterator[Running]:
    """Socket.IO on Node, in memory."""
    with _peer([NODE, str(BENCH / "peers" / "node_memory.mjs")], plan) as serving:
        yield serving


@contextlib.contextmanager
def node_pg(server: Postgres, plan: Plan) -> Iterator[Running]:
    """Socket.IO on Node with a new database in PostgreSQL."""
    with database(server) as url:
        cast = invented(plan)
        _fill(url, plan, cast)
        with _peer([NODE, str(BENCH / "peers" / "node_pg.mjs")], plan, cast, DATABASE_URL=url) as serving:
            yield serving


@contextlib.contextmanager
def _peer(command: list[str], plan: Plan, cast: Cast | None = None, **settings: str) -> Iterator[Running]:
    cast, port = cast or invented(plan), free_port()

    def answers() -> bool:
        socket.create_connection(("127.0.0.1", port), timeout=5).close()
        return True

    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(cast, file)
        file.flush()
        environ = environment(**settings, PORT=str(port), BENCH_CAST=file.name, PYTHONWARNINGS="ignore")
        with running(command, environ, answers) as process:
            yield Running(f"http://127.0.0.1:{port}", cast, process.pid)


def _fill(url: str, plan: Plan, cast: Cast) -> None:
    """The tables of the peer with PostgreSQL, as its server finds them."""
    ids = [person["id"] for person in cast["people"]]
    stays = [(room["id"], ids[member]) for room in cast["rooms"] for member in room["members"]]
    said = [(room["id"], seq, ids[room["members"][0]]) for room in cast["rooms"] for seq in range(2, plan.said + 2)]
    connection = psycopg2.connect(url)
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute((BENCH / "peers" / "schema.sql").read_text())
        execute_values(cursor, "INSERT INTO tokens VALUES %s", [(person["token"], person["id"]) for person in cast["people"]])
        if stays:
            execute_values(cursor, "INSERT INTO rooms VALUES %s", [(room["id"], plan.said + 1) for room in cast["rooms"]])
            execute_values(cursor, "INSERT INTO memberships (room_id, user_id) VALUES %s", stays)
        if said:
            insert = "INSERT INTO messages VALUES %s"
            made = "(%s, %s, gen_random_uuid(), %s, gen_random_uuid(), repeat('said before ', 5), now())"
            execute_values(cursor, insert, said, template=made)
        cursor.execute("VACUUM ANALYZE")
    connection.close()


def asked(url: str, question: str, *about: Any) -> Any:
    """The one value that PostgreSQL answers."""
    connection = psycopg2.connect(url)
    with connection.cursor() as cursor:
        cursor.execute(question, about or None)
        (value,) = cursor.fetchone()
    connection.close()
    return value


SERVERS = [
    Server("chatx", "Chat-X", True, chatx),
    Server("node_pg", "Node Socket.IO + pg", True, node_pg),
    Server("node_memory", "Node Socket.IO", False, node_memory),
    Server("stock", "stock Flask-SocketIO", False, stock),
]
