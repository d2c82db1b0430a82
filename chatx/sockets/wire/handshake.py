"""How a WebSocket begins: the answer to its request, and its TCP connection taken over from eventlet's server.

The private part is `eventlet.input`: its reader may hold the client's first frames already. What eventlet does with a
socket after a request, it then does with an empty shell, and its green thread and the WSGI environment end.
`tests/sockets/wire/test_pins.py` pins this.
"""

import base64
import binascii
import hashlib
from typing import Any

from eventlet import patcher, wsgi

from chatx.sockets.wire.connection import Connection, Ear

socket = patcher.original("socket")

GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
VERSION = "13"
HANDLED: tuple[bytes, ...] = ()  # what the library passes on as the answer to a request that we have answered
Environ = dict[str, Any]


def refusal(environ: Environ) -> dict[str, Any] | None:
    """The HTTP answer to what asks for no WebSocket as RFC 6455 has it; None where it does."""
    if environ.get("HTTP_SEC_WEBSOCKET_VERSION") != VERSION and is_asked(environ):
        return _answer("426 Upgrade Required", ("Sec-WebSocket-Version", VERSION))
    if not is_asked(environ) or not _is_key(environ.get("HTTP_SEC_WEBSOCKET_KEY", "")) or "eventlet.input" not in environ:
        return _answer("400 Bad Request")
    return None


def is_asked(environ: Environ) -> bool:
    """Whether the headers ask for a WebSocket at all."""
    tokens = [token.strip() for token in environ.get("HTTP_CONNECTION", "").lower().split(",")]
    return "upgrade" in tokens and environ.get("HTTP_UPGRADE", "").lower() == "websocket"


def connect(environ: Environ, longest_message: int, ear: Ear) -> Connection:
    """Accept it; the green thread that came with the request is not needed any more."""
    sock, beyond = _take_over(environ)
    connection = Connection(sock, longest_message, ear)
    connection.begin(_acceptance(environ), beyond)
    return connection


def _acceptance(environ: Environ) -> bytes:
    accept = base64.b64encode(hashlib.sha1((environ["HTTP_SEC_WEBSOCKET_KEY"] + GUID).encode(), usedforsecurity=False).digest())
    return (
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Accept: " + accept + b"\r\n\r\n"
    )


def _take_over(environ: Environ) -> tuple[Any, bytes]:
    """The system's own socket, which does not block, and what it has read beyond the request."""
    source = environ["eventlet.input"]
    green = source.get_socket()
    green.setblocking(False)
    beyond = source.rfile.peek()
    taken = socket.socket(fileno=green.detach())
    taken.setblocking(False)
    # eventlet's server then sends nothing, and closes what it believes to be the connection.
    wsgi.WSGI_LOCAL.already_handled = True
    return taken, beyond


def _is_key(key: str) -> bool:
    try:
        return len(base64.b64decode(key, validate=True)) == 16
    except (binascii.Error, ValueError):
        return False


def _answer(status: str, *headers: tuple[str, str]) -> dict[str, Any]:
    return {"status": status, "headers": [("Content-Type", "text/plain"), *headers], "response": status.encode()}
