"""The files that make a host: accepted by nginx as it will read them, and of one mind with each other and with the code."""

import contextlib
import re
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from config import LIMITS, Config
from tests.host.host import options, procfile
from tests.support.backends import free_port
from tests.support.nginx import PLATFORM, Nginx, check, lay_out
from tests.support.server import ROOT

HTTP = (PLATFORM / "conf.d" / "chatx.conf").read_text()
SERVER = (PLATFORM / "conf.d" / "elasticbeanstalk" / "00_application.conf").read_text()
MAIN = (PLATFORM / "nginx.conf").read_text()
ELB_IDLE_SECONDS = 60  # unless an option says otherwise


def number(directive: str, text: str) -> int:
    """The one value of a directive, without its unit."""
    (value,) = set(re.findall(rf"^\s*{directive} (\d+)\w?;", text, re.MULTILINE))
    return int(value)


def test_nginx_accepts_them() -> None:
    assert check() == []


@pytest.mark.parametrize(
    ("path", "line", "told"),
    [
        ("conf.d/elasticbeanstalk/00_application.conf", "location / {}", "duplicate location"),
        ("conf.d/elasticbeanstalk/more.conf", "keepalive_timeout 30s;", "directive is duplicate"),
        ("conf.d/elasticbeanstalk/more.conf", "upstream other { server 127.0.0.1:9; }", "is not allowed here"),
        ("conf.d/more.conf", "upstream chatx { server 127.0.0.1:9; }", "duplicate upstream"),
        ("conf.d/more.conf", "proxy_red_timeout 1s;", "unknown directive"),
        ("nginx.conf", "events {}", "directive is duplicate"),
    ],
)
def test_nginx_refuses_what_would_fail_a_deployment(path: str, line: str, told: str, tmp_path: Path) -> None:
    platform = shutil.copytree(PLATFORM, tmp_path / "nginx")
    with (platform / path).open("a") as file:
        file.write(f"\n{line}\n")
    (fault, *_) = check(platform)
    assert "[emerg]" in fault
    assert told in fault


def test_nginx_knows_every_worker_and_no_other() -> None:
    told = options("aws:elasticbeanstalk:application:environment")
    ports = [str(int(told["PORT"]) + number) for number in range(int(told["CHATX_WORKERS"]))]
    upstreams = {
        name: re.findall(r"server 127\.0\.0\.1:(\d+)", body)
        for name, body in re.findall(r"upstream (\w+) {(.*?)}", HTTP, re.DOTALL)
    }
    assert upstreams == {"chatx": ports} | {f"chatx_w{number}": [port] for number, port in enumerate(ports)}
    routes = re.findall(r'"~\^(w\d+)-" (\w+);', HTTP)
    assert routes == [(f"w{number}", f"chatx_w{number}") for number in range(len(ports))]
    assert len(re.findall(r"server 127\.0\.0\.1:\d+ max_fails=0;", HTTP)) == 2 * len(ports)
    assert told["CHATX_HOST"] == "127.0.0.1"


def test_it_includes_what_elastic_beanstalk_generates() -> None:
    assert re.search(r"^    include conf\.d/\*\.conf;$", MAIN, re.MULTILINE)
    assert re.search(r"^        include conf\.d/elasticbeanstalk/\*\.conf;$", MAIN, re.MULTILINE)


def test_each_waits_longer_than_what_it_waits_for() -> None:
    """A socket is quiet for a ping and its answer; and who is in front hangs up first, or it would meet a closed connection."""
    quiet = Config.PING_INTERVAL + Config.PING_TIMEOUT
    assert quiet < number("proxy_read_timeout", SERVER) == number("proxy_send_timeout", SERVER)
    idle = int(options("aws:elbv2:loadbalancer").get("IdleTimeout", ELB_IDLE_SECONDS))
    assert quiet < idle < number("keepalive_timeout", MAIN)
    (kept,) = re.findall(r"^KEEPALIVE_SECONDS = (\d+)", (ROOT / "wsgi.py").read_text(), re.MULTILINE)
    assert int(kept) > 60  # how long nginx keeps an idle connection to a worker
    assert "keepalive_timeout" not in HTTP


def test_there_is_room_for_what_the_application_takes() -> None:
    assert number("client_max_body_size", SERVER) << 20 > LIMITS["body_bytes"]
    assert number("worker_connections", MAIN) >= 2 * number("limit_conn chatx_clients", SERVER)
    assert number("worker_rlimit_nofile", MAIN) > 2 * number("worker_connections", MAIN)


def test_the_procfile_is_one_that_elastic_beanstalk_reads() -> None:
    lines = (ROOT / "Procfile").read_text().splitlines()
    assert list(procfile()) == ["web", "worker"]
    assert len(lines) == 2
    assert all(command.startswith("exec ") for command in procfile().values())  # so that signals reach Python


@pytest.fixture
def deaf() -> Iterator[socket.socket]:
    """An application that never answers."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(64)
        yield listener


def test_one_address_cannot_take_all_connections(deaf: socket.socket, tmp_path: Path) -> None:
    platform = shutil.copytree(PLATFORM, tmp_path / "nginx")
    for path in platform.rglob("*.conf"):
        path.write_text(path.read_text().replace("chatx_clients 4000;", "chatx_clients 3;").replace(":8001", ":8000"))
    port = free_port()
    etc = lay_out(tmp_path / "etc", port=port, workers=deaf.getsockname()[1], platform=platform)
    proxy = Nginx(etc, ("127.0.0.1", port)).start()
    with contextlib.ExitStack() as open_wires:
        open_wires.callback(proxy.stop)
        for client in ["192.0.2.1"] * 3 + ["192.0.2.2"]:
            wire = open_wires.enter_context(socket.create_connection(proxy.listens))
            # As the balancer would; what a client says of itself stands before what that adds.
            wire.sendall(f"GET /healthz HTTP/1.1\r\nHost: chat\r\nX-Forwarded-For: 10.0.0.1, {client}\r\n\r\n".encode())
            open_wires.enter_context(deaf.accept()[0])  # it is passed on
        refused = requests.get(f"{proxy.url}/healthz", headers={"X-Forwarded-For": "192.0.2.2, 192.0.2.1"}, timeout=5)
    assert refused.status_code == 429
