"""Deadlines end in their order and can be set anew; who joins nothing is turned away."""

import eventlet
import pytest
from engineio import Server

from chatx.sockets.wire.engine import Engine
from chatx.sockets.wire.wheel import Wheel

ASKED = {"QUERY_STRING": "EIO=4&transport=polling"}


def test_each_deadline_ends_once_in_its_order_unless_it_is_set_anew() -> None:
    ended: list[str] = []
    wheel = Wheel(0.1, ended.append)
    for member in ("first", "forgotten", "anew", "last"):
        wheel.set(member)
    wheel.unset("forgotten")
    wheel.unset("never set")
    eventlet.sleep(0.06)
    wheel.set("anew")
    eventlet.sleep(0.06)
    assert ended == ["first", "last"]
    eventlet.sleep(0.06)
    assert ended == ["first", "last", "anew"]
    wheel.set("first")
    eventlet.sleep(0.15)
    assert ended == ["first", "last", "anew", "first"]


def test_a_deadline_that_fails_stops_no_other(capsys: pytest.CaptureFixture[str]) -> None:
    ended: list[int] = []

    def end(number: int) -> None:
        ended.append(1 // number)

    wheel = Wheel(0.02, end)
    for number in (0, 1):
        wheel.set(number)
    eventlet.sleep(0.1)
    assert ended == [1]
    assert "ZeroDivisionError" in capsys.readouterr().err


def test_a_client_that_joins_nothing_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chatx.sockets.wire.engine.JOIN_SECONDS", 0.05)
    server = Server(async_mode="eventlet", monitor_clients=False)
    gone: list[tuple[str, str]] = []
    server.on("disconnect", lambda sid, reason: gone.append((sid, reason)))
    engine = Engine(server, outbox_bytes=1_000)
    for _ in ("idle", "joined"):
        assert engine.connect(ASKED, print, "polling")["status"] == "200 OK"
    idle, joined = server.sockets
    engine.joined("sid", joined)
    eventlet.sleep(0.15)
    assert gone == [(idle, "transport error")]
    assert list(server.sockets) == [joined]


def test_there_are_no_more_sessions_than_files_for_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chatx.sockets.wire.engine.MOST_SESSIONS", 1)
    server = Server(async_mode="eventlet", monitor_clients=False)
    engine = Engine(server, outbox_bytes=1_000)
    answers = [engine.connect(ASKED, print, "polling") for _ in range(2)]
    assert [answer["status"][:3] for answer in answers] == ["200", "503"]
    assert ("Retry-After", "1") in answers[1]["headers"]
