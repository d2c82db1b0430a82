"""Many events of one client at once: each answered, in their order, and none before what it depends on."""

import orjson
import pytest
import websocket

from chatx.sockets.events import is_batched, parsed
from tests.support.people import NAMESPACE, PATIENCE, Person

SENDS = 50


def joined(person: Person) -> websocket.WebSocket:
    """A bare connection that is ready."""
    address = f"{person.server.url}/socket.io/?EIO=4&transport=websocket".replace("http", "ws", 1)
    wire = websocket.create_connection(address, timeout=PATIENCE)
    wire.send(f"40{NAMESPACE},{orjson.dumps({'token': person.token}).decode()}")
    while "ready" not in wire.recv():
        continue
    return wire


def test_what_is_sent_without_waiting_is_done_in_its_order(alice: Person, bob: Person) -> None:
    room = alice.direct(bob)
    wire = joined(alice)
    for number in range(SENDS):
        message = {"room_id": room, "client_id": str(number), "text": str(number)}
        wire.send(f"42{NAMESPACE},{number}{orjson.dumps(['message:send', message]).decode()}")
    # Asked behind the sends, so it sees them all.
    wire.send(f"42{NAMESPACE},{SENDS}{orjson.dumps(['history', {'room_id': room, 'limit': SENDS}]).decode()}")
    acks: dict[int, dict] = {}
    order: list[int] = []
    heard: list[str] = []
    while len(acks) <= SENDS:
        packet = wire.recv()
        if packet.startswith(f"43{NAMESPACE},"):
            number, _, body = packet.removeprefix(f"43{NAMESPACE},").partition("[")
            acks[int(number)] = orjson.loads(f"[{body}")[0]
            order.append(int(number))
        elif '"message:created"' in packet:
            heard.append(orjson.loads(packet.removeprefix(f"42{NAMESPACE},"))[1]["message"]["text"])
    assert all(ack["ok"] for ack in acks.values())
    sent = [str(number) for number in range(SENDS)]
    assert [message["text"] for message in acks[SENDS]["data"]["items"]] == sent
    assert heard == sent
    assert order == sorted(order)
    wire.close()


def test_a_send_that_is_refused_refuses_no_other(alice: Person, bob: Person) -> None:
    room = alice.direct(bob)
    wire = joined(alice)
    for number, where in enumerate((room, "nowhere", room)):
        message = {"room_id": where, "client_id": str(number), "text": "hello"}
        wire.send(f"42{NAMESPACE},{number}{orjson.dumps(['message:send', message]).decode()}")
    acks: dict[str, bool] = {}
    while len(acks) < 3:
        packet = wire.recv()
        if packet.startswith(f"43{NAMESPACE},"):
            acks[packet[8]] = '"ok":true' in packet
    assert acks == {"0": True, "1": False, "2": True}
    wire.close()


@pytest.mark.parametrize(
    ("packet", "expected"),
    [
        ('2/chat,17["message:send",{"a":1}]', ("17", "message:send", [{"a": 1}])),
        ('2/chat,["typing"]', ("", "typing", [])),
        ('2/chat,["a",1,2]', ("", "a", [1, 2])),
        ('2/chat,1["connect"]', None),
        ("2/chat,1[]", None),
        ("2/chat,1[1]", None),
        ('2/chat,1{"a":1}', None),
        ('2/chat,²["a"]', None),
        ('2/chat,-1["a"]', None),
        ('2/chat,1["a"', None),
        ('2/chat,1["a","\\ud800"]', None),
        ('2/chat,12345678901234567["a"]', None),
        ('2/other,1["a"]', None),
        ('2["a"]', None),
        ("0/chat,", None),
        ("", None),
        (b'2/chat,1["a"]', None),
    ],
)
def test_only_a_plain_event_is_read_here_and_the_rest_by_the_library(packet: str | bytes, expected: tuple | None) -> None:
    assert parsed(packet) == expected


def test_what_shares_a_commit_is_what_the_registry_says() -> None:
    assert [is_batched(event) for event in ("message:send", "receipt:read", "history", "unknown")] == [True, True, False, False]
