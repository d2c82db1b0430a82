"""The host as it will be, driven by the official clients: every transport, both workers, a crash, a drain, 1,500 sockets."""

import re
import subprocess
import time
from itertools import cycle

import pytest
import requests

from tests.chaos.crowd import UPGRADED, total
from tests.host.host import Host
from tests.host.stay import Stay
from tests.sockets.test_transports import JS, NODE, WAYS
from tests.support.people import Cast, Person
from tests.test_drain import eventually

SOCKETS = 1_500
LONGEST_RETURN = 15
LONGEST_END = 10


def test_every_transport_finds_its_worker_again(host: Host, people: list[Person], capsys: pytest.CaptureFixture[str]) -> None:
    """Follow-up polls, and the upgrade: each in the worker that has the session, or it would be lost at once."""
    stay = Stay(host, people, ["polling"], ["websocket"], UPGRADED)
    stay.talk(lambda: time.sleep(1))
    saw, messages = stay.end()
    assert all(each.absences == [] and len(each.places) == 1 for each in saw)
    reached = {(way, each.places[0]) for way, each in zip(cycle(WAYS), saw, strict=False)}
    assert {place for _, place in reached} == {"w0", "w1"}
    assert [each.transport for each in saw] == ["polling", "websocket", "websocket"] * (len(saw) // 3)
    with capsys.disabled():
        print(f"\n{messages} messages by {len(saw)} clients over {sorted(reached)}")


@pytest.mark.parametrize("way", WAYS)
def test_the_python_client_too(way: str, cast: Cast) -> None:
    transports, expected = WAYS[way]
    alice, bob = (cast.person(name).live(*transports) for name in ("alice", "bob"))
    room = alice.direct(bob)
    for number in range(5):
        said = alice.ask("message:send", {"room_id": room, "client_id": str(number), "text": f"over {way}"})
        assert bob.hears("message:created", feed=room)["message"] == said
    assert [person.socket.eio.transport() for person in (alice, bob)] == [expected] * 2


def test_a_killed_worker_loses_nobody(host: Host, people: list[Person], capsys: pytest.CaptureFixture[str]) -> None:
    stay = Stay(host, people, ["websocket"], UPGRADED, ["polling"])

    def kill_one() -> None:
        time.sleep(0.5)
        host.workers()[0].kill()
        eventually(lambda: host.serves(0), LONGEST_RETURN, "it is not started again")
        time.sleep(0.5)

    stay.talk(kill_one)
    saw, messages = stay.end()
    hit = [each for each in saw if each.places[0] == "w0"]
    spared = [each for each in saw if each.places[0] == "w1"]
    absences = [ms / 1_000 for each in saw for ms in each.absences]
    with capsys.disabled():
        print(f"\n{messages} messages, {total(saw, 'retries')} sent again; {len(hit)} of {len(saw)} clients lost their worker")
        print(f"and were back after {max(absences):.2f} s at most")
    assert hit and spared
    assert all(each.absences == [] for each in spared)
    assert all(each.absences for each in hit)
    assert max(absences) < LONGEST_RETURN


def test_all_are_told_of_a_drain_and_come_back(host: Host, people: list[Person], capsys: pytest.CaptureFixture[str]) -> None:
    stay = Stay(host, people, ["websocket"], UPGRADED, ["polling"])
    took: list[float] = []

    def replace() -> None:
        time.sleep(0.2)
        began = time.monotonic()
        assert host.stop() == 0
        took.append(time.monotonic() - began)
        host.start()

    stay.talk(replace)
    saw, messages = stay.end()
    assert "Traceback" not in host.log()
    assert [each.counts["drains"] for each in saw] == [1] * len(saw)
    assert all(each.absences for each in saw)
    with capsys.disabled():
        print(f"\n{messages} messages; {len(saw)} clients were told, and let go within {took[0]:.2f} s")
    assert took[0] < LONGEST_END


def test_so_many_sockets_at_once(host: Host, cast: Cast, capsys: pytest.CaptureFixture[str]) -> None:
    alice = cast.person("alice")
    notes = alice.direct(alice)
    began = time.monotonic()
    command = [NODE, str(JS / "many.mjs"), host.url, alice.token, str(SOCKETS)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as many:
        assert many.stdout is not None
        assert many.stdout.readline() == "all are ready\n"
        ready = time.monotonic()
        alice.say(notes, "to all of them")
        assert many.stdout.readline() == "all have heard\n"
        heard = time.monotonic()
    assert many.returncode == 0  # none was lost meanwhile
    with capsys.disabled():
        print(f"\n{SOCKETS} sockets after {ready - began:.1f} s; all heard a message {heard - ready:.2f} s later")


def test_it_is_asked_as_by_the_same_origin_and_the_same_scheme(host: Host) -> None:
    url = f"{host.url}/socket.io/?EIO=4&transport=polling"
    secure = {"X-Forwarded-Proto": "https"}
    for origin, headers, status in (
        (host.url, {}, 200),
        (host.url.replace("http:", "https:"), secure, 200),
        (host.url.replace("http:", "https:"), {}, 400),
        ("https://elsewhere.example", secure, 400),
    ):
        assert requests.get(url, headers={"Origin": origin, **headers}, timeout=5).status_code == status, (origin, headers)


def test_what_is_too_large_is_refused_by_the_application_first(host: Host, people: list[Person]) -> None:
    token = {"Authorization": f"Bearer {people[0].token}"}
    answers = [requests.patch(f"{host.api}/users/me", b"x" * size, headers=token, timeout=10) for size in (1_500_000, 3_000_000)]
    assert [answer.status_code for answer in answers] == [413, 413]
    assert answers[0].json()["code"] == "too_large"
    assert "nginx" in answers[1].text
    refused = requests.get(f"{host.url}/healthz", headers={"X-Long": "x" * 10_000}, timeout=5)
    assert (refused.status_code, "nginx" in refused.text) == (400, True)


def test_the_logs_of_nginx_tell_of_sockets_but_not_their_keys(host: Host) -> None:
    told = host.nginx.log("access.log")
    ends = re.findall(r'"GET /socket\.io/" (\d+) ', told)
    assert "101" in ends
    assert "sid=" not in told
    health = "".join(log.read_text() for log in (host.nginx.folder / "log" / "healthd").iterdir())
    assert "/api/v1/auth/register" in health
    assert "socket.io" not in health
    assert "[emerg]" not in host.nginx.log()
