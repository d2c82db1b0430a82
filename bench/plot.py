"""results.svg: for each workload a group of bars, deliveries on the left and their slowest hundredth on the right."""

from collections.abc import Iterator
from typing import Any
from xml.sax.saxutils import escape

from bench.report import median, number

COLOURS = {"chatx": "#1a9e77", "node_pg": "#4c7fd9", "node_memory": "#8d99ab", "stock": "#d98b2b"}
PANELS = (
    ("deliveries_per_s", "deliveries/s, more is better"),
    ("delivery_p99_ms", "p99 of send-to-delivery in ms, less is better"),
)
BAR, GAP, GROUP_GAP = 14, 3, 30
LEFT, PANEL, SPACE, FIGURE = 20, 330, 60, 70
WIDTH = 2 * (LEFT + PANEL + FIGURE) + SPACE
TOP = 96
STYLE = """
  text { font: 12px system-ui, sans-serif; fill: #1f2733 }
  .head { font-size: 16px; font-weight: 600 } .soft { fill: #5b6675 } .ground { fill: #ffffff }
  @media (prefers-color-scheme: dark) { text { fill: #e4e9f0 } .soft { fill: #a3adba } .ground { fill: #14181f } }
"""


def svg(results: dict[str, Any]) -> str:
    """The plot of all chat workloads; each group has its own scale, so that bars compare servers and nothing else."""
    groups = [workload for workload in results["workloads"].values() if workload["kind"] == "chat"]
    marks = list(_legend(results["labels"]))
    top = TOP
    for group in groups:
        marks += _group(group, top)
        top += (BAR + GAP) * len(group["runs"]) + GROUP_GAP
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {top}" width="{WIDTH}" height="{top}" role="img">'
    title = "<title>Deliveries a second and their latency, by server and workload</title>"
    ground = f'<rect class="ground" width="{WIDTH}" height="{top}" rx="8"/>'
    return "\n".join([head, title, f"<style>{STYLE}</style>", ground, *marks, "</svg>"]) + "\n"


def _legend(labels: dict[str, str]) -> Iterator[str]:
    yield _text(LEFT, 30, "Rooms × members, F sends in flight a room; each group has its own scale", "head")
    x = LEFT
    for name, label in labels.items():
        yield f'<rect x="{x}" y="44" width="12" height="12" rx="2" fill="{COLOURS[name]}"/>'
        yield _text(x + 18, 54, label)
        x += 40 + 7 * len(label)
    for panel, (_, heading) in enumerate(PANELS):
        yield _text(_left(panel), 78, heading, "soft")


def _group(workload: dict[str, Any], top: int) -> Iterator[str]:
    for panel, (key, _) in enumerate(PANELS):
        yield _text(_left(panel), top + 8, workload["title"])
        values = {name: median(runs, key) for name, runs in workload["runs"].items()}
        largest = max((value for value in values.values() if value), default=1)
        for place, (name, value) in enumerate(values.items()):
            yield from _bar(_left(panel), top + 14 + place * (BAR + GAP), name, value, largest)


def _bar(x: int, y: int, name: str, value: float | None, largest: float) -> Iterator[str]:
    width = max(1.0, PANEL * (value or 0) / largest)
    yield f'<rect x="{x}" y="{y}" width="{width:.1f}" height="{BAR}" rx="2" fill="{COLOURS[name]}"/>'
    yield _text(x + width + 6, y + 11, number(value) if value is not None else "fails")


def _left(panel: int) -> int:
    return LEFT + panel * (PANEL + FIGURE + SPACE)


def _text(x: float, y: float, text: str, kind: str = "") -> str:
    return f'<text x="{x:.1f}" y="{y}"{f" class={kind!r}" if kind else ""}>{escape(text)}</text>'
