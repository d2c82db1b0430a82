"""Chat-X: a chat backend. `create_app()` puts the house together; nothing in it knows who calls it."""

from flask import Flask
from flask_cors import CORS
from werkzeug.middleware.proxy_fix import ProxyFix

from chatx import api, cli, handlers, logs, models, sockets
from chatx.extensions import connections_in_use, db, jwt, migrate, redis
from chatx.services.cloudwatch import cloudwatch
from chatx.services.limits import limits
from chatx.services.links import links
from chatx.services.live import live
from chatx.services.metrics import metrics
from chatx.services.passwords import passwords
from chatx.services.policy import policy
from chatx.sockets.fanout import Fanout
from chatx.worker import overdue_seconds
from config import ROOT, Config, load

__all__ = ["create_app", "handlers", "models"]


def create_app(config: Config | None = None) -> Flask:
    """An application of this configuration, by default the one that the environment names."""
    app = Flask(__name__, static_folder=None)
    app.config.from_object(config or load())
    app.json.sort_keys = False  # type: ignore[attr-defined]
    logs.set_up(app.config["LOG_LEVEL"])

    db.init_app(app)
    migrate.init_app(app, db, directory=str(ROOT / "migrations"), render_as_batch=True, compare_type=True)
    jwt.init_app(app)
    redis.init_app(app)
    for service in (cloudwatch, limits, links, live, passwords, policy):
        service.init_app(app)

    api.init_app(app)
    app.extensions["chatx-fanout"] = fanout = sockets.init_app(app, live)
    cli.init_app(app)
    _watch(app, fanout)

    if app.config["CORS_ORIGINS"]:
        CORS(app, origins=app.config["CORS_ORIGINS"], expose_headers=["X-Request-ID", "Retry-After"])
    if hops := app.config["TRUSTED_PROXIES"]:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=1, x_host=0)  # type: ignore[method-assign]
    return app


def _watch(app: Flask, fanout: Fanout) -> None:
    """Where figures are read that nobody counts."""
    metrics.connections.by(lambda: fanout.connected)
    metrics.deliveries.by(lambda: fanout.deliveries)
    metrics.outbox.by(lambda: live.waiting)
    metrics.timers_overdue.by(lambda: overdue_seconds(app))
    metrics.database.by(lambda: connections_in_use(app))
