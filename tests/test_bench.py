"""The benchmark works: its arithmetic, its tables, and its generator on a real server."""

from xml.etree import ElementTree as ET

import pytest

from bench import plot, report
from bench.corpus import queries, texts
from bench.plans import Plan, apart, crowd
from bench.processes import generator
from bench.servers import seed
from tests.support.backends import Postgres
from tests.support.server import ROOT, Server

RUNS = [
    {"deliveries_per_s": 300.0, "sends_per_s": 3.0},
    {"deliveries_per_s": 100.0, "sends_per_s": 1.0},
    {"failed": "too late\nwhy"},
]
OURS = [{"deliveries_per_s": 500.0, "sends_per_s": 5.0, "lost": 0}]
RESULTS = {
    "machine": {"processor": "abacus"},
    "options": {"rounds": 3, "warmup": 1, "seconds": 2},
    "labels": {"chatx": "Chat-X", "stock": "stock"},
    "workloads": {"1x2f1": {"title": "1×2, F 1", "kind": "chat", "runs": {"chatx": OURS, "stock": RUNS}}},
}


def test_medians_leave_out_what_failed() -> None:
    assert report.median(RUNS, "deliveries_per_s") == 200
    assert report.median([*RUNS, {"deliveries_per_s": 150.0}], "deliveries_per_s") == 150
    assert report.median([{"failed": ""}], "deliveries_per_s") is None


@pytest.mark.parametrize(
    ("ours", "theirs", "more_is_better", "times"), [(6, 2, True, 3), (6, 2, False, 1 / 3), (None, 2, True, None)]
)
def test_an_advantage_is_above_1(ours: int | None, theirs: int, more_is_better: bool, times: float | None) -> None:
    assert report.advantage(ours, theirs, more_is_better=more_is_better) == times


def test_the_report_compares_failed_and_successful_runs() -> None:
    lines = report.markdown(RESULTS).splitlines()
    assert "| Chat-X | 5 | 500 | – | – | – | – | – | 0 | – |" in lines
    assert "| stock | 2 (1–3) | 200 | – | – | – | – | – | – | 2.50× |" in lines
    assert "stock: 1 of 3 runs failed: too late" in lines


def test_reads_are_compared_by_what_is_stored() -> None:
    lines = report.stored_table("reads", {"few": [{"sync_p50_ms": 4.0}], "many": [{"sync_p50_ms": 5.0}]})
    assert "| sync, p50 | 4 | 5 | 1.25 |" in lines


def test_the_plot_shows_each_figure() -> None:
    texts = [element.text for element in ET.fromstring(plot.svg(RESULTS)).iter("{http://www.w3.org/2000/svg}text")]
    assert {"500", "200", "fails", "1×2, F 1"} <= set(texts)


def test_plans_put_people_into_rooms() -> None:
    assert apart(2, 3).rooms == [[0, 1, 2], [3, 4, 5]]
    storm = crowd(40, each_in=5, members=10, said=2)
    assert {len(members) for members in storm.rooms} == {10}
    assert {len(rooms) for rooms in storm.rooms_of()} == {5}


def test_there_is_something_to_search_and_to_search_for(postgres: Postgres) -> None:
    assert list(texts(5, seed=1)) == list(texts(5, seed=1)) != list(texts(5, seed=2))
    server = Server(postgres.new_database())
    cast = seed(server.environ, Plan(3, [[0, 1, 2], [0, 1, 2]]), stored=3_000)
    server.start()
    try:
        with generator({"mode": "search", "url": server.url, "cast": cast, "queries": queries(2)}, longest=60) as load:
            figures = load.says()
    finally:
        assert server.stop() == 0
    kinds = [f"{kind} {place}" for kind in queries(1) for place in ("in a room", "everywhere")]
    assert all(0 < figures[f"{kind}_p50_ms"] <= figures[f"{kind}_p95_ms"] for kind in kinds)
    assert figures["common word in a room_hits"] == 50
    assert figures["nothing everywhere_hits"] == 0


def test_the_generator_talks_to_chat_x(postgres: Postgres) -> None:
    assert (ROOT / "bench" / "node_modules").exists(), "run `make test`, or `npm ci` in bench/"
    server = Server(postgres.new_database())
    cast = seed(server.environ, apart(2, 2))
    server.start()
    try:
        scenario = {"mode": "chat", "url": server.url, "cast": cast, "inflight": 2, "warmup": 0.2, "seconds": 0.8}
        with generator(scenario, longest=30) as load:
            figures = load.says()
    finally:
        assert server.stop() == 0
    assert figures["sends_per_s"] > 0
    assert figures["deliveries_per_s"] > figures["sends_per_s"]
    assert figures["lost"] == 0
