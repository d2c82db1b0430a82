"""Whether a client hangs up while its request waits: eventlet's server would notice only when it answers."""

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from eventlet.hubs import get_hub


@contextmanager
def heard_hanging_up(environ: dict[str, Any], then: Callable[[], None]) -> Iterator[None]:
    """Call `then`, from the loop, when the client of this request hangs up within the block."""
    sock, hub = environ["eventlet.input"].get_socket(), get_hub()

    def readable(_: int) -> None:
        try:
            left = not sock.fd.recv(1, socket.MSG_PEEK)
        except OSError as error:
            left = not isinstance(error, BlockingIOError)
        if left:
            then()
        # Otherwise it is the next request already, which has to wait for its turn.
        hub.remove(listener)

    listener = hub.add(hub.READ, sock.fileno(), readable, lambda _: None, None)
    try:
        yield
    finally:
        if hub.listeners[hub.READ].get(listener.fileno) is listener:
            hub.remove(listener)
