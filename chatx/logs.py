"""Logs: one JSON line a request or event. Never message text, tokens or passwords: only what is named here is written."""

import logging
import sys
import time
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import orjson

FIELDS = ("id", "wire", "event", "outcome", "status", "ms", "actor", "device", "method", "path", "error", "where", "reason")

log = logging.getLogger("chatx.calls")


class JsonLines(logging.Formatter):
    """A record as one line of JSON: time, level, message, and those of FIELDS that it has."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "message": record.getMessage(),
        }
        line |= {name: getattr(record, name) for name in FIELDS if getattr(record, name, None) is not None}
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return orjson.dumps(line, default=str).decode()


def set_up(level: str) -> None:
    """Write the house's logs to stderr, and only warnings of the libraries."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.captureWarnings(True)
    logging.getLogger("chatx").setLevel(level)


@dataclass(slots=True)
class Call:
    """One request or event while it runs; `finish` writes its one line."""

    event: str
    wire: str
    outcome: str = "ok"
    began: float = field(default_factory=time.perf_counter)
    facts: dict[str, Any] = field(default_factory=dict)
    _id: str = ""

    @property
    def id(self) -> str:
        """What errors and log lines name it by; made when somebody wants to know."""
        if not self._id:
            self._id = uuid.uuid4().hex
        return self._id

    def finish(self, **facts: Any) -> None:
        """Write the line: what happened, for whom, how long it took, and these facts of FIELDS."""
        if not log.isEnabledFor(logging.INFO):
            return
        took = round((time.perf_counter() - self.began) * 1_000, 1)
        head = {"id": self.id, "wire": self.wire, "event": self.event, "outcome": self.outcome, "ms": took}
        log.info("call", extra=head | self.facts | facts)
