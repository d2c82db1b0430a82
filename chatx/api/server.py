"""What everybody may know: the configuration, both contracts, and how the process is."""

from flask import Blueprint as PlainBlueprint
from flask import Response, current_app

from chatx.api.asyncapi import asyncapi_document
from chatx.api.blueprint import Blueprint
from chatx.api.reply import json_response
from chatx.dispatch.health import health

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


@plain.get("/api/v1/asyncapi.json")
def asyncapi() -> Response:
    """Everything a socket can ask and hear."""
    return json_response(asyncapi_document(current_app.config["API_VERSION"]))
