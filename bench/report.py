"""From runs to figures: medians, ratios, and the tables of results.md."""

import statistics
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

Runs = Sequence[dict[str, Any]]
NOTHING = "–"


@dataclass(frozen=True)
class Column:
    """A figure of a table; spread: whether the lowest and the highest run are shown with the median."""

    key: str
    heading: str
    spread: bool = False


@dataclass(frozen=True)
class Kind:
    """A kind of table. lead: the figure that ratios compare; more_is_better: of that figure."""

    columns: tuple[Column, ...]
    lead: str
    more_is_better: bool


KINDS = {
    "chat": Kind(
        (
            Column("sends_per_s", "sends/s", spread=True),
            Column("deliveries_per_s", "deliveries/s"),
            Column("ack_p50_ms", "ack p50 ms"),
            Column("ack_p99_ms", "ack p99 ms"),
            Column("delivery_p50_ms", "delivery p50 ms"),
            Column("delivery_p99_ms", "delivery p99 ms"),
            Column("generator_cpu", "generator's core"),
            Column("lost", "not heard"),
        ),
        "deliveries_per_s",
        more_is_better=True,
    ),
    "storm": Kind(
        (
            Column("all_synced_s", "all synced s", spread=True),
            Column("ready_p50_ms", "ready p50 ms"),
            Column("ready_p99_ms", "ready p99 ms"),
            Column("synced_p50_ms", "synced p50 ms"),
            Column("synced_p99_ms", "synced p99 ms"),
            Column("changes", "changes synced"),
            Column("retries", "retries"),
        ),
        "all_synced_s",
        more_is_better=False,
    ),
    "idle": Kind(
        (Column("kb_per_connection", "KB a connection", spread=True), Column("mb", "MB in all")), "kb_per_connection", False
    ),
}
# The figures of what is asked with few and with many messages stored: all questions with these shares.
STORED = {"reads": ("p50", "p99"), "search": ("p50", "p95")}


def median(runs: Runs, key: str) -> float | None:
    """The median of the runs that did not fail; None if all did."""
    values = [run[key] for run in runs if run.get(key) is not None]
    return statistics.median(values) if values else None


def advantage(ours: float | None, theirs: float | None, *, more_is_better: bool) -> float | None:
    """How many times better ours is: above 1 whatever the figure counts."""
    if not ours or not theirs:
        return None
    return ours / theirs if more_is_better else theirs / ours


def number(value: float | None) -> str:
    """Three digits that say something, thousands apart."""
    if value is None:
        return NOTHING
    if value == int(value) or abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def cell(runs: Runs, column: Column) -> str:
    """The median, with the lowest and the highest run where the column shows them."""
    values = [run[column.key] for run in runs if run.get(column.key) is not None]
    if not values:
        return "fails" if column.spread and any("failed" in run for run in runs) else NOTHING
    shown = number(statistics.median(values))
    return f"{shown} ({number(min(values))}–{number(max(values))})" if column.spread and len(values) > 1 else shown


def table(headings: Sequence[str], rows: Iterable[Sequence[str]], others: str = "---:") -> list[str]:
    """A Markdown table; `others` aligns all columns but the first, as figures by default."""
    rule = ["---", *[others] * (len(headings) - 1)]
    return [f"| {' | '.join(row)} |" for row in (headings, rule, *rows)]


def workload_table(kind: Kind, runs_of: dict[str, Runs], labels: dict[str, str], ours: str = "chatx") -> list[str]:
    """A row for each server, the last column how many times better ours is."""
    lead = median(runs_of.get(ours, ()), kind.lead)
    rows = []
    for name, runs in runs_of.items():
        times = None if name == ours else advantage(lead, median(runs, kind.lead), more_is_better=kind.more_is_better)
        ratio = NOTHING if times is None else f"{times:.2f}×"
        rows.append([labels[name], *(cell(runs, column) for column in kind.columns), ratio])
    return table(["server", *(column.heading for column in kind.columns), "Chat-X is"], rows)


def stored_table(kind: str, runs_of: dict[str, Runs]) -> list[str]:
    """A row for each question: milliseconds with few and with many messages stored, and their ratio."""
    (few, few_runs), (many, many_runs) = runs_of.items()
    keys = [f"_{share}_ms" for share in STORED[kind]]
    measured = dict.fromkeys(name for run in [*few_runs, *many_runs] for name in run)
    questions = [name.removesuffix(keys[0]) for name in measured if name.endswith(keys[0])]
    rows = []
    for question in questions:
        for share, key in zip(STORED[kind], keys, strict=True):
            one, other = median(few_runs, question + key), median(many_runs, question + key)
            ratio = advantage(other, one, more_is_better=True)
            rows.append([f"{question}, {share}", number(one), number(other), NOTHING if ratio is None else f"{ratio:.2f}"])
    return table(["ms", few, many, "ratio"], rows)


def markdown(results: dict[str, Any]) -> str:
    """The whole report."""
    return "\n".join(_lines(results)) + "\n"


def _lines(results: dict[str, Any]) -> Iterator[str]:
    options = results["options"]
    yield "# Results"
    yield ""
    yield f"Medians of {options['rounds']} interleaved runs of {options['seconds']:g} s after {options['warmup']:g} s of warm-up,"
    yield "in brackets the lowest and the highest run. `Chat-X is`: how many times better it is in deliveries, time or memory."
    for workload in results["workloads"].values():
        yield from ("", f"## {workload['title']}", "")
        if workload["kind"] in STORED:
            yield from stored_table(workload["kind"], workload["runs"])
        else:
            yield from workload_table(KINDS[workload["kind"]], workload["runs"], results["labels"])
        yield from _failures(workload["runs"])
    yield from ("", "## Measured on", "")
    yield from table(["", ""], ([name, value] for name, value in results["machine"].items()), others="---")


def _failures(runs_of: dict[str, Runs]) -> Iterator[str]:
    for name, runs in runs_of.items():
        reasons = {run["failed"].splitlines()[0] for run in runs if "failed" in run}
        for reason in sorted(reasons):
            yield from ("", f"{name}: {sum('failed' in run for run in runs)} of {len(runs)} runs failed: {reason[:300]}")
