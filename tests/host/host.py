"""One instance as Elastic Beanstalk makes it: what the Procfile starts, told what `.ebextensions` says, behind nginx."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from tests.support.backends import free_port
from tests.support.contract import Contract
from tests.support.launched import Launched
from tests.support.nginx import Nginx, lay_out
from tests.support.people import Cast
from tests.support.server import ROOT

PROCESS = re.compile(r"^([A-Za-z0-9_-]+):\s*(\S.*)$")
IN_ITS_ENVIRONMENT = re.compile(r"^source /var/app/venv/\*/bin/activate && ")


def procfile() -> dict[str, str]:
    """The command of each process, in their order."""
    matches = (PROCESS.match(line) for line in (ROOT / "Procfile").read_text().splitlines())
    return {match[1]: match[2] for match in matches if match}


def beanstalk() -> Iterator[dict[str, Any]]:
    """What each file of `.ebextensions` says."""
    for path in sorted((ROOT / ".ebextensions").glob("*.config")):
        yield yaml.safe_load(path.read_text())


def options(namespace: str) -> dict[str, str]:
    """All options of one namespace."""
    return {name: value for said in beanstalk() for name, value in said.get("option_settings", {}).get(namespace, {}).items()}


class Host(Launched):
    """`start`, `stop` and `process` are the application's; nginx stays until `end`.

    folder: for nginx's files; address: where it and the workers listen.
    """

    def __init__(self, database: str, redis: str, folder: Path, address: str = "127.0.0.1", **settings: str) -> None:
        told = options("aws:elasticbeanstalk:application:environment")
        # The tests' PostgreSQL speaks in the clear.
        super().__init__(database, redis, **told | {"PGSSLMODE": "prefer", "CHATX_HOST": address} | settings)
        workers = int(told["CHATX_WORKERS"])
        port = free_port(workers + 1)
        self.environ |= {"PORT": str(port), "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
        self.address, listens = address, (address, port + workers)
        self.nginx = Nginx(lay_out(folder, *listens, workers=port), listens)
        self.url, self.api = self.nginx.url, f"{self.nginx.url}/api/v1"

    def command(self) -> list[str]:
        return ["/bin/sh", "-c", procfile()["web"]]

    def migrate(self) -> None:
        """As the leader of a deployment does."""
        for said in beanstalk():
            for _, each in sorted(said.get("container_commands", {}).items()):
                command, found = IN_ITS_ENVIRONMENT.subn("", each["command"])
                assert found, each
                subprocess.run(command, shell=True, cwd=ROOT, env=self.environ, check=True, capture_output=True)

    def begin(self) -> "Host":
        """Start nginx and the application."""
        self.nginx.start()
        self.start()
        return self

    def cast(self) -> Cast:
        return Cast(self, Contract(self.url))

    def end(self) -> None:
        for process, stop in ((self.process, self.stop), (self.nginx.process, self.nginx.stop)):
            if process.poll() is None:
                stop()
