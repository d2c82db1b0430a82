"""What everybody may know: the configuration, both contracts, and how the process is."""

import secrets
from ipaddress import ip_address

from flask import Blueprint as PlainBlueprint
from flask import Response, current_app, request

from chatx.api.asyncapi import asyncapi_document
from chatx.api.blueprint import Blueprint
from chatx.api.reply import bearer, json_response
from chatx.dispatch.health import health
from chatx.errors import NotFound, Unauthenticated
from chatx.services.metrics import metrics

FORWARDED = {"forwarded", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip", "via"}

config = Blueprint("server", guard="public", description="What this server can do")
config.asks("GET", "/config", "config:get")

plain = PlainBlueprint("plain", __name__)


@plain.get("/healthz")
def healthz() -> Response:
    """The process lives."""
    return json_response({"status": "ok"})


@plain.get("/readyz")
def readyz() -> Response:
    """The database and Redis answer, and the process is not going away."""
    state = health()
    return json_response(state, 200 if state["status"] == "ok" else 503)


@plain.get("/metrics")
def show_metrics() -> Response:
    """What this process has counted, in Prometheus's format, for its owner."""
    _for_the_owner_alone()
    text, kind = metrics.shown()
    return Response(text, content_type=kind)


@plain.get("/api/v1/asyncapi.json")
def asyncapi() -> Response:
    """Everything a socket can ask and hear."""
    return json_response(asyncapi_document(current_app.config["API_VERSION"]))


def _for_the_owner_alone() -> None:
    """Who has the token; without one, who asks on this machine and not through a proxy. To all others there is nothing here."""
    if expected := current_app.config["METRICS_TOKEN"]:
        if not secrets.compare_digest(bearer().encode(), expected.encode()):
            raise Unauthenticated("This is not the token of CHATX_METRICS_TOKEN.")
    elif FORWARDED & {name.lower() for name, _ in request.headers} or not ip_address(request.remote_addr or "::").is_loopback:
        raise NotFound
