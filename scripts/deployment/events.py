"""What Elastic Beanstalk tells of an environment while it changes."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import click

from scripts.deployment.names import Target

Say = Callable[[str], None]
COLOURS = {"WARN": "yellow", "ERROR": "red", "FATAL": "red"}
BAD = ("ERROR", "FATAL")
AT_ONCE = 100


class Events:
    """The events of one environment from now on: by the clock of Elastic Beanstalk, whatever ours says."""

    def __init__(self, beanstalk: Any, target: Target) -> None:
        self._beanstalk, self._target = beanstalk, target
        newest = self._ask(MaxRecords=AT_ONCE)["Events"]
        self._since: datetime | None = newest[0]["EventDate"] if newest else None
        self._known = {_key(event) for event in newest}
        self.bad: list[str] = []

    def tell_new(self, say: Say) -> None:
        """Say those that were not said yet, oldest first, and keep the bad ones."""
        for event in reversed(self._all_since()):
            if _key(event) in self._known:
                continue
            self._known.add(_key(event))
            self._since = event["EventDate"]
            severity = event["Severity"]
            say(click.style(f"{event['EventDate']:%H:%M:%S}  {severity:<5}  {event['Message']}", fg=COLOURS.get(severity)))
            if severity in BAD:
                self.bad.append(event["Message"])

    def _all_since(self) -> list[dict[str, Any]]:
        """Newest first, with those of the last moment that was seen, since several can share it."""
        start = {"StartTime": self._since} if self._since else {}
        page = self._ask(**start)
        events = list(page["Events"])
        while token := page.get("NextToken"):
            page = self._ask(**start, NextToken=token)
            events += page["Events"]
        return events

    def _ask(self, **more: Any) -> dict[str, Any]:
        names = {"ApplicationName": self._target.application, "EnvironmentName": self._target.name}
        return dict(self._beanstalk.describe_events(**names, **more))


def _key(event: dict[str, Any]) -> tuple[Any, ...]:
    return event["EventDate"], event["Severity"], event["Message"]
