"""Application versions: bundles that Elastic Beanstalk has looked through, each under a label that never changes its content."""

import base64
from typing import Any

from botocore.exceptions import ClientError

from scripts.deployment.aws import Aws, Patience
from scripts.deployment.bundle import Bundle
from scripts.deployment.events import Say
from scripts.deployment.names import bundle_key
from scripts.deployment.trouble import Refused, TimedOut, Unprocessed


class Versions:
    """The versions of one application."""

    def __init__(self, aws: Aws, application: str) -> None:
        self.aws, self.application = aws, application

    def publish(self, bundle: Bundle, bucket: str, patience: Patience, say: Say) -> None:
        """Bring a bundle to where environments can take it from; again is harmless, other content is refused."""
        source = {"S3Bucket": bucket, "S3Key": bundle_key(bundle.label)}
        self._upload(bundle, bucket, source["S3Key"], say)
        version = self._find(bundle.label) or self._create(bundle, source)
        if version.get("SourceBundle") != source:
            raise Refused(f"{bundle.label} exists and has another source, {version.get('SourceBundle')}.")
        say("Elastic Beanstalk looks through it")
        for _ in patience:
            if self._is_processed(self._find(bundle.label) or version):
                return say(f"{bundle.label} is published")
        raise TimedOut(
            f"Elastic Beanstalk still looks through {bundle.label} after {patience.seconds:.0f} s; publish it again later."
        )

    def must_be_processed(self, label: str) -> None:
        """Refuse to deploy what Elastic Beanstalk has not looked through."""
        version = self._find(label)
        if version is None:
            newest = ", ".join(self._newest(5)) or "none at all"
            raise Refused(f"There is no version {label}; the newest are {newest}. `publish` makes one.")
        if not self._is_processed(version):
            raise Refused(f"{label} is {version['Status']}; `publish` it, which waits until it is Processed.")

    def _upload(self, bundle: Bundle, bucket: str, key: str, say: Say) -> None:
        """S3 checks what arrives against the hash, and keeps what is there already."""
        digest = base64.b64encode(bytes.fromhex(bundle.sha256)).decode()
        try:
            with bundle.path.open("rb") as body:
                self.aws.s3.put_object(
                    Bucket=bucket,
                    Key=key,
                    Body=body,
                    ChecksumSHA256=digest,
                    Metadata={"sha256": bundle.sha256},
                    IfNoneMatch="*",
                )
            say(f"uploaded to s3://{bucket}/{key}")
        except ClientError as error:
            if error.response["Error"]["Code"] != "PreconditionFailed":
                raise
            there = self.aws.s3.head_object(Bucket=bucket, Key=key)["Metadata"].get("sha256")
            if there != bundle.sha256:
                raise Refused(f"{bundle.label} is taken: s3://{bucket}/{key} has sha256 {there}, not {bundle.sha256}.") from error
            say(f"s3://{bucket}/{key} is there already")

    def _create(self, bundle: Bundle, source: dict[str, str]) -> dict[str, Any]:
        """Process=True: its .ebextensions are validated now, not in the middle of a deployment."""
        created = self.aws.beanstalk.create_application_version(
            ApplicationName=self.application,
            VersionLabel=bundle.label,
            Description=f"commit {bundle.commit} sha256 {bundle.sha256}",
            SourceBundle=source,
            AutoCreateApplication=False,
            Process=True,
        )
        return dict(created["ApplicationVersion"])

    def _is_processed(self, version: dict[str, Any]) -> bool:
        # The documents write the statuses in several ways.
        status = version["Status"].lower()
        if status == "failed":
            raise Unprocessed(
                f"Elastic Beanstalk does not accept {version['VersionLabel']}. {self._complaints(version['VersionLabel'])}"
            )
        return bool(status == "processed")

    def _complaints(self, label: str) -> str:
        """What was said about a label, oldest first."""
        told = self.aws.beanstalk.describe_events(ApplicationName=self.application, VersionLabel=label, Severity="WARN")["Events"]
        return " ".join(event["Message"] for event in reversed(told)) or "It does not say why; look into .ebextensions."

    def _find(self, label: str) -> dict[str, Any] | None:
        found = self.aws.beanstalk.describe_application_versions(ApplicationName=self.application, VersionLabels=[label])
        return next(iter(found["ApplicationVersions"]), None)

    def _newest(self, number: int) -> list[str]:
        found = self.aws.beanstalk.describe_application_versions(ApplicationName=self.application)["ApplicationVersions"]
        newest_first = sorted(found, key=lambda version: version["DateCreated"], reverse=True)
        return [version["VersionLabel"] for version in newest_first[:number]]
