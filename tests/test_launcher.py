"""Several workers: one launcher starts them, starts again what dies, ends with all of them, and says once why it cannot."""

import os
import signal
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from tests.support.backends import Postgres, Redis, free_port
from tests.support.contract import Contract
from tests.support.launched import Launched
from tests.support.people import Cast, Person
from tests.support.server import ROOT
from tests.test_drain import eventually, terminate
from tests.test_run import run, told_in_one_line

LONGEST_START = 20
LONGEST_END = 10
LEAST_PAUSE = 2  # seconds between two starts of one worker that does not last
ENDED = "a worker has ended, and is started again"


def alice_and_bob(host: Launched) -> list[Person]:
    """Alice is connected to worker 0, and Bob to worker 1."""
    contract = Contract(host.url)
    return [Cast(host.worker(number), contract).person(name).live() for number, name in enumerate(("alice", "bob"))]


@pytest.fixture
def shared(postgres: Postgres, redis_server: Redis) -> Iterator[tuple[str, str]]:
    """(database, Redis) of the workers."""
    database = postgres.new_database()
    yield database, redis_server.url
    postgres.drop_database(database)


@pytest.fixture
def launch(shared: tuple[str, str]) -> Iterator[Callable[..., Launched]]:
    """Starts a launcher with these settings; a test may end it."""
    running: list[Launched] = []

    def start(script: Path | str = "wsgi.py", **settings: str) -> Launched:
        running.append(Launched(*shared, CHATX_WORKERS="2", **settings))
        running[-1].script = str(script)
        return running[-1].start()

    yield start
    for each in running:
        if each.process.poll() is None:
            each.stop()


def gone(worker: psutil.Process) -> bool:
    """Whether it has ended; where nobody waits for orphans, something of it is left."""
    try:
        return worker.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def test_what_dies_is_started_again_and_the_others_go_on(launch: Callable[..., Launched]) -> None:
    host = launch(CHATX_DRAIN_SECONDS="5")
    assert psutil.Process(host.process.pid).memory_info().rss < 40_000_000
    assert all(os.getpgid(worker.pid) == worker.pid for worker in host.workers().values())  # Ctrl-C tells the launcher alone
    alice, bob = alice_and_bob(host)
    assert [person.socket.eio.sid[:3] for person in (alice, bob)] == ["w0-", "w1-"]
    room = alice.direct(bob)
    first = host.workers()[1]
    first.kill()
    assert alice.ask("message:send", {"room_id": room, "client_id": "1", "text": "still here"})["seq"] == 2
    eventually(lambda: host.serves(1), LONGEST_START, "it is not started again")
    second = host.workers()[1]
    assert second.pid != first.pid
    assert bob.history(room)[0]["text"] == "still here"
    # It dies a second time, sooner than it should: not at once again.
    second.kill()
    eventually(lambda: host.serves(1), LONGEST_START, "it is not started again")
    third = host.workers()[1]
    assert third.create_time() - second.create_time() > LEAST_PAUSE - 0.1
    ends = [(line["worker"], line["status"]) for line in host.log_lines() if line["message"] == ENDED]
    assert ends == [(1, -signal.SIGKILL)] * 2
    began = terminate(host, signal.SIGINT)
    alice.hears("server:drain")
    assert host.process.wait(LONGEST_END) == 0
    assert time.monotonic() - began < 2
    assert "Traceback" not in host.log()


def test_all_leave_at_once_and_in_their_own_time(launch: Callable[..., Launched]) -> None:
    """Told as systemd does it: each process by itself, and the launcher passes on what it is told."""
    host = launch(CHATX_DRAIN_SECONDS="2")
    people, workers = alice_and_bob(host), host.workers().values()
    began = terminate(host)
    for worker in workers:
        worker.terminate()
    assert all(0 <= person.hears("server:drain")["reconnect_after_ms"] < 3_000 for person in people)
    assert host.process.wait(LONGEST_END) == 0
    assert 2 <= time.monotonic() - began < 5
    assert not any(worker.is_running() for worker in workers)
    assert "Traceback" not in host.log()
    assert ENDED not in host.log()


def test_a_second_signal_leaves_no_time(launch: Callable[..., Launched]) -> None:
    host = launch(CHATX_DRAIN_SECONDS="5")
    people, workers = alice_and_bob(host), host.workers().values()
    began = terminate(host)
    for person in people:
        person.hears("server:drain")
    terminate(host)
    assert host.process.wait(LONGEST_END) == 0
    assert time.monotonic() - began < 3
    assert not any(worker.is_running() for worker in workers)


def test_it_ends_even_when_a_worker_never_does(launch: Callable[..., Launched], tmp_path: Path) -> None:
    script = tmp_path / "hurried.py"
    script.write_text(
        "import runpy, sys, config\n"
        "if config.is_launcher():\n"
        "    import launcher\n"
        "    launcher.LONGEST_END = 1\n"
        "    sys.exit(launcher.run())\n"
        "runpy.run_path('wsgi.py', run_name='__main__')\n"
    )
    host = launch(script, PYTHONPATH=str(ROOT))
    workers = host.workers()
    workers[1].suspend()
    began = terminate(host)
    assert host.process.wait(LONGEST_END) == 0
    assert 1 <= time.monotonic() - began < 3
    assert not any(worker.is_running() for worker in workers.values())


def test_workers_leave_when_their_launcher_is_killed(launch: Callable[..., Launched]) -> None:
    host = launch()
    workers = host.workers().values()
    host.kill()
    eventually(lambda: all(map(gone, workers)), LONGEST_END, "a worker serves on")


def test_what_no_worker_can_do_is_told_once() -> None:
    assert told_in_one_line(run(CHATX_WORKERS="many")).startswith("Chat-X cannot start. CHATX_WORKERS must be a whole number")
    assert told_in_one_line(run(CHATX_WORKERS="2")).startswith("Chat-X cannot start. CHATX_WORKERS must be 1 without PostgreSQL")


@pytest.mark.parametrize("number", [0, 1])
def test_a_worker_that_can_never_serve_ends_all(number: int, shared: tuple[str, str]) -> None:
    port = free_port(2)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", port + number))
        taken.listen()
        database, redis = shared
        shared_by_all = {"CHATX_DATABASE_URL": database, "CHATX_REDIS_URL": redis}
        ended = run(PORT=str(port), CHATX_WORKERS="2", CHATX_DRAIN_SECONDS="0", **shared_by_all)
    assert ended.returncode == 1
    assert ended.stderr.splitlines() == [
        f"Chat-X cannot listen on 127.0.0.1:{port + number}: Address already in use. Set PORT or CHATX_HOST to something free."
    ]
    assert len(ended.stdout.splitlines()) == number  # those before it were serving
