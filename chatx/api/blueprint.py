"""How a blueprint says in one line that a route asks an event; the OpenAPI document is made of the same line."""

from functools import partial
from typing import Any

from flask import Flask, Response
from flask_smorest import Blueprint as SmorestBlueprint

from chatx.api.reply import answer
from chatx.api.stream import stream
from chatx.dispatch import find
from chatx.errors import (
    BadRequest,
    ChatError,
    DeviceRevoked,
    RateLimited,
    TokenExpired,
    TooLarge,
    Unauthenticated,
    Unavailable,
    UnsupportedMedia,
    ValidationFailed,
)
from chatx.extensions import Api
from chatx.registry import Guard, Handler
from chatx.schemas.problem import Problem

EVERYWHERE = (ValidationFailed, RateLimited, Unavailable)
WITH_TOKEN = (Unauthenticated, TokenExpired, DeviceRevoked)
WITH_BODY = (BadRequest, TooLarge, UnsupportedMedia)


class Blueprint(SmorestBlueprint):
    """Routes under one guard: every event they ask must need exactly that."""

    def __init__(self, name: str, *, guard: Guard, description: str) -> None:
        super().__init__(name, name, url_prefix="/api/v1", description=description)
        self.guard = guard
        self.asked: list[tuple[str, str, str, int]] = []
        self._files: dict[str, dict[str, Any]] = {}
        self._served = False

    def asks(self, method: str, rule: str, event: str, *, status: int = 200) -> None:
        """Let `method rule` ask `event`; `status` is that of success, 204 where the event answers nothing."""
        self.asked.append((method, rule, event, status))

    def streams(self, rule: str, event: str, kinds: dict[str, Any]) -> None:
        """Let a GET of `rule` fetch all pieces of text that `event` has, as one file; kinds: its schemas by media type."""
        self._files[event] = {kind: {"schema": schema} for kind, schema in kinds.items()}
        self.asks("GET", rule, event)

    def register(self, app: Flask, options: dict[str, Any]) -> None:
        """The routes are made here, when all handlers are known, and once, however many applications there are."""
        if not self._served:
            for asked in self.asked:
                self._add(*asked)
        self._served = True
        super().register(app, options)

    def register_views_in_doc(self, api: Api, *args: Any, **options: Any) -> None:
        """The document says it once somebody asks."""
        api.unwritten.append(partial(super().register_views_in_doc, api, *args, **options))

    def _add(self, method: str, rule: str, event: str, status: int) -> None:
        handler = find(event)
        if handler.guard != self.guard or handler.internal:
            raise ValueError(f"{method} {rule} asks {event}, which the guard of blueprint {self.name} does not cover.")

        def view(**path: Any) -> Response:
            return stream(event, path) if event in self._files else answer(event, status, path)

        view.__name__ = event.replace(":", "_")
        operation = _operation(handler, method, rule, status)
        if event in self._files:
            operation.pop("parameters", None)
            operation["responses"]["200"] = {"description": "The file, in chunks", "content": self._files[event]}
        documented = self.doc(**operation)(view)
        self.add_url_rule(rule, view.__name__, documented, methods=[method])


def errors_of(handler: Handler, *, with_body: bool) -> list[type[ChatError]]:
    """Every error the event may answer over REST."""
    of_guard = {"device": WITH_TOKEN, "refresh": (Unauthenticated,), "public": ()}[handler.guard]
    every = {*handler.raises, *EVERYWHERE, *of_guard, *(WITH_BODY if with_body else ())}
    return sorted(every, key=lambda error: (error.status, error.code))


def _operation(handler: Handler, method: str, rule: str, status: int) -> dict[str, Any]:
    in_path = {name for name in handler.takes.fields if f":{name}>" in rule} | (
        {"token"} if handler.guard == "refresh" else set()
    )
    others = set(handler.takes.fields) - in_path
    operation: dict[str, Any] = {
        "operationId": handler.event,
        "summary": handler.summary,
        "responses": _responses(handler, method, status),
        "security": [] if handler.guard == "public" else [{handler.guard: []}],
    }
    if others and method in ("POST", "PUT", "PATCH"):
        body = type(handler.takes)(only=others)
        operation["requestBody"] = {"required": True, "content": {"application/json": {"schema": body}}}
    elif others:
        operation["parameters"] = [{"in": "query", "schema": type(handler.takes)(only=others)}]
    return operation


def _responses(handler: Handler, method: str, status: int) -> dict[str, Any]:
    responses: dict[str, Any] = {}
    if handler.gives is None:
        responses["204"] = {"description": "Done"}
    else:
        good = {"description": "Success", "content": {"application/json": {"schema": handler.gives}}}
        responses[str(status)] = good
        if "duplicate" in handler.gives.fields:
            responses["200"] = good | {"description": "This client_id had made it before"}
    for error in errors_of(handler, with_body=method in ("POST", "PUT", "PATCH")):
        codes = responses.setdefault(
            str(error.status), {"description": "", "content": {"application/problem+json": {"schema": Problem}}}
        )
        codes["description"] = ", ".join(filter(None, (codes["description"], error.code)))
    return responses
