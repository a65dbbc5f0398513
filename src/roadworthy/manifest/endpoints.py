"""Where the declared services are: here on this machine, and in production."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from roadworthy.errors import UsageError
from roadworthy.manifest.model import Manifest, Service
from roadworthy.manifest.variables import resolve

PORTS = {"http": 80, "https": 443, "postgres": 5432, "postgresql": 5432, "redis": 6379, "rediss": 6379,
         "mysql": 3306, "mariadb": 3306, "mssql": 1433, "amqp": 5672, "amqps": 5671, "mongodb": 27017, "nats": 4222,
         "ws": 80, "wss": 443}  # fmt: skip
"""Default ports by URL scheme (IANA, and each project's documentation)."""
LIBPQ_FOLDER = "/var/run/postgresql"
"""Where libpq looks for its socket when no host is given, as Debian and the Red Hat family build it."""
LOOPBACK = ("localhost", "ip6-localhost", "127.0.0.1", "::1", "0.0.0.0")  # noqa: S104 - compared, never bound


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One declared service: where it listens here, and what it is called in production."""

    name: str
    host: str
    port: int
    production_host: str
    socket: bool = False
    """Reached through a unix socket: no network to break."""

    @property
    def is_local(self) -> bool:
        """Whether it listens on this machine's loopback."""
        return self.host in LOOPBACK or self.host.startswith("127.")


def endpoints(manifest: Manifest, environment: Mapping[str, str]) -> tuple[Endpoint, ...]:
    """Resolve every declared service. Raises UsageError for one that has neither host nor port."""
    return tuple(_endpoint(name, service, environment) for name, service in manifest.services.items())


def _endpoint(name: str, service: Service, environment: Mapping[str, str]) -> Endpoint:
    production = service.production_host or f"{name}.internal"
    if service.url is None:
        host, port = resolve(service.host or "", environment), service.port
    else:
        url = resolve(service.url, environment)
        parts = _parts(url)
        if parts is None:
            raise UsageError(f"services.{name}: {service.url!r} leads to no readable URL\n  check its host and port")
        if (path := _unix_socket(parts)) is not None:
            return Endpoint(name, path, 0, production, socket=True)
        query = dict(parse_qsl(parts.query))
        host = parts.hostname or query.get("host", "") or ("localhost" if _is(parts, "redis", "rediss") else "")
        port = parts.port or service.port or _number(query.get("port")) or _usual_port(parts)
    if host.startswith("/"):
        return Endpoint(name, host, port or 0, production, socket=True)
    if not host or port is None:
        raise UsageError(
            f"services.{name}: no host and port to be had from {service.url or service.host!r}\n"
            "  write a URL with both, or `host` and `port`"
        )
    return Endpoint(name, host, port, production)


def _unix_socket(parts: SplitResult) -> str | None:
    """The path that a URL leads to, of a socket or of the folder it is in; None where it leads to a network."""
    query = dict(parse_qsl(parts.query))
    for key in ("host", "unix_socket", "unix_sock"):  # libpq and asyncpg; PyMySQL; MySQL's Connector
        if query.get(key, "").startswith("/"):
            return query[key]
    encoded = unquote(parts.netloc.rpartition("@")[2])
    if encoded.startswith("/"):
        return re.sub(r":\d*$", "", encoded)
    if parts.hostname or query.get("host"):
        return None
    if _is(parts, "postgres", "postgresql"):
        return LIBPQ_FOLDER  # its path is the database's name
    is_path = parts.path.startswith("/") and not (_is(parts, "redis", "rediss") and re.fullmatch(r"/\d*", parts.path))
    return parts.path if is_path else None


def in_production(value: str, services: tuple[Endpoint, ...]) -> str:
    """A variable's value with every service address in it replaced by its production name.

    Credentials, path and query are kept.
    """
    for service in services:
        if service.socket:
            continue
        value = _with_host(value, service)
        for name in dict.fromkeys((*LOOPBACK, service.host) if service.is_local else (service.host,)):
            host = f"[{name}]" if ":" in name else name
            value = _replaced(value, f"{host}:{service.port}", f"{service.production_host}:{service.port}")
            parts = _parts(value)
            if parts and parts.hostname == name.lower() and parts.port is None and _usual_port(parts) == service.port:
                before, at, _ = parts.netloc.rpartition("@")
                value = value.replace(f"//{parts.netloc}", f"//{before}{at}{service.production_host}", 1)
            if _port_of_words(value) == service.port:
                value = re.sub(
                    rf"(?<![\w.-])host={re.escape(name)}(?![\w.:-])",
                    lambda _: f"host={service.production_host}",  # noqa: B023 - called at once
                    value,
                    flags=re.IGNORECASE,
                )
    return value


def _with_host(value: str, service: Endpoint) -> str:
    """`redis:///0` names no host: to Redis clients that is this machine's usual port."""
    parts = _parts(value)
    if not parts or not _is(parts, "redis", "rediss") or parts.hostname or _unix_socket(parts) or not service.is_local:
        return value
    if service.port != _usual_port(parts):
        return value
    return value.replace(f"//{parts.netloc}", f"//{parts.netloc}{service.production_host}:{service.port}", 1)


def _port_of_words(value: str) -> int | None:
    """Of libpq's `host=… port=… dbname=…`, which a URL may have behind its question mark; None where it is neither."""
    if not re.match(r"postgres(ql)?(\+\w+)?://[^?]*\?", value) and "dbname=" not in value:
        return None
    port = re.search(r"(?<!\w)port=(\d+)", value)
    return int(port[1]) if port else PORTS["postgresql"]


def _parts(url: str) -> SplitResult | None:
    """The URL's parts; None for what is none."""
    try:
        parts = urlsplit(url)
        _ = parts.port  # raises for one that is no number
    except ValueError:
        return None
    return parts


def _is(parts: SplitResult, *schemes: str) -> bool:
    return parts.scheme.partition("+")[0] in schemes


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isdecimal() else None


def _usual_port(parts: SplitResult) -> int | None:
    """By scheme, without the driver that SQLAlchemy writes behind it (`postgresql+psycopg2`)."""
    return PORTS.get(parts.scheme.partition("+")[0])


def _replaced(value: str, old: str, new: str) -> str:
    """Replace an address where it stands alone: `localhost:54` is no part of `localhost:5432`."""
    return re.sub(rf"(?<![\w.-]){re.escape(old)}(?!\d)", lambda _: new, value, flags=re.IGNORECASE)
