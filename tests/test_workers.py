"""Workers as processes of their own: many share the work, one that is killed loses none of it, and one that is ended finishes."""

import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg2
import pytest
import requests

from tests.support.backends import Postgres, Redis, free_port
from tests.support.contract import Contract
from tests.support.people import PATIENCE, Cast, Person
from tests.support.server import ROOT, Server

REMINDERS = 150  # of each of two people
SCHEDULED = 80  # in two rooms


class WorkerProcess:
    """`flask chatx worker` beside a server."""

    def __init__(self, server: Server, *options: str) -> None:
        self.log_path = Path(tempfile.mkstemp(prefix="chatx-log-")[1])
        command = [sys.executable, "-m", "flask", "chatx", "worker", *options]
        with self.log_path.open("ab") as log:
            self.process = subprocess.Popen(command, cwd=ROOT, env=server.environ, stdout=log, stderr=log)

    def ends_well(self) -> None:
        began = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(PATIENCE) == 0, self.log_path.read_text()
        assert time.monotonic() - began < 3
        assert "Traceback" not in self.log_path.read_text()

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(PATIENCE)


@pytest.fixture
def workers() -> Iterator[list[WorkerProcess]]:
    """Those that a test starts; what it leaves is ended."""
    started: list[WorkerProcess] = []
    yield started
    for worker in started:
        worker.kill()


def until(true: Callable[[], object]) -> None:
    deadline = time.monotonic() + 3 * PATIENCE
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def reminded(person: Person) -> list[int]:
    """Of which messages, in the order of the private feed."""
    changes = person.post("/sync", {"cursors": {"me": 0}, "limit": 1_000}).body["changes"]
    return [change["message_seq"] for change in changes if change["type"] == "reminder:due"]


def remind(person: Person, room: str, seq: int, **ahead: float) -> None:
    at = (datetime.now(UTC) + timedelta(**ahead)).isoformat()
    assert person.put(f"/rooms/{room}/messages/{seq}/reminder", {"at": at}).status == 200


def quickly(person: Person, method: str, path: str, body: dict) -> dict:
    """Without a look at the contract, which other tests have."""
    headers = {"Authorization": f"Bearer {person.token}"}
    answer = person.http.request(method, f"{person.server.api}{path}", headers=headers, json=body, timeout=PATIENCE)
    assert answer.status_code in (200, 201), answer.text
    return answer.json()


def test_many_workers_do_everything_once_though_one_is_killed_at_it(
    postgres: Postgres, redis_server: Redis, workers: list[WorkerProcess]
) -> None:
    """While nobody worked, all became due; while the test holds alice's feed, every worker stands in the middle of a batch."""
    url = postgres.new_database()
    server = Server(url, redis_server.url, CHATX_WORKER="off").start()
    cast = Cast(server, Contract(server.url))
    alice, bob = cast.person("alice"), cast.person("bob")
    room = alice.direct(bob)
    path, at = f"/rooms/{room}/messages", {"at": (datetime.now(UTC) + timedelta(days=1)).isoformat()}
    seqs = [quickly(alice, "POST", path, {"client_id": str(n), "text": "hi"})["seq"] for n in range(REMINDERS)]
    for seq in seqs:
        for person in (alice, bob):
            quickly(person, "PUT", f"{path}/{seq}/reminder", at)
    bob.live()
    database, watch = psycopg2.connect(url), psycopg2.connect(url)
    watch.autocommit = True
    with database, database.cursor() as cursor:
        for table, column in (("timers", "due_at"), ("reminders", "at")):
            cursor.execute(f"UPDATE {table} SET {column} = {column} - interval '1 day'")
    assert reminded(alice) == []

    def counted(what: str) -> int:
        with watch.cursor() as cursor:
            cursor.execute(f"SELECT count(*) FROM {what}")
            return cursor.fetchone()[0]

    with database, database.cursor() as cursor:
        cursor.execute("SELECT 1 FROM users WHERE id = %s FOR UPDATE", [alice.id])
        workers += [WorkerProcess(server) for _ in range(3)]
        until(lambda: counted("pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'") == 3)
        workers[0].kill()
        workers[1].process.send_signal(signal.SIGTERM)
        with pytest.raises(subprocess.TimeoutExpired):
            workers[1].process.wait(1)
    assert workers[1].process.wait(PATIENCE) == 0
    until(lambda: counted("timers WHERE kind = 'reminder:due'") == 0)
    assert sorted(reminded(alice)) == seqs == sorted(reminded(bob))
    # What a worker tells is heard on the sockets of other processes.
    assert [data["message_seq"] for data in bob.events("reminder:due")] == reminded(bob)
    database.close()
    watch.close()
    workers[2].ends_well()
    cast.goodbye()
    assert server.stop() == 0
    postgres.drop_database(url)


