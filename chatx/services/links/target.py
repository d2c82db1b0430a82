"""What a link asks for: its parts, in the one spelling that is looked up, connected to, asked for and verified."""

import re
from dataclasses import dataclass
from ipaddress import IPv6Address
from urllib.parse import quote, urlsplit

PORTS = {"http": 80, "https": 443}
LONGEST_URL = 2_048
LONGEST_HOST = 253
NAME = re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*")
# White space, controls and the backslash: what some read as the end of a URL, or of a host, and others do not.
ODD = re.compile(r"[\x00-\x20\x7f-\xa0\\\u2028\u2029]")
# Left as it is in a path or query; all else is written in percents.
PLAIN = "/:?&=%~+!$,;'@()*[]"


class Refused(Exception):
    """This is not fetched, for the reason that stands here."""


@dataclass(frozen=True, slots=True)
class Target:
    """host: a name in ASCII, or an address; path: with the query."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def authority(self) -> str:
        """For the header Host."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"


def target_of(url: str) -> Target:
    """The parts of a link over HTTP; Refused if it is none, or one that two readers could read otherwise."""
    if len(url) > LONGEST_URL or ODD.search(url):
        raise Refused("the URL is too long, or odd")
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise Refused("the URL cannot be read") from error
    if parts.scheme not in PORTS:
        raise Refused("the scheme is another one")
    if "@" in parts.netloc:
        raise Refused("the URL names a user")
    path = quote(parts.path or "/", PLAIN) + (f"?{quote(parts.query, PLAIN)}" if parts.query else "")
    return Target(parts.scheme, _spelt(host), PORTS[parts.scheme] if port is None else port, path)


def _spelt(host: str) -> str:
    """The host in ASCII. Numbers in any spelling stay what they are: they are judged by the address that they lead to."""
    if "%" in host:
        raise Refused("the host names an interface, or is written in percents")
    try:
        if ":" in host:
            return str(IPv6Address(host))
        if host.isascii():
            name = host.removesuffix(".")
        else:
            name = host[:LONGEST_HOST].encode("idna").decode("ascii").lower().removesuffix(".")
    except ValueError as error:
        raise Refused("the host cannot be read") from error
    if len(name) > LONGEST_HOST or not NAME.fullmatch(name):
        raise Refused("the host cannot be read")
    return name
