"""Every setting, its default and its environment variable. Nothing else in the house reads the environment."""

import os
import secrets
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

from config_limits import DEVICE_RATES, LIMITS, RATES, SETTINGS
from settings import ConfigError, choice, database, integer, places, redis_url

# The system's resolver instead of eventlet's: it knows IPv6 and /etc/hosts, and does not break with each dnspython.
# eventlet reads this when it is first imported, so it stands here, where wsgi.py looks before anything else.
os.environ.setdefault("EVENTLET_NO_GREENDNS", "yes")
# Threads for what may not run on the loop. Each keeps the memory of the last password that it hashed: twenty, its usual, 400 MB.
os.environ.setdefault("EVENTLET_THREADPOOL_SIZE", "4")

__all__ = ["DEVICE_RATES", "LIMITS", "RATES", "SETTINGS"]

ROOT = Path(__file__).resolve().parent
API_LEVEL = 1
RETENTION_DAYS = 30  # how long changes are kept to be replayed; messages stay
VERSION = "0.1.0"
MOST_WORKERS = 64  # on one host


class Config:
    """Development, and what every environment shares: SQLite and a secret in var/. Capitals are copied to `app.config`."""

    ENV = "development"
    HOST = "127.0.0.1"
    MIGRATE_ON_START = True
    MAX_CONTENT_LENGTH = FRAME_BYTES = LIMITS["body_bytes"]

    API_TITLE, API_VERSION = "Chat-X", VERSION
    OPENAPI_VERSION, OPENAPI_URL_PREFIX, OPENAPI_JSON_PATH = "3.1.0", "/api/v1", "openapi.json"

    JWT_ACCESS_TOKEN_EXPIRES = timedelta(minutes=15)
    JWT_REFRESH_TOKEN_EXPIRES = timedelta(days=60)
    JWT_TOKEN_LOCATION = ("headers",)
    JWT_COOKIE_CSRF_PROTECT = False  # no cookies, so no claim for them

    ASYNC_MODE = "eventlet"
    PING_INTERVAL, PING_TIMEOUT = 25, 20
    # OWASP's second choice (m=19 MiB, t=2, p=1): about 30 ms a hash, off the event loop, at most HASHING at once.
    ARGON2_MEMORY_KIB, ARGON2_TIME, HASHING = 19_456, 2, 2
    LEAST_ARGON2_MEMORY_KIB = 64

    def __init__(self, environ: Mapping[str, str]) -> None:
        self.WORKERS = workers(environ)
        self.WORKER_NUMBER = integer(environ, "CHATX_WORKER_NUMBER", 0, most=MOST_WORKERS - 1)
        self.LAUNCHED = "CHATX_WORKER_NUMBER" in environ
        self.PORT = integer(environ, "PORT", 8000, most=65_536 - self.WORKERS) + self.WORKER_NUMBER
        self.HOST = environ.get("CHATX_HOST") or self.HOST
        self.SQLALCHEMY_DATABASE_URI = database(environ) or self.default_database()
        size = integer(environ, "CHATX_DATABASE_POOL", 10, least=1)
        self.SQLALCHEMY_ENGINE_OPTIONS = {"pool_size": size, "max_overflow": 0, "pool_timeout": 10}
        self.REDIS_URL = redis_url(environ.get("CHATX_REDIS_URL") or None)
        if self.WORKERS > 1 and not (self.REDIS_URL and self.SQLALCHEMY_DATABASE_URI.startswith("postgresql")):
            raise ConfigError("CHATX_WORKERS must be 1 without PostgreSQL in CHATX_DATABASE_URL and Redis in CHATX_REDIS_URL.")
        self.SECRET_KEY = self.JWT_SECRET_KEY = environ.get("CHATX_SECRET_KEY") or self.default_secret()
        memory, least = self.ARGON2_MEMORY_KIB, self.LEAST_ARGON2_MEMORY_KIB
        self.ARGON2_MEMORY_KIB = integer(environ, "CHATX_ARGON2_MEMORY_KIB", memory, least=least, most=1_048_576)
        self.RATE_LIMITS = choice(environ, "CHATX_RATE_LIMITS", "on", "off") == "on"
        self.CORS_ORIGINS = [origin.strip() for origin in environ.get("CHATX_CORS_ORIGINS", "").split(",") if origin.strip()]
        self.LOG_LEVEL = choice(environ, "CHATX_LOG_LEVEL", "info", "debug", "warning", "error").upper()
        self.REGISTRATION = choice(environ, "CHATX_REGISTRATION", "open", "closed")
        self.TRUSTED_PROXIES = integer(environ, "CHATX_TRUSTED_PROXIES", 0)
        self.OUTBOX_BYTES = integer(environ, "CHATX_OUTBOX_BYTES", 1_048_576, least=LIMITS["text_bytes"], most=100_000_000)
        self.WORKER = choice(environ, "CHATX_WORKER", "inline", "off")
        self.METRICS_TOKEN = environ.get("CHATX_METRICS_TOKEN") or None
        self.DRAIN_SECONDS = integer(environ, "CHATX_DRAIN_SECONDS", 3, most=5)
        self.LINK_PREVIEWS = choice(environ, "CHATX_LINK_PREVIEWS", "on", "off") == "on"
        self.LINK_PREVIEW_ALLOWED = places(environ, "CHATX_LINK_PREVIEW_ALLOWED")
        self.CLOUDWATCH_NAMESPACE = environ.get("CHATX_CLOUDWATCH_NAMESPACE") or None

    def default_database(self) -> str:
        return f"sqlite:///{_var() / 'chatx.db'}"

    def default_secret(self) -> str:
        """The secret of this checkout, made once and kept in var/, so that a restart signs nobody out."""
        path = _var() / "secret-key"
        if not path.exists():
            path.touch(mode=0o600)
            path.write_text(secrets.token_urlsafe(48))
        return path.read_text().strip()


