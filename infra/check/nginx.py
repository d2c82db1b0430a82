"""nginx on the host: nothing stands twice, times and ports fit the rest, and nginx itself agrees.

A wrong file fails a deployment only after the old version was stopped.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from infra.check import options as of
from infra.check.finding import Finding
from infra.check.nginx_files import Directive, Unreadable, expand, included, parse, walk
from infra.check.settings import Setting, in_files
from infra.check.together import PINGS

FOLDER = ".platform/nginx"
# What may stand more than once in a block; a name that is not among them may not.
REPEATED = {
    "access_log",
    "add_header",
    "allow",
    "deny",
    "env",
    "error_log",
    "error_page",
    "if",
    "include",
    "limit_conn",
    "limit_conn_zone",
    "limit_req",
    "limit_req_zone",
    "listen",
    "load_module",
    "log_format",
    "map",
    "proxy_hide_header",
    "proxy_pass_header",
    "proxy_set_header",
    "return",
    "rewrite",
    "server",
    "set",
    "set_real_ip_from",
    "upstream",
    "geo",
    "location",
}
# Of these the arguments make the difference; in a map, an upstream or a list of types every line is an entry.
BY_ARGUMENTS = {"location", "upstream", "log_format"}
ENTRIES = {"map", "geo", "upstream", "types", "split_clients"}
# What the host's own server block sets where we bring no nginx.conf.
OF_THE_HOST = "client_header_timeout 60; client_body_timeout 60; keepalive_timeout 60; gzip off; gzip_comp_level 4;"


def check(root: Path) -> Iterator[Finding]:
    folder = root / FOLDER
    if not folder.is_dir():
        yield Finding(FOLDER, 0, "is missing: the platform's own nginx takes 1,024 connections and knows one worker.")
        return
    try:
        whole = _whole(folder)
    except Unreadable as error:
        path, line, text = str(error).split(":", 2)
        yield Finding(path, int(line), f"{text.strip()}.")
        return
    for block in walk(whole):
        yield from _duplicates(block)
    yield from _times(root, whole)
    yield from _ports(root, whole)


def _whole(folder: Path) -> list[Directive]:
    """All of it in one tree, as `include` puts it together."""
    if (folder / "nginx.conf").exists():
        return expand(parse((folder / "nginx.conf").read_text(), f"{FOLDER}/nginx.conf"), folder, FOLDER)
    server = parse(OF_THE_HOST, "the host's nginx.conf") + included(folder, "conf.d/elasticbeanstalk/*.conf", FOLDER)
    http = included(folder, "conf.d/*.conf", FOLDER)
    if not (folder / "conf.d/elasticbeanstalk/00_application.conf").exists():
        server += parse("location / { }", "the host's 00_application.conf")
    return [Directive(["http"], FOLDER, 0, [*http, Directive(["server"], FOLDER, 0, server)])]


def _duplicates(block: list[Directive]) -> Iterator[Finding]:
    first: dict[str, Directive] = {}
    for directive in block:
        if directive.block is not None and directive.name in ENTRIES:
            directive.block = []
        if directive.name in REPEATED - BY_ARGUMENTS:
            continue
        key = " ".join(directive.words[:2] if directive.name == "log_format" else directive.words)
        key = key if directive.name in BY_ARGUMENTS else directive.name
        if key in first:
            there = f"{first[key].path}:{first[key].line}"
            yield Finding(directive.path, directive.line, f"{key} is there twice: also in {there}. nginx would not start.")
        first.setdefault(key, directive)


def _times(root: Path, whole: list[Directive]) -> Iterator[Finding]:
    idle = _number(root, of.BALANCER, "IdleTimeout") or 60
    pings = PINGS.search((root / "config.py").read_text())
    quiet = sum(map(int, pings.groups())) if pings else 45
    # (directive, what it must be longer than, and why)
    limits = {
        "keepalive_timeout": (idle, "IdleTimeout {}, or the balancer meets closed connections"),
        "proxy_read_timeout": (quiet, "a socket may be quiet, {} seconds by config.py"),
    }
    for directive in (directive for block in walk(whole) for directive in block):
        most, why = limits.get(directive.name, (-1, ""))
        if directive.seconds is not None and 0 < directive.seconds <= most:
            text = f"{directive.name} {directive.seconds} must be longer than {why.format(most)}."
            yield Finding(directive.path, directive.line, text)


def _ports(root: Path, whole: list[Directive]) -> Iterator[Finding]:
    """Every worker that .ebextensions start is one that nginx knows."""
    port, workers = _number(root, of.PROPERTIES, "PORT") or 8000, _number(root, of.PROPERTIES, "CHATX_WORKERS") or 1
    started = set(range(port, port + workers))
    text = "\n".join(file.read_text() for file in sorted((root / FOLDER).rglob("*.conf")))
    known = set(map(int, re.findall(r"\b127\.0\.0\.1:(\d+)", text)))
    if known != started:
        shown = [" and ".join(map(str, sorted(ports))) or "none" for ports in (known, started)]
        yield Finding(FOLDER, 0, f"sends to the ports {shown[0]}, but .ebextensions start workers on {shown[1]}.")


def _number(root: Path, namespace: str, option: str) -> int | None:
    found: list[Setting] = [each for each in in_files(root) if (each.namespace, each.option) == (namespace, option)]
    return int(found[0].values[0]) if found and found[0].values and found[0].values[0].isdecimal() else None
