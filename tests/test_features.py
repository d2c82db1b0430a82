"""docs/features.md says what the code says, and leaves nothing out."""

import pytest

import chatx
from chatx.api import BLUEPRINTS
from chatx.features import document, event_of
from chatx.features.table import FEATURES, TYPES, Row
from chatx.registry import announcements, catalogue
from chatx.schemas.message import SENDABLE
from config import LIMITS
from tests.support.server import ROOT

assert chatx.handlers, "importing chatx fills the registry"

TABLE = "chatx/features/table.py"
ROWS: dict[str, Row] = {key: row for rows in FEATURES.values() for key, row in rows.items()}
ASKED = [asked for blueprint in BLUEPRINTS for asked in blueprint.asked]


def test_the_file_is_up_to_date() -> None:
    assert (ROOT / "docs" / "features.md").read_text() == document(ASKED), "run `make features`"


@pytest.mark.parametrize("event", [handler.event for handler in catalogue.values() if not handler.internal])
def test_everything_that_can_be_asked_stands_in_it(event: str) -> None:
    assert event in ROWS, f"{event} has no line in {TABLE}"


@pytest.mark.parametrize("event", announcements)
def test_everything_that_can_be_heard_stands_in_it(event: str) -> None:
    heard = {name for row in ROWS.values() for name in row.hears.split()}
    assert event in heard, f"no line of {TABLE} hears {event}"


def test_each_line_is_about_what_there_is() -> None:
    assert sum(map(len, FEATURES.values())) == len(ROWS), "two lines have the same key"
    for key, row in ROWS.items():
        event, _, field = key.partition(" ")
        assert not field or (field in catalogue[event].takes.fields and row.what), key
        assert event_of(key) in catalogue, f"nothing handles {event} any more"
        assert announcements.keys() >= set(row.hears.split()), key


def test_each_type_and_each_limit_stands_in_it() -> None:
    assert TYPES.keys() == set(SENDABLE), f"{TABLE} has a line for each type"
    named = {name for limits in (*TYPES.values(), *(row.limits for row in ROWS.values())) for name in limits.split()}
    assert named == LIMITS.keys(), f"no line of {TABLE} speaks of these limits, or there are none: {named ^ LIMITS.keys()}"
