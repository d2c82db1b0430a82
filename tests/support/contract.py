"""Both contracts, as the server publishes them, held against everything that is seen of it."""

import re
from typing import Any, ClassVar

import requests
from jsonschema_rs import Draft202012Validator, Registry

PLAIN = {"/healthz", "/readyz", "/api/v1/openapi.json", "/api/v1/asyncapi.json"}


PROBLEM = {"$ref": "#/components/schemas/Problem"}


class ContractBroken(AssertionError):
    """The server said something that its contract does not know."""


class Contract:
    """Validates REST answers, acks and events; what was seen of it is kept, so that a test can ask for gaps."""

    _documents: ClassVar[dict[str, "Document"]] = {}

    def __init__(self, url: str) -> None:
        self.url = url
        self.seen_operations: set[str] = set()
        self.seen_acks: set[str] = set()
        self.seen_events: set[str] = set()

    @property
    def openapi(self) -> dict[str, Any]:
        return self._document("openapi").content

    @property
    def asyncapi(self) -> dict[str, Any]:
        return self._document("asyncapi").content

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
        self._validate("openapi", documented["content"][media]["schema"], told_by(response), f"{method} {path}")
        if response.status_code >= 400 and response.json()["code"] not in documented["description"].split(", "):
            raise ContractBroken(f"{method} {path}: code {response.json()['code']} is not documented")

    def check_ack(self, event: str, ack: Any) -> None:
        messages = self.asyncapi["components"]["messages"]
        if f"{event} ack" not in messages:
            if ack.get("error", {}).get("code") != "not_found":
                raise ContractBroken(f"{event} is not documented and was answered: {ack}")
            return
        self.seen_acks.add(event)
        self._validate("asyncapi", messages[f"{event} ack"]["payload"], ack, f"ack of {event}")

    def check_event(self, event: str, data: Any) -> None:
        messages = self.asyncapi["components"]["messages"]
        if f"hear {event}" not in self.asyncapi["operations"]:
            raise ContractBroken(f"{event} was heard and is not documented: {data}")
        self.seen_events.add(event)
        self._validate("asyncapi", messages[event]["payload"], data, event)

    def _check_problem(self, response: requests.Response) -> None:
        self._validate("openapi", PROBLEM, response.json(), response.url)

    def _operation(self, method: str, path: str) -> dict[str, Any] | None:
        return self._document("openapi").operation(method.lower(), f"/api/v1{path}")

    def _validate(self, name: str, schema: dict[str, Any], value: Any, what: str) -> None:
        validator = self._document(name).validator(schema)
        if not validator.is_valid(value):
            errors = list(validator.iter_errors(value))
            told = "; ".join(f"{'/'.join(map(str, error.instance_path))}: {error.message[:200]}" for error in errors[:5])
            raise ContractBroken(f"{what}: {told}")

    def _document(self, name: str) -> "Document":
        """All servers of a test process run the same code, so what one of them publishes holds for all."""
        if name not in Contract._documents:
            Contract._documents[name] = Document(requests.get(f"{self.url}/api/v1/{name}.json", timeout=10).json())
        return Contract._documents[name]


class Document:
    """One contract, with its patterns and schemas ready to be compared with."""

    def __init__(self, content: dict[str, Any]) -> None:
        self.content = content
        self._registry = Registry([("contract:", content)])
        self._validators: dict[int, tuple[dict[str, Any], Draft202012Validator]] = {}
        self._paths = {
            path: re.compile(re.sub(r"\{[^}]+\}", "[^/]+", path)) for path in sorted(content.get("paths", {}), key=_parameters)
        }

    def operation(self, method: str, path: str) -> dict[str, Any] | None:
        """What is documented of it; a literal path wins over one with parameters, as it does in the router."""
        for template, pattern in self._paths.items():
            if pattern.fullmatch(path) and method in self.content["paths"][template]:
                return self.content["paths"][template][method]
        return None

    def validator(self, schema: dict[str, Any]) -> Draft202012Validator:
        """For a schema that stands in the document, or for good in this file."""
        if id(schema) not in self._validators:
            validator = Draft202012Validator(_absolute(schema), registry=self._registry, validate_formats=True)
            self._validators[id(schema)] = (schema, validator)
        return self._validators[id(schema)][1]


def _parameters(path: str) -> int:
    return path.count("{")


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
