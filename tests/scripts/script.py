"""What Elastic Beanstalk is asked and what it answers, in this order; the Stubber refuses anything else."""

from datetime import UTC, datetime, timedelta
from typing import Any

from botocore.stub import ANY, Stubber

BEGIN = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
OLD, NEW = "v11-aaaaaaaaaaaa", "v12-bbbbbbbbbbbb"


class Script:
    """A line each; `name` is the environment that is spoken of."""

    def __init__(self, stubber: Stubber, name: str = "chat-x-staging") -> None:
        self._stubber, self.name, self._time = stubber, name, BEGIN

    def of(self, name: str) -> "Script":
        """The same script, going on about another environment."""
        self.name = name
        return self

    def environment(self, label: str, status: str = "Ready", health: str = "Green") -> "Script":
        return self._asks(
            "describe_environments",
            {"Environments": [self.described(self.name, label, status, health)]},
            EnvironmentNames=[self.name],
            IncludeDeleted=False,
        )

    def no_environment(self) -> "Script":
        return self._asks("describe_environments", {"Environments": []}, EnvironmentNames=[self.name], IncludeDeleted=False)

    def environments(self, *described: dict[str, Any]) -> "Script":
        return self._asks("describe_environments", {"Environments": list(described)}, IncludeDeleted=False)

    def described(self, name: str, label: str, status: str = "Ready", health: str = "Green") -> dict[str, Any]:
        address = f"{name}.eu-west-1.elasticbeanstalk.com"
        known = {"EnvironmentName": name, "Status": status, "Health": health, "CNAME": address, "DateUpdated": BEGIN}
        return known | ({"VersionLabel": label} if label else {})

    def version(self, label: str, status: str = "Processed", **more: Any) -> "Script":
        found = {"VersionLabel": label, "Status": status, **more}
        return self._asks("describe_application_versions", {"ApplicationVersions": [found]}, VersionLabels=[label])

    def no_version(self, label: str) -> "Script":
        return self._asks("describe_application_versions", {"ApplicationVersions": []}, VersionLabels=[label])

    def versions(self, *labels: str) -> "Script":
        """All of them, oldest first."""
        dated = [{"VersionLabel": label, "DateCreated": BEGIN + timedelta(days=day)} for day, label in enumerate(labels)]
        return self._asks("describe_application_versions", {"ApplicationVersions": dated})

    def creates(self, label: str, source: dict[str, str]) -> "Script":
        made = {"VersionLabel": label, "Status": "Processing", "SourceBundle": source}
        return self._asks(
            "create_application_version",
            {"ApplicationVersion": made},
            VersionLabel=label,
            SourceBundle=source,
            Description=ANY,
            Process=True,
            AutoCreateApplication=False,
        )

    def complaints(self, label: str, *messages: str) -> "Script":
        told = [{"Message": message, "Severity": "ERROR"} for message in messages]
        return self._asks("describe_events", {"Events": told}, VersionLabel=label, Severity="WARN")

    def past(self, *messages: str) -> "Script":
        """What was told before a deployment."""
        return self._asks("describe_events", {"Events": self._told("INFO", messages)}, EnvironmentName=self.name, MaxRecords=100)

    def tells(self, *messages: str, severity: str = "INFO") -> "Script":
        """What is told next, as the answer to a look."""
        answer = {"Events": self._told(severity, messages)}
        return self._asks("describe_events", answer, EnvironmentName=self.name, StartTime=ANY)

    def updates(self, label: str) -> "Script":
        answer = self.described(self.name, OLD, "Updating", "Grey")
        return self._asks("update_environment", answer, EnvironmentName=self.name, VersionLabel=label)

    def refuses(self, operation: str, code: str, message: str) -> "Script":
        self._stubber.add_client_error(operation, code, message)
        return self

    def aborts(self) -> "Script":
        self._stubber.add_response("abort_environment_update", {}, {"EnvironmentName": self.name})
        return self

    def causes(self, *causes: str) -> "Script":
        asked = {"EnvironmentName": self.name, "AttributeNames": ["Causes"]}
        self._stubber.add_response("describe_environment_health", {"Causes": list(causes)}, asked)
        return self

    def deploys(self, label: str, before: str = OLD) -> "Script":
        """A deployment in which all goes well, from the first look at the environment to the last."""
        self.environment(before).past("Environment health has transitioned to Ok.").updates(label)
        self.environment(before, "Updating", "Grey")
        self.environment(before, "Updating", "Grey").tells("Environment update is starting.")
        return self.environment(label).tells("Environment update completed successfully.")

    def _told(self, severity: str, messages: tuple[str, ...]) -> list[dict[str, Any]]:
        """Newest first, as Elastic Beanstalk tells it."""
        told = []
        for message in messages:
            self._time += timedelta(seconds=20)
            told.insert(0, {"EventDate": self._time, "Severity": severity, "Message": message})
        return told

    def _asks(self, operation: str, answer: dict[str, Any], **expected: Any) -> "Script":
        self._stubber.add_response(operation, answer, {"ApplicationName": "chat-x", **expected})
        return self
