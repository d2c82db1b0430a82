"""REST: one line per route. Each blueprint names its guard, and every route of it needs exactly that."""

from flask import Flask

from chatx.api import auth, events, exports, live_locations, messages, openapi, polls, reply, rooms, server, users
from chatx.extensions import api

BLUEPRINTS = [
    server.config,
    auth.public,
    auth.refresh,
    auth.devices,
    users.users,
    rooms.rooms,
    messages.messages,
    polls.polls,
    events.events,
    live_locations.live_locations,
    exports.exports,
]


def init_app(app: Flask) -> None:
    """Register the routes, their document, and the one shape of errors."""
    reply.init_app(app)
    openapi.init_app(app)
    for blueprint in BLUEPRINTS:
        api.register_blueprint(blueprint)
    app.register_blueprint(server.plain)
