"""REST's own dialect: how a request becomes a call, and how its answer or its error becomes a response."""

from collections.abc import Mapping
from typing import Any

import orjson
from flask import Flask, Request, Response, g, request
from marshmallow import Schema, fields
from werkzeug.exceptions import HTTPException

from chatx.context import Actor
from chatx.dispatch import dispatch, find
from chatx.errors import (
    BadRequest,
    ChatError,
    MethodNotAllowed,
    NotFound,
    TooLarge,
    Unauthenticated,
    UnsupportedMedia,
    ValidationFailed,
)
from chatx.logs import Call, log

OF_STATUS: dict[int, type[ChatError]] = {404: NotFound, 405: MethodNotAllowed, 413: TooLarge, 415: UnsupportedMedia}


def answer(event: str, status: int, path: Mapping[str, Any]) -> Response:
    """Dispatch a request as `event`; 204 where there is nothing to say, 200 for the repeat of a creation."""
    handler = find(event)
    payload = begin_call(event, path)
    actor = None
    if handler.guard == "device":
        actor = identified()
    elif handler.guard == "refresh":
        payload["token"] = bearer()
    sent = _body() if request.method in ("POST", "PUT", "PATCH") else _query(handler.takes)
    result = dispatch(event, actor, together(payload, sent), address=request.remote_addr or "")
    if result is None:
        return Response(status=204)
    return json_response(result, 200 if isinstance(result, dict) and result.get("duplicate") else status)


def together(path: Mapping[str, Any], sent: Mapping[str, Any]) -> dict[str, Any]:
    """What stands in the path of a request and what was sent with it, where nothing may stand twice."""
    if twice := path.keys() & sent.keys():
        raise ValidationFailed(fields={name: ["Unknown field: it is given elsewhere."] for name in sorted(twice)})
    return {**sent, **path}


def bearer() -> str:
    """The token of the Authorization header."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Unauthenticated("The header `Authorization: Bearer <token>` is missing.")
    return token.strip()


def json_response(body: Any, status: int = 200, mimetype: str = "application/json") -> Response:
    return Response(orjson.dumps(body), status=status, mimetype=mimetype)


def problem_response(error: ChatError) -> Response:
    """The error object of the contract, with Retry-After where there is something to wait for."""
    response = json_response(error.problem(g.call.id), error.status, "application/problem+json")
    if error.retry_after is not None:
        response.headers["Retry-After"] = str(error.retry_after)
    if error.status == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    g.call.outcome = error.code
    return response


def init_app(app: Flask) -> None:
    """One shape for every error, one log line for every request."""
    app.before_request(_begin)
    app.after_request(_end)
    app.register_error_handler(ChatError, problem_response)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _unexpected)


def begin_call(event: str, path: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments in the path of a request that asks `event`."""
    g.call.event = event
    return {name: value if isinstance(value, int) else str(value) for name, value in path.items()}


def identified() -> Actor:
    """Who the token of this request speaks for."""
    actor: Actor = dispatch("device:identify", None, {"token": bearer()})
    g.call.facts |= {"actor": actor.user_id, "device": actor.device_id}
    return actor


def _body() -> dict[str, Any]:
    """The JSON object of the body; no body at all is an empty one."""
    raw = request.get_data(cache=False)
    if not raw:
        return {}
    if request.content_length is None and len(raw) >= (request.max_content_length or 0):
        raise TooLarge  # a body in chunks is cut at the limit without a word
    if request.mimetype != "application/json":
        raise UnsupportedMedia
    try:
        body = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise BadRequest("The body is not JSON.") from error
    if not isinstance(body, dict):
        raise BadRequest("The body must be a JSON object.")
    return body


def _query(takes: Schema) -> dict[str, Any]:
    """The query string, numbers and flags read as what the schema takes; what does not fit is left to be refused."""
    return {name: _read(takes.fields.get(name), text) for name, text in request.args.items()}


def _read(field: Any, text: str) -> Any:
    if isinstance(field, fields.Integer) and text.isascii() and text.isdigit() and len(text) < 20:
        return int(text)
    if isinstance(field, fields.Boolean):
        return {"true": True, "false": False}.get(text, text)
    return text


def _begin() -> None:
    g.call = Call("http", "rest")


def _end(response: Response) -> Response:
    response.headers["X-Request-ID"] = g.call.id
    response.headers["X-Content-Type-Options"] = "nosniff"
    g.call.finish(method=request.method, path=_template(request), status=response.status_code)
    return response


def _template(request: Request) -> str | None:
    """The route, not the address: addresses may carry what people typed."""
    return request.url_rule.rule if request.url_rule else None


def _http_error(error: HTTPException) -> Response:
    if error.code is None or error.code < 400:
        return error.get_response()  # type: ignore[return-value]
    kind = OF_STATUS.get(error.code, BadRequest if error.code < 500 else ChatError)
    return problem_response(kind())


def _unexpected(error: Exception) -> Response:
    log.error("unexpected", exc_info=error, extra={"id": g.call.id, "event": g.call.event})
    return problem_response(ChatError())
