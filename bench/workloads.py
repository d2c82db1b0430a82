"""What is measured: a plan of people and rooms, a load on it, and the figures that it gives."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import psutil

from bench.corpus import queries
from bench.plans import Plan, apart, crowd
from bench.processes import Failed, generator
from bench.servers import SERVERS, Running, Server, chatx_environment, chatx_serves, database, seed
from tests.support.backends import Postgres

SLACK = 120  # seconds that a generator may take beyond its measuring
SETTLE = 3  # seconds until the memory of a server has settled
CONNECTIONS = 5_000
RETURNING = 2_000
STORED = (10_000, 1_000_000)
CALLS = 200

Figures = dict[str, Any]
EVERYBODY = tuple(server.name for server in SERVERS)


@dataclass(frozen=True)
class Timing:
    """Seconds of load before measuring, and of measuring."""

    warmup: float
    seconds: float


@dataclass(frozen=True)
class Workload:
    """One kind of load; kind: which table it stands in; servers: who takes part."""

    name: str
    title: str
    kind: str
    plan: Plan
    measure: Callable[[Running, Timing], Figures]
    servers: tuple[str, ...] = EVERYBODY

    def run(self, server: Server, postgres: Postgres, timing: Timing) -> Figures:
        """Serve it anew and measure; what fails is a result too."""
        try:
            with server.serve(postgres, self.plan) as running:
                return self.measure(running, timing)
        except Failed as failure:
            return {"failed": str(failure)}


def chat(rooms: int, members: int, inflight: int) -> Workload:
    """Rooms whose first members keep some sends in flight."""

    def measure(running: Running, timing: Timing) -> Figures:
        scenario = {"mode": "chat", "inflight": inflight, "warmup": timing.warmup, "seconds": timing.seconds}
        return _measured(running, scenario, timing.warmup + timing.seconds)

    title = f"{rooms}×{members:,}, F {inflight}"
    return Workload(f"{rooms}x{members}f{inflight}", title, "chat", apart(rooms, members), measure)


def _storm(running: Running, timing: Timing) -> Figures:
    return _measured(running, {"mode": "storm"}, SLACK)


def _measured(running: Running, scenario: Mapping[str, Any], seconds: float) -> Figures:
    with generator({"url": running.url, "cast": running.cast, **scenario}, seconds + SLACK) as load:
        return load.says()


def _idle(running: Running, timing: Timing) -> Figures:
    with generator({"mode": "idle", "url": running.url, "cast": running.cast}, 2 * SLACK) as load:
        load.says()
        before = _memory(running.pid)
        load.tell("go on")
        connected = load.says()["connected"]
        return {"kb_per_connection": (_memory(running.pid) - before) / connected / 1024, "mb": _memory(running.pid) / 1024**2}


def _memory(pid: int) -> int:
    time.sleep(SETTLE)
    return psutil.Process(pid).memory_info().rss


def on_stored(postgres: Postgres, rounds: int, names: Sequence[str]) -> dict[str, dict[str, list[Figures]]]:
    """What Chat-X answers with few and with many messages stored, in turns; figures by workload and by the number stored."""
    plan = Plan(10, [list(range(10)) for _ in range(101)])
    with database(postgres) as few, database(postgres) as many:
        stages = []
        for url, stored in zip((few, many), STORED, strict=True):
            environ = chatx_environment(url)
            stages.append((f"{stored:,} stored", environ, seed(environ, plan, stored)))
        runs: dict[str, dict[str, list[Figures]]] = {name: {stage: [] for stage, _, _ in stages} for name in names}
        for _ in range(rounds):
            for name in names:
                for stage, environ, cast in stages:
                    runs[name][stage].append(_answers(environ, cast, ON_STORED[name]()))
        return runs


def _answers(environ: dict[str, str], cast: dict[str, Any], scenario: dict[str, Any]) -> Figures:
    try:
        with chatx_serves(environ, cast) as running:
            return _measured(running, scenario, SLACK)
    except Failed as failure:
        return {"failed": str(failure)}


BASIC = [chat(10, 2, 1), chat(50, 2, 4), chat(10, 100, 4), chat(1, 1000, 1), chat(1, 2, 1), chat(200, 2, 1), chat(1, 1024, 1)]
STORM = Workload(
    "storm",
    f"{RETURNING:,} clients connect and sync at once",
    "storm",
    crowd(RETURNING, each_in=5, members=100, said=2),
    _storm,
    ("chatx", "node_pg"),
)
IDLE = Workload("idle", f"{CONNECTIONS:,} idle connections", "idle", Plan(CONNECTIONS), _idle)
WORKLOADS = {workload.name: workload for workload in [*BASIC, STORM, IDLE]}
QUICK = ("50x2f4", "10x100f4", "1x2f1")
ON_STORED: dict[str, Callable[[], dict[str, Any]]] = {
    "reads": lambda: {"mode": "reads", "calls": CALLS},
    "search": lambda: {"mode": "search", "queries": queries(CALLS)},
}
