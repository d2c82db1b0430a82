"""How one setting is read: what it may be, and the error that names it when it is something else."""

from collections.abc import Mapping
from ipaddress import ip_address


class ConfigError(Exception):
    """A setting is missing or cannot be used; the text says which one and what it should be."""


def database_url(url: str) -> str:
    """Any spelling of a PostgreSQL URL, as the one of the driver that yields to eventlet: psycopg2."""
    from sqlalchemy import exc, make_url  # noqa: PLC0415 - not before eventlet has patched what it imports

    scheme, separator, rest = url.partition("://")
    if scheme.split("+")[0] in ("postgres", "postgresql"):
        url = f"postgresql+psycopg2{separator}{rest}"
    elif scheme != "sqlite":
        raise ConfigError("CHATX_DATABASE_URL must begin with sqlite:// or postgresql://.")  # it may hold a password
    try:
        make_url(url)
    except (exc.ArgumentError, ValueError) as error:
        raise ConfigError("CHATX_DATABASE_URL cannot be read as scheme://user:password@host:port/name.") from error
    return url


def database(environ: Mapping[str, str]) -> str | None:
    """The database that the environment names: by its URL or, where the password is a secret of its own, by its parts."""
    url, host = environ.get("CHATX_DATABASE_URL"), environ.get("CHATX_DATABASE_HOST")
    password = environ.get("CHATX_DATABASE_PASSWORD")
    if url and (host or password):
        raise ConfigError("CHATX_DATABASE_URL and CHATX_DATABASE_HOST or _PASSWORD are both set: give the URL or the parts.")
    if url:
        return database_url(url)
    if not host:
        if password:
            raise ConfigError("CHATX_DATABASE_HOST is missing: CHATX_DATABASE_PASSWORD is of a database somewhere.")
        return None
    from sqlalchemy import URL  # noqa: PLC0415 - not before eventlet has patched what it imports

    return URL.create(
        "postgresql+psycopg2",
        username=environ.get("CHATX_DATABASE_USER") or "chatx",
        password=password or None,
        host=host,
        port=integer(environ, "CHATX_DATABASE_PORT", 5432, least=1, most=65_535),
        database=environ.get("CHATX_DATABASE_NAME") or "chatx",
    ).render_as_string(hide_password=False)


def redis_url(url: str | None) -> str | None:
    """None, or the URL of a Redis, in the clear or over TLS."""
    if url is not None and not url.startswith(("redis://", "rediss://")):
        raise ConfigError("CHATX_REDIS_URL must begin with redis:// or rediss://.")
    return url


def integer(environ: Mapping[str, str], name: str, default: int, *, least: int = 0, most: int = 10_000) -> int:
    """A whole number from `least` to `most`; the default where nothing is said."""
    value = environ.get(name) or str(default)
    if not value.isascii() or not value.isdigit() or len(value) > 9 or not least <= int(value) <= most:
        raise ConfigError(f"{name} must be a whole number from {least} to {most}, not {value!r}.")
    return int(value)


def places(environ: Mapping[str, str], name: str) -> frozenset[tuple[str, int]]:
    """Addresses with ports, separated by commas, as (address, port): `127.0.0.1:8080`, `[::1]:8080`."""
    found = set()
    for place in filter(None, (each.strip() for each in environ.get(name, "").split(","))):
        host, _, port = place.rpartition(":")
        try:
            found.add((str(ip_address(host.removeprefix("[").removesuffix("]"))), int(port)))
        except ValueError as error:
            raise ConfigError(f"{name} must be addresses with ports, as 127.0.0.1:8080, not {place!r}.") from error
    return frozenset(found)


def choice(environ: Mapping[str, str], name: str, default: str, *others: str) -> str:
    """One of these words, in any case; the default where nothing is said."""
    value = (environ.get(name) or default).lower()
    if value not in (default, *others):
        raise ConfigError(f"{name} must be one of {', '.join((default, *others))}, not {value!r}.")
    return value
