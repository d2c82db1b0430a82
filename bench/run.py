"""Runs the benchmark: every server with every workload, in turns, and writes what came out to bench/results/."""

import argparse
import json
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from typing import Any

from bench import machine, plot, report
from bench.processes import BENCH, Failed
from bench.servers import SERVERS, Server, postgres
from bench.workloads import ON_STORED, QUICK, STORED, WORKLOADS, Timing, Workload, on_stored
from tests.support.backends import Postgres

RESULTS = BENCH / "results"
TITLES = {"reads": "reads", "search": "searches"}


def main() -> None:
    options = _options()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what was started is ended
    try:
        with postgres() as database:
            run(database, options)
    except (KeyboardInterrupt, Failed) as stopped:
        sys.exit(f"\nThe benchmark stopped: {str(stopped) or 'interrupted'}")


def run(database: Postgres, options: argparse.Namespace) -> None:
    """All rounds; the report is written after each, so that a long run leaves something when it is stopped."""
    timing = Timing(options.warmup, options.seconds)
    chosen = [WORKLOADS[name] for name in options.only if name in WORKLOADS]
    results = _blank(machine.described(database), options)
    for turn in range(options.rounds):
        for workload, server in _turns(chosen, options.servers, turn):
            begin = time.monotonic()
            figures = workload.run(server, database, timing)
            _runs(results, workload).setdefault(server.name, []).append(figures)
            print(
                f"round {turn + 1}  {workload.name:<10} {server.name:<12} {_short(figures)}  ({time.monotonic() - begin:.0f} s)"
            )
        if chosen:
            _write(results, options.name)
    if names := [name for name in options.only if name in ON_STORED]:
        title = "One person {} in 101 rooms: " + " against ".join(f"{stored:,}" for stored in STORED) + " messages"
        for name, runs in on_stored(database, options.rounds, names).items():
            results["workloads"][name] = {"title": title.format(TITLES[name]), "kind": name, "runs": runs}
        _write(results, options.name)


def _turns(workloads: Sequence[Workload], names: Sequence[str], turn: int) -> Iterator[tuple[Workload, Server]]:
    """The servers by turns, another one first in each round."""
    for workload in workloads:
        taking_part = [server for server in SERVERS if server.name in names and server.name in workload.servers]
        first = turn % max(1, len(taking_part))
        yield from ((workload, server) for server in taking_part[first:] + taking_part[:first])


def _blank(described: dict[str, str], options: argparse.Namespace) -> dict[str, Any]:
    asked = {"rounds": options.rounds, "warmup": options.warmup, "seconds": options.seconds}
    labels = {server.name: server.label + (", durable" if server.durable else "") for server in SERVERS}
    return {"machine": described, "options": asked, "labels": labels, "workloads": {}}


def _runs(results: dict[str, Any], workload: Workload) -> dict[str, list[dict[str, Any]]]:
    blank = {"title": workload.title, "kind": workload.kind, "runs": {}}
    return results["workloads"].setdefault(workload.name, blank)["runs"]


def _short(figures: dict[str, Any]) -> str:
    if "failed" in figures:
        return f"failed: {figures['failed'].splitlines()[0]}"
    return "  ".join(f"{name} {report.number(value)}" for name, value in list(figures.items())[:6])


def _write(results: dict[str, Any], name: str) -> None:
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"{name}.json").write_text(json.dumps(results, indent=2) + "\n")
    (RESULTS / f"{name}.md").write_text(report.markdown(results))
    (RESULTS / f"{name}.svg").write_text(plot.svg(results))
    print(f"written: bench/results/{name}.md, .svg and .json", flush=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.run", description=__doc__)
    everything, everybody = [*WORKLOADS, *ON_STORED], [server.name for server in SERVERS]
    parser.add_argument("--quick", action="store_true", help="three workloads, two short rounds, written to quick.*")
    parser.add_argument("--only", nargs="+", choices=everything, help="these workloads")
    parser.add_argument("--servers", nargs="+", choices=everybody, default=everybody, help="these servers")
    parser.add_argument("--rounds", type=int, help="how often each is measured")
    parser.add_argument("--warmup", type=float, help="seconds of load before measuring")
    parser.add_argument("--seconds", type=float, help="seconds of measuring")
    parser.add_argument("--name", help="of the files in bench/results/")
    usual = {"only": everything, "rounds": 3, "warmup": 2.0, "seconds": 8.0, "name": "results"}
    quick = {"only": list(QUICK), "rounds": 2, "warmup": 1.0, "seconds": 3.0, "name": "quick"}
    options = parser.parse_args()
    for name, value in (quick if options.quick else usual).items():
        if getattr(options, name) is None:
            setattr(options, name, value)
    return options


if __name__ == "__main__":
    main()
