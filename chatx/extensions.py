"""The extensions, created here and bound to an application in `create_app()`; and the seams a transport fills."""

import sqlite3
import threading
import time
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any

import psycopg2.extensions
from flask import Flask
from flask_jwt_extended import JWTManager
from flask_migrate import Migrate
from flask_smorest import Api as SmorestApi
from flask_socketio import SocketIO
from flask_sqlalchemy import SQLAlchemy
from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from sqlalchemy import MetaData, event
from sqlalchemy.engine import Engine
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.pool import QueuePool

IDLE_SECONDS = 1
UUID_OID = 2950


class Api(SmorestApi):
    """flask-smorest for the OpenAPI document only: errors have one shape of our own (`api/reply.py`).

    unwritten: what the document does not say yet. It is written when somebody first asks for it: no start waits for that.
    """

    def init_app(self, app: Flask, **options: Any) -> None:
        self.unwritten: list[Callable[[], None]] = []
        self._writing = threading.Lock()
        super().init_app(app, **options)

    def _register_error_handlers(self) -> None:
        return None

    def _openapi_json(self) -> Any:
        with self._writing:
            background.call(self._write)
        return super()._openapi_json()

    def _write(self) -> None:
        while self.unwritten:
            self.unwritten.pop(0)()


class Base(DeclarativeBase):
    """Names every constraint, so that migrations can find them on both databases."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class RedisLink:
    """The connections to Redis, or none: both are None where one process serves everybody.

    `ear` listens, and never tries again by itself: a lost connection is a loss that must be told.
    """

    client: "Redis | None" = None
    ear: "Redis | None" = None

    def init_app(self, app: Flask) -> None:
        if url := app.config["REDIS_URL"]:
            patience: dict[str, Any] = {"socket_timeout": 1, "socket_connect_timeout": 1, "health_check_interval": 15}
            self.client = Redis.from_url(url, **patience)
            self.ear = Redis.from_url(url, retry=Retry(NoBackoff(), 0), **patience)
        else:
            self.client = self.ear = None


class Background:
    """What a green-thread library does differently; `sockets/` binds it, everything else only calls it."""

    def __init__(self) -> None:
        self.call: Callable[..., Any] = lambda work, *args: work(*args)
        self.spawn: Callable[..., Any] = lambda work, *args: threading.Thread(target=work, args=args, daemon=True).start()
        self.lasts = True

    def bind(self, *, call: Callable[..., Any], spawn: Callable[..., Any], lasts: bool = True) -> None:
        """call(work, *args): run CPU-heavy work off the event loop and wait; spawn(work, *args): run it beside us.

        lasts: whether this process goes on when its call is done.
        """
        self.call, self.spawn, self.lasts = call, spawn, lasts


class Alarm:
    """Rung after a commit that set a timer; what works on them in this process, if anything does, binds it."""

    def __init__(self) -> None:
        self.ring: Callable[[datetime], None] = lambda due_at: None

    def bind(self, ring: Callable[[datetime], None]) -> None:
        """ring(due_at): something is due then; returns at once."""
        self.ring = ring


db = SQLAlchemy(model_class=Base, session_options={"expire_on_commit": False})
migrate = Migrate()
jwt = JWTManager()
api = Api()
socketio = SocketIO()
redis = RedisLink()
background = Background()
alarm = Alarm()

if TYPE_CHECKING:
    Model = Base
else:
    Model = db.Model


@event.listens_for(Engine, "connect")
def _set_up_sqlite(connection: Any, record: Any) -> None:
    """Every SQLite connection: WAL, durable commits, foreign keys, and transactions that we begin ourselves."""
    if isinstance(connection, sqlite3.Connection):
        connection.isolation_level = None
        connection.executescript(
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA busy_timeout=5000;"
        )


@event.listens_for(QueuePool, "checkout")
def _leave_ids_as_text(connection: Any, record: Any, proxy: Any) -> None:
    """PostgreSQL sends ids as the text that the house uses; the driver would make an object of each, only to be undone.

    At the first use of a connection, because SQLAlchemy sets it up after all listeners to `connect`.
    """
    if isinstance(connection, psycopg2.extensions.connection) and not record.info.get("ids_are_text"):
        record.info["ids_are_text"] = True
        text = psycopg2.extensions.new_type((UUID_OID,), "UUID", psycopg2.STRING)
        psycopg2.extensions.register_type(text, connection)


@event.listens_for(QueuePool, "checkin")
def _note_when(connection: Any, record: Any) -> None:
    record.info["idle_since"] = time.monotonic()


@event.listens_for(QueuePool, "checkout")
def _try_if_idle(connection: Any, record: Any, proxy: Any) -> None:
    """A connection that was idle may be lost without knowing; one that was used a moment ago is not asked again."""
    idle = time.monotonic() - record.info.get("idle_since", time.monotonic())
    if idle > IDLE_SECONDS and not isinstance(connection, sqlite3.Connection):
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1")
            connection.rollback()
        except Exception as error:
            raise DisconnectionError from error  # the pool takes another one


@event.listens_for(Engine, "begin")
def _begin_sqlite(connection: Any) -> None:
    """Writers begin IMMEDIATE: a transaction that reads first and writes later would be refused, not queued."""
    if connection.dialect.name == "sqlite":
        reads = connection.get_execution_options().get("chatx_reads", False)
        connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")


def connections_in_use(app: Flask) -> int:
    """How many connections to the database are held by calls now."""
    with app.app_context():
        pool = db.engine.pool
    return pool.checkedout() if isinstance(pool, QueuePool) else 0
