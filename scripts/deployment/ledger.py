"""What happened in an environment, label by label: Elastic Beanstalk forgets it, and going back needs to know it."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import ClientError

from scripts.deployment.names import ledger_key
from scripts.deployment.trouble import Refused

ATTEMPTS = 5
DEPLOYED, PASSED, LEFT = "deployed", "passed", "left"
NOT_THERE = ("NoSuchKey", "404")


@dataclass(frozen=True)
class Entry:
    """deployed: the environment ran it in good health; passed: two people could talk; left: it was rolled back from."""

    at: str
    what: str
    label: str


class Ledger:
    """The entries of one environment, a JSON line each in the bucket of the bundles."""

    def __init__(self, s3: Any, bucket: str, environment: str) -> None:
        self._s3, self._place, self.environment = s3, {"Bucket": bucket, "Key": ledger_key(environment)}, environment

    def entries(self) -> list[Entry]:
        return self._read()[0]

    def note(self, what: str, label: str) -> None:
        """Append an entry, also when somebody else appends one at the same moment."""
        for left in reversed(range(ATTEMPTS)):
            entries, condition = self._read()
            entries.append(Entry(datetime.now(UTC).isoformat(timespec="seconds"), what, label))
            lines = "".join(json.dumps(asdict(entry)) + "\n" for entry in entries)
            try:
                self._s3.put_object(**self._place, Body=lines.encode(), ContentType="application/jsonl", **condition)
                return
            except ClientError as error:
                if error.response["Error"]["Code"] not in ("PreconditionFailed", "ConditionalRequestConflict") or not left:
                    raise

    def has_passed(self, label: str) -> bool:
        return label in trusted(self.entries())

    def before(self, label: str) -> str:
        """The label to go back to from this one: the last that ran, that passed, and that nobody went back from since."""
        entries = self.entries()
        good = trusted(entries)
        for entry in reversed(entries):
            if entry.what == DEPLOYED and entry.label != label and entry.label in good:
                return entry.label
        raise Refused(
            f"No label but {label or 'this one'} ever passed its smoke test in {self.environment}, so there is nothing to go "
            "back to. `deploy` one that you trust."
        )

    def _read(self) -> tuple[list[Entry], dict[str, str]]:
        """The entries, and the condition under which they may be written again."""
        try:
            found = self._s3.get_object(**self._place)
        except ClientError as error:
            if error.response["Error"]["Code"] in NOT_THERE:
                return [], {"IfNoneMatch": "*"}
            raise
        return [Entry(**json.loads(line)) for line in found["Body"].read().splitlines()], {"IfMatch": found["ETag"]}


def trusted(entries: Iterable[Entry]) -> set[str]:
    """The labels that passed, and were not left after that."""
    good: set[str] = set()
    for entry in entries:
        if entry.what == PASSED:
            good.add(entry.label)
        elif entry.what == LEFT:
            good.discard(entry.label)
    return good
