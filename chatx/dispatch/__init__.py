"""The one door: look up, validate, limit, run, commit once, publish, dump. Every transport comes through here."""

import time
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import orjson
from flask import Flask
from marshmallow import ValidationError

from chatx import registry
from chatx.context import Actor, Context
from chatx.dispatch.answer import dumped
from chatx.dispatch.batch import Asked, Then, add_to_batch, ask_in_batch
from chatx.dispatch.following import follow
from chatx.dispatch.frames import frames_of
from chatx.dispatch.transaction import in_snapshot, in_transaction
from chatx.errors import ChatError, NotFound, Unauthenticated, ValidationFailed
from chatx.registry import Handler
from chatx.services.limits import limits
from chatx.services.live import Frame, live
from chatx.services.metrics import metrics

T = TypeVar("T")


def dispatch(event: str, actor: Actor | None, payload: Mapping[str, Any], *, address: str = "") -> Any:
    """Do what `event` asks on behalf of `actor`; the answer as JSON-ready data, or a ChatError.

    payload: the arguments as they came; address: of the client. Needs an application context.
    """
    handler = find(event)
    began = time.perf_counter()
    arguments = _admitted(handler, actor, payload, address)
    if handler.batch:
        return ask_in_batch(handler, actor, address, arguments)
    answer = _done(handler, actor, address, arguments)
    metrics.call_seconds.see(time.perf_counter() - began, handler.event)
    return answer


def dispatch_batched(
    app: Flask, event: str, actor: Actor | None, payload: Mapping[str, Any], then: Then, *, address: str = ""
) -> None:
    """Ask a batched event of `app` without waiting: then(answer, error) follows its commit. What cannot be asked is raised.

    Needs no application context, and lets nobody else run meanwhile.
    """
    handler = find(event)
    add_to_batch(app, handler, Asked(actor, address, _admitted(handler, actor, payload, address), then))


def find(event: str) -> Handler:
    """The handler of an event; internal ones are found too, transports refuse them."""
    handler = registry.catalogue.get(event)
    if handler is None:
        raise NotFound("There is no such event.")
    return handler


def validated(handler: Handler, payload: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments as the handler takes them; ValidationFailed names each wrong field."""
    try:
        arguments: dict[str, Any] = handler.takes.load(payload)
    except ValidationError as error:
        # The places of a list are numbers in marshmallow, and JSON has only strings for names.
        messages = error.normalized_messages()  # type: ignore[no-untyped-call]
        fields = orjson.loads(orjson.dumps(messages, option=orjson.OPT_NON_STR_KEYS))
        raise ValidationFailed(f"Wrong: {', '.join(sorted(str(name) for name in fields))}.", fields=fields) from error
    return arguments


def _counted(step: Callable[..., T]) -> Callable[..., T]:
    """A step of a call, its errors counted."""

    def counted(handler: Handler, *arguments: Any) -> T:
        try:
            return step(handler, *arguments)
        except Exception as error:
            metrics.errors.add(1, handler.event, error.code if isinstance(error, ChatError) else ChatError.code)
            raise

    return counted


@_counted
def _admitted(handler: Handler, actor: Actor | None, payload: Mapping[str, Any], address: str) -> dict[str, Any]:
    """The arguments of a call that may be made."""
    if handler.guard == "device" and actor is None and not handler.internal:
        raise Unauthenticated
    arguments = validated(handler, payload)
    if handler.bucket is not None:
        limits.spend(handler.bucket, actor.device_id if actor else address)
    if handler.prepares is not None:
        arguments = handler.prepares(Context(actor, address, read=in_snapshot), **arguments)
    return arguments


@_counted
def _done(handler: Handler, actor: Actor | None, address: str, arguments: dict[str, Any]) -> Any:
    """Run it and tell what it says. Raising an error undoes everything; returning one keeps what was changed."""

    def attempt() -> tuple[Any, Context, list[Frame]]:
        ctx = Context(actor, address)
        answer = dumped(handler, handler.run(ctx, **arguments))
        return answer, ctx, frames_of(ctx)

    answer, ctx, frames = in_snapshot(attempt) if handler.reads else in_transaction(attempt)
    live.publish(frames)
    follow(frames)
    live.sign_out(ctx.signed_out)
    if isinstance(answer, ChatError):
        raise answer
    return answer
