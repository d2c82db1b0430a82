"""AWS as moto plays it: S3, Secrets Manager, SNS, CloudWatch and more, on a port of this machine."""

import contextlib
import subprocess
import sys
import time
from typing import Any

import boto3
import requests

from tests.support.backends import free_port

LONGEST_START = 30
KEYS = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing"}


class Aws:
    """`environ` is what makes another process take it for AWS; `client` is the test's own way in."""

    region = "eu-west-1"

    def __init__(self) -> None:
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        self.environ = {
            "AWS_ENDPOINT_URL": self.url,
            "AWS_DEFAULT_REGION": self.region,
            "AWS_ACCESS_KEY_ID": KEYS["aws_access_key_id"],
            "AWS_SECRET_ACCESS_KEY": KEYS["aws_secret_access_key"],
        }
        command = [sys.executable, "-W", "ignore", "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + LONGEST_START
        while time.monotonic() < deadline and self._process.poll() is None:
            with contextlib.suppress(requests.ConnectionError):
                if requests.get(f"{self.url}/moto-api/data.json", timeout=5).ok:
                    return
            time.sleep(0.02)
        raise AssertionError("moto's server did not start")

    def client(self, service: str) -> Any:
        """boto3's client of one service."""
        return boto3.client(service, endpoint_url=self.url, region_name=self.region, **KEYS)

    def forget(self) -> None:
        """Everything that was made in it."""
        requests.post(f"{self.url}/moto-api/reset", timeout=10).raise_for_status()

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(10)
