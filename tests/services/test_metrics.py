"""Metrics: what happens is counted, and only the owner can look."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from textwrap import dedent

import pytest
import requests
from prometheus_client.parser import text_string_to_metric_families

from tests.support.contract import Contract
from tests.support.patched import run_patched
from tests.support.people import Cast, Person, Refused
from tests.support.server import Server

TOKEN = "a token of the owner"


class Figures:
    """What a server shows, by name and labels."""

    def __init__(self, url: str, **headers: str) -> None:
        answer = requests.get(f"{url}/metrics", headers=headers, timeout=10)
        assert answer.status_code == 200, answer.text
        assert answer.headers["Content-Type"].startswith("text/plain")
        self.families = list(text_string_to_metric_families(answer.text))
        self.samples = {
            (sample.name, *sorted(sample.labels.values())): sample.value for family in self.families for sample in family.samples
        }

    def __call__(self, *name: str) -> float:
        return self.samples.get((f"chatx_{name[0]}", *sorted(name[1:])), 0)


@pytest.fixture
def guarded(fresh_sqlite: str) -> Iterator[Server]:
    """A server of its own, whose rates are counted and whose figures need a token."""
    running = Server(fresh_sqlite, CHATX_METRICS_TOKEN=TOKEN, CHATX_RATE_LIMITS="on").start()
    yield running
    assert running.stop() == 0


def test_what_happens_is_counted(server: Server, alice: Person, bob: Person) -> None:
    room = alice.direct(bob)
    before = Figures(server.url)
    alice.live()
    bob.live()
    sent = [alice.ask("message:send", {"room_id": room, "client_id": str(number), "text": "hi"}) for number in range(3)]
    alice.say(room)
    with pytest.raises(Refused, match="client_id_reused"):
        alice.ask("message:send", {"room_id": room, "client_id": "0", "text": "something else"})
    with pytest.raises(Refused, match="validation_failed"):
        alice.ask("message:send", {"room_id": room, "client_id": "9"})
    assert alice.get("/rooms/01900000-0000-7000-8000-000000000000").status == 404
    for cursors in ({}, {room: 1}, {room: 99}):
        alice.ask("sync", {"cursors": cursors})
    at = datetime.now(UTC) + timedelta(seconds=0.2)
    alice.ask("reminder:set", {"room_id": room, "seq": sent[0]["seq"], "at": at.isoformat()})
    alice.hears("reminder:due")
    bob.settle()
    after = Figures(server.url)

    def rose(*name: str) -> float:
        return after(*name) - before(*name)

    assert rose("call_seconds_count", "message:send") == 4
    assert 0 < rose("call_seconds_sum", "message:send") < 4
    assert rose("call_seconds_bucket", "message:send", "+Inf") == 4
    assert rose("call_errors_total", "message:send", "client_id_reused") == 1
    assert rose("call_errors_total", "message:send", "validation_failed") == 1
    assert rose("call_errors_total", "room:get", "not_found") == 1
    assert rose("batch_size_count", "message:send") == 5 == rose("batch_size_sum", "message:send")
    assert [rose("syncs_total", result) for result in ("fresh", "filled", "reset")] == [1, 1, 1]
    # Alone here, and late by less than the test waits.
    assert rose("timer_lateness_seconds_count", "reminder:due") == 1 == rose("batch_size_sum", "reminder:due")
    assert rose("sockets_connected") == 2
    # Each of the four to both, what bob settled with, and the reminder set and due.
    assert rose("deliveries_total") >= 8 + 1 + 2
    assert after("timers_overdue_seconds") < 5
    assert 0 <= after("database_connections") <= 10
    assert after("publish_outbox") == 0
    assert after("loop_turn_seconds") < 1
    assert after("build", "0.1.0") == 1
    assert ("process_resident_memory_bytes",) in after.samples
    assert all(family.documentation for family in after.families)


def test_through_a_proxy_there_is_nothing(server: Server) -> None:
    for header in ("X-Forwarded-For", "Forwarded", "X-Real-IP", "Via"):
        answer = requests.get(f"{server.url}/metrics", headers={header: "127.0.0.1"}, timeout=10)
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_from_another_machine_there_is_nothing(fresh_sqlite: str) -> None:
    script = """
    def status(address):
        return app.test_client().get("/metrics", environ_base={"REMOTE_ADDR": address}).status_code
    print([status(address) for address in ("127.0.0.1", "::1", "10.0.0.7", "192.168.1.2", "203.0.113.9", "2001:db8::1", "")])
    """
    assert run_patched(dedent(script), fresh_sqlite, people=True) == "[200, 200, 404, 404, 404, 404, 404]"


def test_with_a_token_it_opens_them_from_everywhere_and_nothing_else_does(guarded: Server) -> None:
    cast = Cast(guarded, Contract(guarded.url))
    alice = cast.person("alice")
    refused = [alice.put(f"/rooms/direct/{alice.id}").status for _ in range(62)].count(429)
    figures = Figures(guarded.url, **{"Authorization": f"Bearer {TOKEN}", "X-Forwarded-For": "203.0.113.9"})
    assert refused >= 1
    assert figures("rate_limited_total", "rooms") == refused == figures("call_errors_total", "room:direct", "rate_limited")
    for headers in ({}, {"Authorization": "Bearer another"}, {"Authorization": f"Bearer {alice.token}"}):
        answer = requests.get(f"{guarded.url}/metrics", headers=headers, timeout=10)
        assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")
    cast.goodbye()
