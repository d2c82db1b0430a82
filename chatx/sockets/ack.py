"""The sockets' own dialect: how an event becomes a call, and how its answer or its error becomes an ack."""

from collections.abc import Callable, Sequence
from typing import Any

from flask import Flask

from chatx.context import Actor
from chatx.dispatch import dispatch, dispatch_batched, find
from chatx.errors import BadRequest, ChatError, NotFound
from chatx.logs import Call, log

Ack = dict[str, Any]


def acked(app: Flask, event: str, actor: Actor, arguments: Sequence[Any], address: str) -> Ack:
    """Dispatch an event; {"ok": true, "data": …} or {"ok": false, "error": the error object}."""
    call = _call(actor)
    try:
        with app.app_context():
            call.event = _asked(event)
            return _yes(call, dispatch(event, actor, _payload(arguments), address=address))
    except Exception as error:
        return _no(call, error)


def ack_later(app: Flask, event: str, actor: Actor, arguments: Sequence[Any], address: str, reply: Callable[[Ack], None]) -> None:
    """The same for a batched event, without waiting: its ack goes to `reply` after the commit, or at once if it is a no."""
    call = _call(actor)

    def answered(answer: Any, error: Exception | None) -> None:
        reply(_yes(call, answer) if error is None else _no(call, error))

    try:
        call.event = _asked(event)
        dispatch_batched(app, event, actor, _payload(arguments), answered, address=address)
    except Exception as error:
        reply(_no(call, error))


def refusal(call: Call, error: ChatError) -> dict[str, Any]:
    """The error object, and its code as the call's outcome."""
    call.outcome = error.code
    return error.problem(call.id)


def _call(actor: Actor) -> Call:
    return Call("unknown", "socket", facts={"actor": actor.user_id, "device": actor.device_id})


def _yes(call: Call, data: Any) -> Ack:
    call.finish()
    return {"ok": True, "data": data}


def _no(call: Call, error: Exception) -> Ack:
    if not isinstance(error, ChatError):
        log.error("unexpected", exc_info=error, extra={"id": call.id, "event": call.event})
        error = ChatError()
    ack = {"ok": False, "error": refusal(call, error)}
    call.finish()
    return ack


def _asked(event: str) -> str:
    """Sockets serve what a signed-in device may ask, and nothing else."""
    handler = find(event)
    if handler.guard != "device" or handler.internal:
        raise NotFound("There is no such event.")
    return handler.event


def _payload(arguments: Sequence[Any]) -> dict[str, Any]:
    if not arguments:
        return {}
    if len(arguments) > 1 or not isinstance(arguments[0], dict):
        raise BadRequest("An event takes one JSON object, its texts without half characters.")
    return arguments[0]