def test_what_is_scheduled_is_said_once_by_many_workers_though_one_is_killed_at_it(
    postgres: Postgres, redis_server: Redis, workers: list[WorkerProcess]
) -> None:
    """Some of it became due while nobody worked, the rest does one after the other while they race for it; alice goes on."""
    url = postgres.new_database()
    server = Server(url, redis_server.url, CHATX_WORKER="off").start()
    cast = Cast(server, Contract(server.url))
    alice, bob = cast.person("alice"), cast.person("bob")
    rooms = [alice.direct(bob), alice.group(bob)]
    begins = datetime.now(UTC) + timedelta(days=1)
    made = {}
    for number in range(SCHEDULED):
        at = (begins + timedelta(seconds=3 * max(0, number - SCHEDULED // 2) / SCHEDULED)).isoformat()
        body = {"client_id": str(number), "text": f"scheduled {number}", "at": at}
        made[quickly(alice, "POST", f"/rooms/{rooms[number % 2]}/scheduled", body)["id"]] = body["text"]
    bob.live()
    database = psycopg2.connect(url)
    with database, database.cursor() as cursor:
        ahead = begins - datetime.now(UTC)
        for table, column in (("timers", "due_at"), ("scheduled_messages", "at")):
            cursor.execute(f"UPDATE {table} SET {column} = {column} - %s", [ahead])
    database.close()
    workers += [WorkerProcess(server) for _ in range(4)]
    until(lambda: any(len(bob.history(room)) > 1 for room in rooms))
    workers[0].kill()
    by_hand = [
        quickly(alice, "POST", f"/rooms/{rooms[0]}/messages", {"client_id": f"m{n}", "text": "by hand"}) for n in range(20)
    ]
    until(lambda: alice.get("/users/me/scheduled").body["items"] == [])
    said = [message for room in rooms for message in bob.whole_history(room) if message["text"] != "by hand"]
    assert sorted(message["client_id"] for message in said) == sorted(made), "each of them, and once"
    assert {message["client_id"]: message["text"] for message in said} == made
    whole = bob.whole_history(rooms[0])
    assert [message["seq"] for message in whole] == list(range(2, len(said) // 2 + len(by_hand) + 2))
    heard = [data["message"]["client_id"] for data in bob.events("message:created") if data["message"]["text"] != "by hand"]
    assert len(heard) == len(set(heard)) and set(heard) <= made.keys(), "what the killed one did not tell anymore, sync has"
    changes = alice.post("/sync", {"cursors": {"me": 0}, "limit": 1_000}).body["changes"]
    assert sorted(change["scheduled_id"] for change in changes if change["type"] == "scheduled:sent") == sorted(made)
    for worker in workers[1:]:
        worker.ends_well()
    cast.goodbye()
    assert server.stop() == 0
    postgres.drop_database(url)


def test_a_worker_beside_sqlite_waits_for_its_tables_and_shows_its_figures(
    fresh_sqlite: str, workers: list[WorkerProcess]
) -> None:
    """Without Redis its news reaches no socket of the server; sync has it."""
    server, port = Server(fresh_sqlite, CHATX_WORKER="off"), free_port()
    worker = WorkerProcess(server, "--metrics-port", str(port))
    workers.append(worker)
    until(lambda: "cannot work" in worker.log_path.read_text())
    server.start()
    cast = Cast(server, Contract(server.url))
    alice = cast.person("alice")
    notes = alice.direct(alice)
    seq = alice.say(notes)["seq"]
    remind(alice, notes, seq, seconds=0.2)
    until(lambda: reminded(alice) == [seq])
    figures = requests.get(f"http://127.0.0.1:{port}/metrics", timeout=PATIENCE).text
    assert 'chatx_timer_lateness_seconds_count{kind="reminder:due"} 1.0' in figures
    worker.ends_well()
    cast.goodbye()
    assert server.stop() == 0
