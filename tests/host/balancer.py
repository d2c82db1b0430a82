"""A load balancer as AWS's is to us: a cookie keeps a client on its host, and a host that leaves gets nothing new."""

import time
from collections.abc import Iterable
from pathlib import Path

import requests

from tests.host.host import Host
from tests.support.backends import free_port
from tests.support.nginx import Nginx

CONFIGURATION = """
worker_processes 1;
worker_rlimit_nofile 65536;
error_log log/error.log warn;
pid nginx.pid;
events {{ worker_connections 8192; }}
http {{
    access_log off;
    map $http_upgrade $hop {{ default upgrade; "" ""; }}
    upstream hosts {{
        sticky cookie AWSALB expires=1d path=/;
        {servers}
        keepalive 32;
    }}
    server {{
        listen {address}:{port};
        location = /hosts {{ return 200 "{hosts}"; }}
        location / {{
            proxy_pass http://hosts;
            proxy_http_version 1.1;
            proxy_set_header Host $http_host;
            proxy_set_header Upgrade $http_upgrade;
            proxy_set_header Connection $hop;
            proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
            proxy_set_header X-Forwarded-Proto $scheme;
            proxy_read_timeout 120s;
            proxy_next_upstream off;
        }}
    }}
}}
"""


class Balancer(Nginx):
    """Stands for all its hosts to those who ask: it has their `url` and `api`."""

    def __init__(self, folder: Path, *hosts: Host) -> None:
        super().__init__(folder, ("127.0.0.1", free_port()))
        self.api = f"{self.url}/api/v1"
        (folder / "log").mkdir(parents=True)
        self._write(hosts)

    def sends_to(self, *hosts: Host) -> None:
        """From now on to these alone; what goes to another one already goes on until that ends it."""
        self._write(hosts)
        self.reload()
        while requests.get(f"{self.url}/hosts", timeout=5).text != _names(hosts):
            time.sleep(0.02)

    def _write(self, hosts: Iterable[Host]) -> None:
        address, port = self.listens
        servers = " ".join("server {}:{} max_fails=0;".format(*host.nginx.listens) for host in hosts)
        text = CONFIGURATION.format(servers=servers, hosts=_names(hosts), address=address, port=port)
        (self.folder / "nginx.conf").write_text(text)


def _names(hosts: Iterable[Host]) -> str:
    return " ".join(host.url for host in hosts)
