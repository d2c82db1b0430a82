"""Tells CloudWatch how many connections an instance has; auto scaling goes by it. Off unless a namespace is configured.

Each process of an instance reports its own connections times the number of these processes, so that the average of all reports is
the average of all instances, and no process need know another. The first report comes after a while: a process that has only just
started says nothing about the load.
"""

import logging
from collections.abc import Callable
from typing import Any

from flask import Flask

from chatx.extensions import background, socketio

METRIC = "SocketsPerInstance"
EVERY_SECONDS = 60

log = logging.getLogger(__name__)


class CloudWatch:
    """`follow` once at the start of a process that serves."""

    def init_app(self, app: Flask) -> None:
        self._namespace: str | None = app.config["CLOUDWATCH_NAMESPACE"]
        self._workers: int = app.config["WORKERS"]

    def follow(self, sockets: Callable[[], int]) -> None:
        """Report how many there are, once a minute from now on, without ever failing."""
        if self._namespace:
            background.spawn(self._report_for_ever, sockets)

    def report(self, client: Any, sockets: int) -> None:
        """One report, through this client of CloudWatch."""
        data = {"MetricName": METRIC, "Value": sockets * self._workers, "Unit": "Count"}
        client.put_metric_data(Namespace=self._namespace, MetricData=[data])

    def _report_for_ever(self, sockets: Callable[[], int]) -> None:
        # Not before eventlet has patched `ssl`, and not at all in a process that reports nothing: it is large.
        from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415

        client = None
        while True:
            socketio.sleep(EVERY_SECONDS)
            try:
                client = client or _client()
                self.report(client, sockets())
            except (BotoCoreError, ClientError) as error:
                log.warning("cloudwatch: not told", extra={"error": type(error).__name__, "reason": str(error)})


def _client() -> Any:
    """Of the region and the role of the instance; gives up long before the next report is due."""
    import boto3  # noqa: PLC0415
    from botocore.config import Config  # noqa: PLC0415

    patience = Config(connect_timeout=3, read_timeout=5, retries={"total_max_attempts": 2})
    return boto3.client("cloudwatch", config=patience)


cloudwatch = CloudWatch()
