"""A launcher and its workers, as many as CHATX_WORKERS says, on as many ports."""

import copy
import time

import psutil
import requests

from tests.support.server import LONGEST_START, Server


class Launched(Server):
    """`url` is that of the first worker, until somebody puts a proxy in front of them."""

    address, anew = "127.0.0.1", True

    def start(self) -> "Launched":
        """Start, and wait until all workers are ready."""
        super().start()
        deadline = time.monotonic() + LONGEST_START
        while not all(map(self.serves, range(int(self.environ["CHATX_WORKERS"])))):
            assert time.monotonic() < deadline, f"not all serve:\n{self.log()}"
            time.sleep(0.02)
        return self

    def workers(self) -> dict[int, psutil.Process]:
        """Those that run, by their numbers."""
        running = psutil.Process(self.process.pid).children()
        return {int(each.environ()["CHATX_WORKER_NUMBER"]): each for each in running}

    def worker(self, number: int) -> Server:
        """The same server, as one who speaks to this worker alone sees it."""
        alone = copy.copy(self)
        alone.url = f"http://{self.address}:{int(self.environ['PORT']) + number}"
        alone.api = f"{alone.url}/api/v1"
        return alone

    def serves(self, number: int) -> bool:
        try:
            return requests.get(f"{self.worker(number).url}/readyz", timeout=5).status_code == 200
        except requests.ConnectionError:
            return False
