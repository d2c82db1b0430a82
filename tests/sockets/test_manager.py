"""A client that leaves is forgotten as completely as the library forgets it, and without looking at everybody else."""

import inspect
import time

import pytest
import socketio

from chatx.sockets.manager import Roomless


@pytest.mark.parametrize("manager", [socketio.Manager, Roomless])
def test_nothing_is_left_of_who_has_left(manager: type[socketio.Manager]) -> None:
    server = socketio.Server(async_mode="threading", client_manager=manager(), namespaces=["/chat"])
    server._send_packet = lambda eio_sid, packet: None
    joined = [server.manager.connect(server.manager.pre_connect(eio_sid, "/chat"), "/chat") for eio_sid in ("a", "b")]
    server.manager.pre_connect("refused", "/chat")
    server.manager._generate_ack_id(joined[0], print)
    server.disconnect(joined[0], "/chat")
    refused = server.manager.sid_from_eio_sid("refused", "/chat")
    server.manager.disconnect(refused, "/chat", ignore_queue=True)
    assert set(server.manager.rooms["/chat"]) == {None, joined[1]}
    assert (server.manager.callbacks, server.manager.pending_connect, server.manager.pending_disconnect) == ({}, {}, {})
    server.disconnect(joined[1], "/chat")
    assert server.manager.rooms == {}


def test_the_library_still_forgets_what_is_forgotten_here() -> None:
    source = inspect.getsource(socketio.Manager.basic_disconnect)
    assert all(f"self.{kept}" in source for kept in ("rooms", "callbacks", "pending_connect", "pending_disconnect"))
    assert "for room_name, room in self.rooms[namespace].copy().items():" in source
    assert source.count("self.") == 15


def test_a_crowd_leaves_in_no_time() -> None:
    server = socketio.Server(async_mode="threading", client_manager=Roomless(), namespaces=["/chat"])
    crowd = [server.manager.connect(server.manager.pre_connect(str(number), "/chat"), "/chat") for number in range(3_000)]
    began = time.process_time()
    for sid in crowd:
        server.manager.disconnect(sid, "/chat", ignore_queue=True)
    assert time.process_time() - began < 0.5
