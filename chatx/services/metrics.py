"""Metrics: every figure that an operator can watch, by name. Each process counts for itself; Prometheus adds them up.

`prometheus_client` writes them down. Counting is ours, since its counters take a lock each time, which a green thread feels.
"""

import logging
import time
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.registry import Collector

from config import VERSION

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5)
LATE = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60, 300, 3_600)
SIZES = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512)

log = logging.getLogger(__name__)


class Count:
    """Rises; one figure for each value of its labels."""

    def __init__(self, name: str, help: str, *labels: str) -> None:
        self._name, self._help, self._labels = name, help, labels
        self._figures: dict[tuple[str, ...], int] = {}

    def add(self, number: int, *labels: str) -> None:
        self._figures[labels] = self._figures.get(labels, 0) + number

    def family(self) -> CounterMetricFamily:
        family = CounterMetricFamily(self._name, self._help, labels=self._labels)
        for labels, figure in list(self._figures.items()):
            family.add_metric(labels, figure)
        return family


class Spread:
    """How something that is measured is spread over these bounds; for each value of its label."""

    def __init__(self, name: str, help: str, label: str, bounds: tuple[float, ...]) -> None:
        self._name, self._help, self._label, self._bounds = name, help, label, bounds
        self._seen: dict[str, list[int]] = {}
        self._sums: dict[str, float] = {}

    def see(self, value: float, label: str, times: int = 1) -> None:
        seen = self._seen.get(label)
        if seen is None:
            seen = self._seen[label] = [0] * (len(self._bounds) + 1)
            self._sums[label] = 0.0
        seen[bisect_left(self._bounds, value)] += times
        self._sums[label] += value * times

    def family(self) -> HistogramMetricFamily:
        family = HistogramMetricFamily(self._name, self._help, labels=[self._label])
        for label, seen in list(self._seen.items()):
            family.add_metric([label], list(self._cumulated(seen)), self._sums[label])
        return family

    def _cumulated(self, seen: list[int]) -> Iterator[tuple[str, float]]:
        total = 0
        for bound, number in zip((*map(str, self._bounds), "+Inf"), seen, strict=True):
            total += number
            yield bound, total


class Watched:
    """Read when somebody looks; counts nothing itself. rises: since the process began."""

    def __init__(self, name: str, help: str, *, rises: bool = False) -> None:
        self._name, self._help, self._rises = name, help, rises
        self._read: Callable[[], float] | None = None

    def by(self, read: Callable[[], float]) -> None:
        """Read it by this from now on."""
        self._read = read

    def family(self) -> Any:
        return (CounterMetricFamily if self._rises else GaugeMetricFamily)(self._name, self._help, value=self._value())

    def _value(self) -> float | None:
        try:
            return None if self._read is None else self._read()
        except Exception as error:
            # What it is read from is away; the other figures tell of it.
            log.warning("metrics: cannot be read", extra={"event": self._name, "error": type(error).__name__})
            return None


class Metrics(Collector):
    """All there are."""

    def __init__(self) -> None:
        self.call_seconds = Spread("chatx_call_seconds", "From a call's arrival to its answer.", "event", SECONDS)
        self.errors = Count("chatx_call_errors", "Calls that were answered with an error.", "event", "code")
        self.batch_size = Spread("chatx_batch_size", "How many calls, or due timers, shared a commit.", "event", SIZES)
        self.rate_limited = Count("chatx_rate_limited", "Calls that were refused because a rate was used up.", "bucket")
        self.syncs = Count("chatx_syncs", "fresh: began; filled: every hole; reset: a hole could not be.", "result")
        self.timer_lateness = Spread("chatx_timer_lateness_seconds", "How late due timers were done.", "kind", LATE)
        self.timers_failed = Count("chatx_timers_failed", "Due timers that failed, and come again.", "kind")
        self.timers_overdue = Watched("chatx_timers_overdue_seconds", "How long the longest due timer waits, of all workers.")
        self.connections = Watched("chatx_sockets_connected", "Sockets in the chat's namespace here.")
        self.deliveries = Watched("chatx_deliveries", "Changes and signals that were handed to a socket.", rises=True)
        self.outbox = Watched("chatx_publish_outbox", "Committed events that wait for Redis.")
        self.database = Watched("chatx_database_connections", "Connections to the database in use.")
        self._turn = Watched("chatx_loop_turn_seconds", "How long all that was ready took, before this was read.")
        self._turn.by(_one_turn)
        self._registry = CollectorRegistry()
        self._registry.register(self)
        ProcessCollector(registry=self._registry)

    @property
    def registry(self) -> CollectorRegistry:
        """What prometheus_client shows."""
        return self._registry

    def collect(self) -> Iterable[Any]:
        version = GaugeMetricFamily("chatx_build", "The version that runs.", labels=["version"])
        version.add_metric([VERSION], 1)
        yield version
        yield from (each.family() for each in vars(self).values() if isinstance(each, Count | Spread | Watched))

    def shown(self) -> tuple[bytes, str]:
        """The text that Prometheus reads, and its content type."""
        return generate_latest(self._registry), CONTENT_TYPE_LATEST


def _one_turn() -> float:
    began = time.perf_counter()
    time.sleep(0)
    return time.perf_counter() - began


metrics = Metrics()