class Testing(Config):
    """Cheap hashes, threads instead of green threads, and a secret that nobody keeps."""

    ENV = "testing"
    TESTING = True
    ASYNC_MODE = "threading"
    ARGON2_MEMORY_KIB, ARGON2_TIME = 1_024, 1

    def default_secret(self) -> str:
        return secrets.token_urlsafe(48)


class Production(Config):
    """Refuses to start without what only its owner can give."""

    ENV = "production"
    HOST = "0.0.0.0"
    LEAST_ARGON2_MEMORY_KIB = Config.ARGON2_MEMORY_KIB
    MIGRATE_ON_START = False  # once per deployment instead, before any process of it starts

    def default_database(self) -> str:
        raise ConfigError(
            "CHATX_DATABASE_URL is missing: production needs its PostgreSQL, e.g. postgresql://user:password@host/chatx, "
            "or its parts, CHATX_DATABASE_HOST and so on."
        )

    def default_secret(self) -> str:
        raise ConfigError("CHATX_SECRET_KEY is missing: production needs a secret of at least 32 characters to sign its tokens.")

    def __init__(self, environ: Mapping[str, str]) -> None:
        super().__init__(environ)
        if len(self.SECRET_KEY) < 32:
            raise ConfigError("CHATX_SECRET_KEY is too short: production needs at least 32 characters.")
        if self.LINK_PREVIEW_ALLOWED:
            raise ConfigError("CHATX_LINK_PREVIEW_ALLOWED is for tests: production fetches from no address of its own network.")


ENVIRONMENTS: dict[str, type[Config]] = {"development": Config, "testing": Testing, "production": Production}


def load(environ: Mapping[str, str] | None = None) -> Config:
    """The configuration that the environment names, `development` unless CHATX_ENV says otherwise."""
    environ = os.environ if environ is None else environ
    return ENVIRONMENTS[choice(environ, "CHATX_ENV", *ENVIRONMENTS)](environ)


def workers(environ: Mapping[str, str] | None = None) -> int:
    """How many processes serve on this host, each on a port of its own from PORT on."""
    return integer(os.environ if environ is None else environ, "CHATX_WORKERS", 1, least=1, most=MOST_WORKERS)


def is_launcher() -> bool:
    """Whether this process starts workers instead of serving: it is to be more than one, and is none of them."""
    return os.environ.get("CHATX_WORKERS", "1") not in ("", "1") and "CHATX_WORKER_NUMBER" not in os.environ


def of_worker(number: int) -> dict[str, str]:
    """The environment of one worker: this one's, and which of them it is."""
    return {**os.environ, "CHATX_WORKER_NUMBER": str(number)}


def _var() -> Path:
    path = ROOT / "var"
    path.mkdir(mode=0o700, exist_ok=True)
    return path
