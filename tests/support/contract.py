"""Both contracts, as the server publishes them, held against everything that is seen of it."""

import re
from functools import cached_property
from typing import Any

import requests
from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

PLAIN = {"/healthz", "/readyz", "/api/v1/openapi.json", "/api/v1/asyncapi.json"}


class ContractBroken(AssertionError):
    """The server said something that its contract does not know."""


class Contract:
    """Validates REST answers, acks and events; what was seen of it is kept, so that a test can ask for gaps."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.seen_operations: set[str] = set()
        self.seen_acks: set[str] = set()
        self.seen_events: set[str] = set()

    @cached_property
    def openapi(self) -> dict[str, Any]:
        return requests.get(f"{self.url}/api/v1/openapi.json", timeout=10).json()

    @cached_property
    def asyncapi(self) -> dict[str, Any]:
        return requests.get(f"{self.url}/api/v1/asyncapi.json", timeout=10).json()

    def check_response(self, method: str, path: str, response: requests.Response) -> None:
        """The operation, the status, the media type and every field must be documented."""
        operation = self._operation(method, path)
        if operation is None:
            self._check_problem(response)
            if response.status_code not in (404, 405):
                raise ContractBroken(f"{method} {path} is not documented and answered {response.status_code}")
            return
        self.seen_operations.add(operation["operationId"])
        documented = operation["responses"].get(str(response.status_code))
        if documented is None:
            raise ContractBroken(f"{method} {path}: {response.status_code} is not documented: {response.text[:300]}")
        if response.status_code == 204:
            if response.content:
                raise ContractBroken(f"{method} {path}: 204 with a body")
            return
        media = response.headers["Content-Type"].split(";")[0]
        if media not in documented["content"]:
            raise ContractBroken(f"{method} {path}: {media} is not documented for {response.status_code}")
        self._validate(self.openapi, documented["content"][media]["schema"], told_by(response), f"{method} {path}")
        if response.status_code >= 400 and response.json()["code"] not in documented["description"].split(", "):
            raise ContractBroken(f"{method} {path}: code {response.json()['code']} is not documented")

    def check_ack(self, event: str, ack: Any) -> None:
        messages = self.asyncapi["components"]["messages"]
        if f"{event} ack" not in messages:
            if ack.get("error", {}).get("code") != "not_found":
                raise ContractBroken(f"{event} is not documented and was answered: {ack}")
            return
        self.seen_acks.add(event)
        self._validate(self.asyncapi, messages[f"{event} ack"]["payload"], ack, f"ack of {event}")

    def check_event(self, event: str, data: Any) -> None:
        messages = self.asyncapi["components"]["messages"]
        if f"hear {event}" not in self.asyncapi["operations"]:
            raise ContractBroken(f"{event} was heard and is not documented: {data}")
        self.seen_events.add(event)
        self._validate(self.asyncapi, messages[event]["payload"], data, event)

    def _check_problem(self, response: requests.Response) -> None:
        schema = {"$ref": "#/components/schemas/Problem"}
        self._validate(self.openapi, schema, response.json(), response.url)

    def _operation(self, method: str, path: str) -> dict[str, Any] | None:
        for template, operations in self.openapi["paths"].items():
            pattern = re.sub(r"\{[^}]+\}", "[^/]+", template)
            if re.fullmatch(pattern, f"/api/v1{path}") and method.lower() in operations:
                # A literal path wins over one with parameters, as it does in the router.
                literal = self.openapi["paths"].get(f"/api/v1{path}", {}).get(method.lower())
                return literal or operations[method.lower()]
        return None

    def _validate(self, document: dict[str, Any], schema: dict[str, Any], value: Any, what: str) -> None:
        errors = list(self._validator(document, schema).iter_errors(value))
        if errors:
            told = "; ".join(f"{error.json_path}: {error.message[:200]}" for error in errors[:5])
            raise ContractBroken(f"{what}: {told}")

    def _validator(self, document: dict[str, Any], schema: dict[str, Any]) -> Draft202012Validator:
        resource = Resource(contents=document, specification=DRAFT202012)
        registry = Registry().with_resource("contract:", resource)
        absolute = _absolute(schema)
        return Draft202012Validator(absolute, registry=registry, format_checker=Draft202012Validator.FORMAT_CHECKER)


def told_by(response: requests.Response) -> Any:
    """What a response says: text where it is text, and JSON everywhere else."""
    if not response.content:
        return None
    return response.text if response.headers["Content-Type"].startswith("text/plain") else response.json()


def _absolute(schema: Any) -> Any:
    """The same schema with its references into the whole document."""
    if isinstance(schema, dict):
        return {key: f"contract:{value}" if key == "$ref" else _absolute(value) for key, value in schema.items()}
    if isinstance(schema, list):
        return [_absolute(each) for each in schema]
    return schema
