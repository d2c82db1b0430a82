"""AsyncAPI 3.0 of the namespace /chat, made from the registry: what a socket can ask, its ack, and what it can hear."""

from typing import Any

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from marshmallow import Schema

from chatx.api.openapi import schema_name, teach
from chatx.registry import Handler, announcements, catalogue
from chatx.schemas.problem import Problem


def asyncapi_document(version: str) -> dict[str, Any]:
    """The whole document, as JSON-ready data."""
    return _Document(version).made()


class _Document:
    def __init__(self, version: str) -> None:
        self.plugin = MarshmallowPlugin(schema_name_resolver=schema_name)
        self.spec = APISpec("Chat-X live", version, "3.1.0", [self.plugin])
        teach(self.plugin)
        self.messages: dict[str, Any] = {}
        self.operations: dict[str, Any] = {}

    def made(self) -> dict[str, Any]:
        for handler in catalogue.values():
            if handler.guard == "device" and not handler.internal:
                self._ask(handler)
        for heard in announcements.values():
            self._message(heard.event, heard.gives, heard.summary)
            self.operations[f"hear {heard.event}"] = self._operation("send", heard.event, heard.summary)
        channel = {
            "address": "/chat",
            "messages": {name: {"$ref": f"#/components/messages/{_key(name)}"} for name in self.messages},
        }
        return {
            "asyncapi": "3.0.0",
            "info": {
                "title": self.spec.title,
                "version": self.spec.version,
                "description": "Socket.IO (protocol 5, Engine.IO 4), namespace /chat. Connect with auth {token}; a refused "
                "connection carries the error object in `data`. Every event a client sends is acknowledged.",
            },
            "channels": {"chat": channel},
            "operations": self.operations,
            "components": {
                "messages": {_key(name): message for name, message in self.messages.items()},
                "schemas": self.spec.to_dict()["components"]["schemas"],
            },
        }

    def _ask(self, handler: Handler) -> None:
        ack = f"{handler.event} ack"
        self._message(handler.event, handler.takes, handler.summary)
        self.messages[ack] = {"name": ack, "summary": "The answer, or the error object.", "payload": self._ack(handler)}
        operation = self._operation("receive", handler.event, handler.summary)
        operation["reply"] = {
            "channel": {"$ref": "#/channels/chat"},
            "messages": [{"$ref": f"#/channels/chat/messages/{_key(ack)}"}],
        }
        self.operations[f"ask {handler.event}"] = operation

    def _ack(self, handler: Handler) -> dict[str, Any]:
        data: dict[str, Any] = {"type": "null"} if handler.gives is None else self._ref(handler.gives)
        return {
            "oneOf": [
                _closed({"ok": {"const": True}, "data": data}),
                _closed({"ok": {"const": False}, "error": self._ref(Problem())}),
            ]
        }

    def _message(self, name: str, schema: Schema, summary: str) -> None:
        self.messages[name] = {"name": name, "summary": summary, "payload": self._ref(schema)}

    def _operation(self, action: str, name: str, summary: str) -> dict[str, Any]:
        message = {"$ref": f"#/channels/chat/messages/{_key(name)}"}
        return {"action": action, "channel": {"$ref": "#/channels/chat"}, "summary": summary, "messages": [message]}

    def _ref(self, schema: Schema) -> dict[str, Any]:
        ref: dict[str, Any] = self.plugin.converter.resolve_nested_schema(schema)  # type: ignore[union-attr]
        return ref


def _closed(properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


def _key(name: str) -> str:
    """A JSON pointer needs no escapes in our names: `/` and `~` do not occur."""
    return name
