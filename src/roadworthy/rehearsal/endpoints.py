"""Where the declared services are: here on this machine, and in production."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from roadworthy.errors import UsageError
from roadworthy.manifest.model import Manifest, Service
from roadworthy.manifest.variables import resolve

PORTS = {"http": 80, "https": 443, "postgres": 5432, "postgresql": 5432, "redis": 6379, "rediss": 6379,
         "mysql": 3306, "mariadb": 3306, "mssql": 1433, "amqp": 5672, "amqps": 5671, "mongodb": 27017, "nats": 4222,
         "ws": 80, "wss": 443}  # fmt: skip
"""Default ports by URL scheme (IANA, and each project's documentation)."""
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
        host, port = parts.hostname or "", parts.port or service.port or _usual_port(parts)
        if not host and parts.path.startswith("/"):
            return Endpoint(name, parts.path, 0, production, socket=True)
    if host.startswith("/"):
        return Endpoint(name, host, port or 0, production, socket=True)
    if not host or port is None:
        raise UsageError(
            f"services.{name}: no host and port to be had from {service.url or service.host!r}\n"
            "  write a URL with both, or `host` and `port`"
        )
    return Endpoint(name, host, port, production)


def in_production(value: str, services: tuple[Endpoint, ...]) -> str:
    """A variable's value with every service address in it replaced by its production name.

    Credentials, path and query are kept.
    """
    for service in services:
        if service.socket:
            continue
        for name in dict.fromkeys((*LOOPBACK, service.host) if service.is_local else (service.host,)):
            host = f"[{name}]" if ":" in name else name
            value = _replaced(value, f"{host}:{service.port}", f"{service.production_host}:{service.port}")
            parts = _parts(value)
            if parts and parts.hostname == name.lower() and parts.port is None and _usual_port(parts) == service.port:
                before, at, _ = parts.netloc.rpartition("@")
                value = value.replace(f"//{parts.netloc}", f"//{before}{at}{service.production_host}", 1)
    return value


def _parts(url: str) -> SplitResult | None:
    """The URL's parts; None for what is none."""
    try:
        parts = urlsplit(url)
        _ = parts.port  # raises for one that is no number
    except ValueError:
        return None
    return parts


def _usual_port(parts: SplitResult) -> int | None:
    """By scheme, without the driver that SQLAlchemy writes behind it (`postgresql+psycopg2`)."""
    return PORTS.get(parts.scheme.partition("+")[0])


def _replaced(value: str, old: str, new: str) -> str:
    """Replace an address where it stands alone: `localhost:54` is no part of `localhost:5432`."""
    return re.sub(rf"(?<![\w.-]){re.escape(old)}(?!\d)", lambda _: new, value, flags=re.IGNORECASE)
