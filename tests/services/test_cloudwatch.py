"""What auto scaling goes by: whoever serves counts its connections in CloudWatch, as moto plays it, and never stops for it."""

import datetime
import os
import subprocess
import sys
import time
from pathlib import Path

from tests.support.aws import Aws
from tests.support.backends import Postgres, Redis
from tests.support.contract import Contract
from tests.support.people import Cast
from tests.support.server import ROOT, Server

LONGEST = 30


class Hurried(Server):
    """The server, reporting ten times a second."""

    def __init__(self, folder: Path, database_url: str, redis_url: str | None = None, **settings: str) -> None:
        super().__init__(database_url, redis_url, **settings, PYTHONPATH=str(ROOT))
        self.script = str(folder / "hurried.py")
        Path(self.script).write_text(
            "import wsgi\nfrom chatx.services import cloudwatch\ncloudwatch.EVERY_SECONDS = 0.1\nwsgi.serve()\n"
        )


def reported(aws: Aws, namespace: str) -> list[float]:
    """(smallest, average, largest) that were reported today."""
    now = datetime.datetime.now(datetime.UTC)
    days = {"StartTime": now - datetime.timedelta(days=1), "EndTime": now + datetime.timedelta(days=1), "Period": 172_800}
    wanted = {"Namespace": namespace, "MetricName": "SocketsPerInstance", "Statistics": ["Minimum", "Average", "Maximum"], **days}
    points = aws.client("cloudwatch").get_metric_statistics(**wanted)["Datapoints"]
    return [points[0][name] for name in ("Minimum", "Average", "Maximum")] if points else []


def eventually(condition) -> None:
    deadline = time.monotonic() + LONGEST
    while not condition():
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.05)


def test_connections_are_counted_for_the_whole_instance(
    aws: Aws, postgres: Postgres, redis_server: Redis, tmp_path: Path
) -> None:
    # One of two processes of an instance, each with its own three as far as this one knows.
    one_of_two = {"CHATX_WORKERS": "2", "CHATX_WORKER_NUMBER": "0", "CHATX_CLOUDWATCH_NAMESPACE": "chat-x/test"}
    server = Hurried(tmp_path, postgres.new_database(), redis_server.url, **one_of_two, **aws.environ).start()
    cast = Cast(server, Contract(server.url))
    for name in ("alice", "bob", "carol"):
        cast.person(name).live()
    eventually(lambda: reported(aws, "chat-x/test")[2:] == [6])
    cast.goodbye()
    assert server.stop() == 0
    assert "Traceback" not in server.log()


def test_a_server_whose_reports_fail_goes_on_serving_and_says_why(fresh_sqlite: str, tmp_path: Path) -> None:
    nowhere = {"AWS_ENDPOINT_URL": "http://127.0.0.1:9", "AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x"}
    settings = {"CHATX_CLOUDWATCH_NAMESPACE": "chat-x/test", "AWS_DEFAULT_REGION": "eu-west-1", **nowhere}
    server = Hurried(tmp_path, fresh_sqlite, **settings).start()
    eventually(lambda: [line for line in server.log_lines() if line["message"] == "cloudwatch: not told"][1:])
    cast = Cast(server, Contract(server.url))
    cast.person("alice").live()
    cast.goodbye()
    assert server.stop() == 0
    told = next(line for line in server.log_lines() if line["message"] == "cloudwatch: not told")
    assert (told["level"], told["error"]) == ("warning", "EndpointConnectionError")


def test_without_a_namespace_nothing_is_reported_and_the_client_of_aws_is_not_even_loaded(fresh_sqlite: str) -> None:
    script = (
        "import config, eventlet\neventlet.monkey_patch()\nimport sys\nfrom chatx import create_app\n"
        "from chatx.services.cloudwatch import cloudwatch\ncreate_app()\ncloudwatch.follow(lambda: 1 / 0)\neventlet.sleep(0)\n"
        "print('boto3' in sys.modules)"
    )
    environ = {**os.environ, "CHATX_DATABASE_URL": fresh_sqlite, "PYTHONWARNINGS": "ignore"}
    ran = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, env=environ, capture_output=True, text=True, timeout=60, check=True
    )
    assert ran.stdout.strip() == "False"
