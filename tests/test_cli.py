"""`flask …` on a fresh database: what the owner of a server does by hand."""

import re
from collections.abc import Iterator

import pytest

from tests.support.contract import Contract
from tests.support.people import PASSWORD, Caller
from tests.support.server import Server


@pytest.fixture(scope="module")
def operated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server over a fresh database, serving what the commands made."""
    running = Server(f"sqlite:///{tmp_path_factory.mktemp('cli') / 'chatx.db'}").start()
    yield running
    assert running.stop() == 0


@pytest.fixture
def door(operated: Server) -> Caller:
    """Somebody who is not signed in."""
    return Caller(operated, Contract(operated.url))


def told_in_one_line(operated: Server, *arguments: str) -> str:
    """What a command that fails says."""
    failed = operated.flask("chatx", *arguments)
    assert failed.returncode == 1
    assert failed.stdout == ""
    assert len(failed.stderr.splitlines()) == 1, failed.stderr
    return failed.stderr.strip()


def test_a_created_person_can_log_in(operated: Server, door: Caller) -> None:
    made = operated.flask("chatx", "create-user", "Alice", "--display-name", "Alice A.", "--password", PASSWORD)
    assert made.returncode == 0, made.stderr
    answer = door.post("/auth/login", {"username": "alice", "password": PASSWORD})
    assert answer.status == 200
    assert made.stdout == f"alice is {answer.body['user']['id']}.\n"
    assert answer.body["user"]["display_name"] == "Alice A."


def test_creating_a_person_leaves_no_device_signed_in(operated: Server, door: Caller) -> None:
    assert operated.flask("chatx", "create-user", "bob", "--password", PASSWORD).returncode == 0
    token = door.post("/auth/login", {"username": "bob", "password": PASSWORD}).body["access_token"]
    devices = door.call("GET", "/auth/devices", token=token).body["items"]
    assert [device["name"] for device in devices] == ["unnamed device"]


def test_the_password_is_asked_for_twice(operated: Server) -> None:
    made = operated.flask("chatx", "create-user", "carol", input=f"{PASSWORD}\n{PASSWORD}\n")
    assert made.returncode == 0, made.stderr
    assert PASSWORD not in made.stdout + made.stderr


def test_a_taken_user_name_is_told_in_one_line(operated: Server) -> None:
    assert operated.flask("chatx", "create-user", "dave", "--password", PASSWORD).returncode == 0
    told = told_in_one_line(operated, "create-user", "DAVE", "--password", PASSWORD)
    assert told == "Error: username: This user name is taken."


def test_a_weak_password_and_a_wrong_name_are_told_in_one_line(operated: Server) -> None:
    told = told_in_one_line(operated, "create-user", "a!", "--password", "short")
    assert "username: 3–32 of a–z" in told
    assert "password: Shorter than password_min_characters: 10." in told


def test_the_demo_can_be_signed_in_to_and_read(operated: Server, door: Caller) -> None:
    again, made = operated.flask("chatx", "demo"), operated.flask("chatx", "demo")
    assert (again.returncode, made.returncode) == (0, 0), made.stderr
    (alice, password), (bob, _) = re.findall(r"^(\S+)  password (\S+)$", made.stdout, re.MULTILINE)
    assert (alice[:6], bob[:4]) == ("alice_", "bob_")
    token = door.post("/auth/login", {"username": bob, "password": password}).body["access_token"]
    rooms = door.call("GET", "/rooms", token=token).body["items"]
    assert [(room["kind"], room["title"]) for room in rooms] == [("group", "Weekend"), ("direct", None)]
    history = door.call("GET", f"/rooms/{rooms[1]['id']}/messages", token=token).body["items"]
    assert [message["text"] for message in history][1] == "Yes. Lake or mountains?"


def test_the_catalogue_lists_what_can_be_asked_and_heard(operated: Server) -> None:
    listed = operated.flask("chatx", "events")
    assert listed.returncode == 0, listed.stderr
    asked, rest = listed.stdout.removeprefix("Ask:\n").split("Hear:\n")
    heard, in_time = rest.split("In time:\n")
    assert re.search(r"^  message:send +\S", asked, re.MULTILINE)
    assert re.search(r"^  message:created +\S", heard, re.MULTILINE)
    assert re.search(r"^  changes:trim +\S", in_time, re.MULTILINE)
    assert "device:identify" not in asked


def test_a_wrong_setting_is_told_in_one_line(fresh_sqlite: str) -> None:
    told = told_in_one_line(Server(fresh_sqlite, CHATX_RATE_LIMITS="maybe"), "events")
    assert told.startswith("Chat-X cannot start. CHATX_RATE_LIMITS must be ")
