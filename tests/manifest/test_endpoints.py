"""Where the declared services are, here and in production."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roadworthy.errors import UsageError
from roadworthy.manifest.endpoints import Endpoint, endpoints, in_production
from roadworthy.manifest.model import Manifest, Service

DATABASE = Endpoint("database", "localhost", 5432, "db.prod")
CACHE = Endpoint("cache", "::1", 6379, "cache.prod")
CRM = Endpoint("crm", "crm.dev", 443, "crm.prod")


def only(service: Service, **environment: str) -> Endpoint:
    (found,) = endpoints(Manifest(root=Path("/"), services={"it": service}), environment)
    return found


@pytest.mark.parametrize(
    ("service", "expected"),
    [
        (Service(host="localhost", port=5432), ("localhost", 5432, "it.internal")),
        (Service(host="${HOST:-::1}", port=1, production_host="x.prod"), ("::1", 1, "x.prod")),
        (Service(url="postgresql+psycopg2://me:pw@localhost/it"), ("localhost", 5432, "it.internal")),
        (Service(url="postgresql+asyncpg://localhost:6543/it"), ("localhost", 6543, "it.internal")),
        (Service(url="mysql+pymysql://127.0.0.1"), ("127.0.0.1", 3306, "it.internal")),
        (Service(url="redis://[::1]"), ("::1", 6379, "it.internal")),
        (Service(url="https://crm.dev/v1"), ("crm.dev", 443, "it.internal")),
        (Service(url="redis://:pw@/0"), ("localhost", 6379, "it.internal")),
        (Service(url="postgresql:///it?host=localhost&port=6543"), ("localhost", 6543, "it.internal")),
        (Service(url="grpc://crm.dev", port=50051), ("crm.dev", 50051, "it.internal")),
    ],
)
def test_a_service_by_url_or_by_host_and_port(service: Service, expected: tuple[str, int, str]) -> None:
    found = only(service)

    assert (found.host, found.port, found.production_host) == expected
    assert not found.socket


@pytest.mark.parametrize(
    ("service", "path"),
    [
        (Service(host="/run/postgresql"), "/run/postgresql"),
        (Service(url="redis:///run/redis.sock"), "/run/redis.sock"),
        (Service(url="unix://:pw@/x.sock?db=0"), "/x.sock"),
        (Service(url="postgresql+asyncpg://me:pw@/it?host=/tmp/pg&port=6543"), "/tmp/pg"),
        (Service(url="postgresql://me@%2FTmp%2Fpg:6543/it"), "/Tmp/pg"),
        (Service(url="postgresql:///it"), "/var/run/postgresql"),
        (Service(url="mysql+pymysql://me@localhost/it?unix_socket=/run/mysqld/mysqld.sock"), "/run/mysqld/mysqld.sock"),
    ],
)
def test_a_unix_socket_has_no_network_to_break(service: Service, path: str) -> None:
    found = only(service)

    assert (found.socket, found.host) == (True, path)


@pytest.mark.parametrize("address", ["localhost", "127.0.0.1", "127.1.2.3", "::1", "0.0.0.0"])
def test_loopback_by_all_its_names(address: str) -> None:
    assert only(Service(host=address, port=1)).is_local


@pytest.mark.parametrize("address", ["db.dev", "localhost.dev", "10.0.0.5", "1.127.0.0"])
def test_other_hosts_are_elsewhere(address: str) -> None:
    assert not only(Service(host=address, port=1)).is_local


@pytest.mark.parametrize("url", ["http://localhost:54x2", "http://[::1", "localhost", "nonsense://host"])
def test_an_address_that_leads_nowhere_is_told(url: str) -> None:
    with pytest.raises(UsageError, match=r"services\.it: "):
        only(Service(url="${URL}"), URL=url)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("localhost:5432", "db.prod:5432"),
        ("postgres://me:secret@localhost:5432/it?ssl=0", "postgres://me:secret@db.prod:5432/it?ssl=0"),
        ("postgres://me:secret@localhost/it", "postgres://me:secret@db.prod/it"),
        ("postgres://localhost:pw@localhost/it", "postgres://localhost:pw@db.prod/it"),
        ("postgresql+asyncpg://LOCALHOST:5432/it", "postgresql+asyncpg://db.prod:5432/it"),
        ("jdbc:postgresql://127.0.0.1:5432/it", "jdbc:postgresql://db.prod:5432/it"),
        ("redis://[::1]:6379/0", "redis://cache.prod:6379/0"),
        ("redis://[::1]/0", "redis://cache.prod/0"),
        ("redis://localhost:6379/0", "redis://cache.prod:6379/0"),
        ('{"db": "localhost:5432", "cache": "localhost:6379"}', '{"db": "db.prod:5432", "cache": "cache.prod:6379"}'),
        ("postgresql://me:pw@/it?host=localhost&port=5432", "postgresql://me:pw@/it?host=db.prod&port=5432"),
        ("host=localhost dbname=it password=localhost", "host=db.prod dbname=it password=localhost"),
        ("redis://:pw@localhost:6379/0?ssl_cert_reqs=none", "redis://:pw@cache.prod:6379/0?ssl_cert_reqs=none"),
        ("redis:///0", "redis://cache.prod:6379/0"),
        ("redis://:pw@/0", "redis://:pw@cache.prod:6379/0"),
        ("https://crm.dev:443/v1", "https://crm.prod:443/v1"),
        ("https://crm.dev/v1", "https://crm.prod/v1"),
    ],
)
def test_an_address_of_a_service_becomes_its_production_name(value: str, expected: str) -> None:
    assert in_production(value, (DATABASE, CACHE, CRM)) == expected


@pytest.mark.parametrize(
    "value",
    [
        "host=localhost port=6543 dbname=it", "host=localhost",
        "localhost:54", "localhost:54321", "notlocalhost:5432", "my-localhost:5432", "a.localhost:5432", "localhost",
        "http://localhost/it", "https://crm.dev:8443/v1", "https://not-crm.dev/v1", "5432", "", "a://[b", "//[", "x://h:y",
    ],
)  # fmt: skip
def test_what_only_looks_like_an_address_stays(value: str) -> None:
    assert in_production(value, (DATABASE, CACHE, CRM)) == value


def test_a_service_on_a_unix_socket_changes_no_value() -> None:
    service = Endpoint("database", "/run/postgresql", 0, "db.prod", socket=True)

    assert in_production("postgres:///it?host=/run/postgresql", (service,)) == "postgres:///it?host=/run/postgresql"


def test_a_name_with_a_backslash_is_no_pattern() -> None:
    service = Endpoint("odd", "localhost", 1, r"\g<0>")

    assert in_production("localhost:1", (service,)) == r"\g<0>:1"


@given(st.text())
def test_any_value_is_borne(value: str) -> None:
    assert isinstance(in_production(value, (DATABASE, CACHE, CRM)), str)
