"""The sockets' own dialect: how an event becomes a call, and how its answer or its error becomes an ack."""

from typing import Any

from flask import Flask

from chatx.context import Actor
from chatx.dispatch import dispatch, find
from chatx.errors import BadRequest, ChatError, NotFound
from chatx.logs import Call, log


def acked(app: Flask, event: str, actor: Actor, arguments: tuple[Any, ...], address: str) -> dict[str, Any]:
    """Dispatch an event; {"ok": true, "data": …} or {"ok": false, "error": the error object}."""
    call = Call("unknown", "socket", facts={"actor": actor.user_id, "device": actor.device_id})
    try:
        with app.app_context():
            call.event = _asked(event)
            return {"ok": True, "data": dispatch(event, actor, _payload(arguments), address=address)}
    except ChatError as error:
        return {"ok": False, "error": refusal(call, error)}
    except Exception as error:
        log.error("unexpected", exc_info=error, extra={"id": call.id, "event": call.event})
        return {"ok": False, "error": refusal(call, ChatError())}
    finally:
        call.finish()


def refusal(call: Call, error: ChatError) -> dict[str, Any]:
    """The error object, and its code as the call's outcome."""
    call.outcome = error.code
    return error.problem(call.id)


def _asked(event: str) -> str:
    """Sockets serve what a signed-in device may ask, and nothing else."""
    handler = find(event)
    if handler.guard != "device" or handler.internal:
        raise NotFound("There is no such event.")
    return handler.event


def _payload(arguments: tuple[Any, ...]) -> dict[str, Any]:
    if not arguments:
        return {}
    if len(arguments) > 1 or not isinstance(arguments[0], dict):
        raise BadRequest("An event takes one JSON object, its texts without half characters.")
    return arguments[0]
