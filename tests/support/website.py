"""A web server of this machine that counts who connects: pages, and all that a server can do to whoever asks it for one."""

import contextlib
import gzip
import socket
import ssl
import threading
import time
from collections.abc import Callable

Answer = Callable[[socket.socket], None]

PAGE = b"""<!doctype html><html><head><title>The lake</title>
<meta property="og:description" content="Water &amp; more"><meta property="og:site_name" content="Lakes"></head><body></body>"""


def page(body: bytes = PAGE, kind: str = "text/html; charset=utf-8", status: str = "200 OK", **headers: str) -> Answer:
    more = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
    head = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n{more}\r\n"
    return lambda wire: wire.sendall(head.encode() + body)


def to(url: str) -> Answer:
    return page(b"", status="302 Found", Location=url)


def without_end(wire: socket.socket) -> None:
    """A head that never ends, as fast as it is read."""
    wire.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<title>big</title>")
    while True:
        wire.sendall(b"<meta name='x' content='y'>" * 1_000)


def drop_by_drop(wire: socket.socket) -> None:
    """A byte ten times a second, of the head of the answer already."""
    for byte in b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<title>slow</title></head>" * 100:
        wire.sendall(bytes([byte]))
        time.sleep(0.1)


def endless_headers(wire: socket.socket) -> None:
    wire.sendall(b"HTTP/1.1 200 OK\r\n")
    while True:
        wire.sendall(b"X-More: and more\r\n" * 100)


def silence(wire: socket.socket) -> None:
    time.sleep(60)


BOMB = gzip.compress(b"<title>bomb</title>" + b"\0" * 50_000_000)


def echo(path: str) -> Answer:
    """A page that says where it is."""
    return page(f"<title>{path}</title></head>".encode())


class Website:
    """Listens until `close`. pages: what it answers, by path; connections: how many came, whatever they wanted.

    Under /echo/ every page says its own path.
    """

    def __init__(self, pages: dict[str, Answer], host: str = "127.0.0.1", context: ssl.SSLContext | None = None) -> None:
        self.pages, self._context = pages, context
        self.connections = 0
        self.asked: list[tuple[str, str]] = []  # (path, the whole head of the request)
        self._listener = socket.create_server((host, 0), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
        self.host, self.port = self._listener.getsockname()[:2]
        self.place = (self.host, self.port)
        shown = f"[{host}]" if ":" in host else host
        self.url = f"http{'s' if context else ''}://{shown}:{self.port}"
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                wire, _ = self._listener.accept()
                self.connections += 1
                threading.Thread(target=self._answer, args=(wire,), daemon=True).start()

    def _answer(self, wire: socket.socket) -> None:
        with contextlib.suppress(OSError), contextlib.ExitStack() as stack, wire:
            secured = self._context.wrap_socket(wire, server_side=True) if self._context else wire
            stack.enter_context(secured)
            head = b""
            while b"\r\n\r\n" not in head:
                data = secured.recv(65_536)
                if not data:
                    return
                head += data
            path = head.split()[1].decode("latin-1")
            self.asked.append((path, head.decode("latin-1")))
            unknown = echo(path) if path.startswith("/echo/") else page(b"", status="404 Not Found")
            self.pages.get(path, unknown)(secured)
