"""Fetching the page of a link: each hop looked up once, judged by all its addresses, and connected to one of these very ones.

So a name that answers otherwise the next time it is asked wins nothing. No cookies, no credentials, no proxy, and no encoding
of the body: what comes compressed is not read.
"""

import re
import socket
import ssl
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin

import h11

from chatx.extensions import background
from chatx.services.links.address import is_public
from chatx.services.links.target import PORTS, Refused, Target, target_of
from chatx.services.links.wire import Allowance, Line, Secured, Wire
from config import LIMITS, VERSION

MOST_ADDRESSES = 2  # that are tried
PAGES = ("text/html", "application/xhtml+xml")
REDIRECTS = (301, 302, 303, 307, 308)
END_OF_HEAD = re.compile(rb"</head|<body", re.IGNORECASE)

Resolve = Callable[[str, int], Sequence[str]]


@dataclass(frozen=True, slots=True)
class Fetched:
    """A page, up to the end of its head; charset: what its server says, if anything."""

    body: bytes
    charset: str | None


def system_resolver(host: str, port: int) -> Sequence[str]:
    """The addresses of a host, by the system, on a real thread: it cannot be hurried, and must not hold up anybody else."""
    found: list[Any] = background.call(socket.getaddrinfo, host, port, 0, socket.SOCK_STREAM)
    return list(dict.fromkeys(str(place[0]) for *_, place in found))


class Fetcher:
    """allowed: (address, port) that tests run their own servers at; production has none."""

    def __init__(
        self,
        *,
        allowed: frozenset[tuple[str, int]] = frozenset(),
        resolve: Resolve = system_resolver,
        context: ssl.SSLContext | None = None,
    ) -> None:
        self._allowed, self._resolve = allowed, resolve
        self._context = context or ssl.create_default_context()

    def fetch(self, url: str) -> Fetched:
        """The page that it leads to; Refused if there is none that we want."""
        allowance = Allowance(time.monotonic() + LIMITS["link_preview_seconds"], LIMITS["link_preview_bytes"])
        for _ in range(LIMITS["link_preview_redirects"] + 1):
            try:
                found = self._ask(target_of(url), allowance)
            except (OSError, h11.RemoteProtocolError, UnicodeError) as error:
                raise Refused(f"it cannot be had: {type(error).__name__}") from error
            if isinstance(found, Fetched):
                return found
            url = urljoin(url, found)
        raise Refused("it leads on and on")

    def _ask(self, target: Target, allowance: Allowance) -> Fetched | str:
        """The page, or the URL that it redirects to."""
        addresses = self._judged(target)
        for number, address in enumerate(addresses, 1):
            try:
                wire = Wire(address, target.port, allowance)
            except OSError:
                if number == len(addresses):
                    raise
                continue
            with wire:
                line = Secured(wire, self._context, target.host) if target.scheme == "https" else wire
                return _exchange(line, target)
        raise Refused("the host has no address")

    def _judged(self, target: Target) -> Sequence[str]:
        """The addresses of the host, all of which may be asked; one that may not is enough to ask none."""
        addresses = self._resolve(target.host, target.port)
        if not all((address, target.port) in self._allowed for address in addresses):
            if target.port not in PORTS.values():
                raise Refused("the port is another one")
            if not all(is_public(address) for address in addresses):
                raise Refused("the address is not public")
        return addresses[:MOST_ADDRESSES]


def _exchange(line: Line, target: Target) -> Fetched | str:
    """Ask for it, and read no more than what is needed."""
    http = h11.Connection(h11.CLIENT)
    headers = {
        "Host": target.authority,
        "User-Agent": f"Chat-X/{VERSION} (link preview)",
        "Accept": "text/html",
        "Accept-Encoding": "identity",
        "Connection": "close",
    }
    request = h11.Request(method="GET", target=target.path, headers=list(headers.items()))
    line.send((http.send(request) or b"") + (http.send(h11.EndOfMessage()) or b""))
    head = _next(http, line)
    while isinstance(head, h11.InformationalResponse):
        head = _next(http, line)
    if not isinstance(head, h11.Response):
        raise Refused("it says nothing")
    told = {bytes(name).decode("latin-1"): bytes(value).decode("latin-1") for name, value in head.headers}
    if head.status_code in REDIRECTS and "location" in told:
        return told["location"]
    kind, _, more = told.get("content-type", "").partition(";")
    if head.status_code != 200 or kind.strip().lower() not in PAGES:
        raise Refused("it is no page")
    if told.get("content-encoding", "identity").strip().lower() != "identity":
        raise Refused("it is compressed")
    charset = re.search(r"charset\s*=\s*[\"']?([\w-]{1,40})", more, re.IGNORECASE)
    return Fetched(_up_to_the_end_of_its_head(http, line), charset and charset[1])


def _up_to_the_end_of_its_head(http: h11.Connection, line: Line) -> bytes:
    body = bytearray()
    while isinstance(event := _next(http, line), h11.Data):
        looked_at = max(0, len(body) - len(b"</head"))
        body += event.data
        if END_OF_HEAD.search(body, looked_at):
            break
    return bytes(body)


def _next(http: h11.Connection, line: Line) -> Any:
    while (event := http.next_event()) is h11.NEED_DATA:
        http.receive_data(line.receive())
    return event
