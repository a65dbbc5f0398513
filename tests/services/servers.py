"""A real PostgreSQL and a real Redis from Debian's packages, over TCP and on unix sockets, ended with the tests."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
import redis
import trustme
from tests.conftest import skip_or_fail

PASSWORD = "pg-s3cret!word"
PATIENCE = 20.0
"""Seconds until a server has to answer; PostgreSQL needs one, on a busy machine some more."""


@dataclass(frozen=True)
class Server:
    """One that runs, by its addresses on this machine."""

    folder: Path
    """Where its unix socket is."""
    port: int
    tcp: str
    unix: str


@contextmanager
def postgresql() -> Iterator[Server]:
    """PostgreSQL with TLS and SCRAM, and one table of customers."""
    initdb, postgres = _program("initdb", "postgresql"), _program("postgres", "postgresql")
    with _folder() as folder:
        port, data = _free_port(), folder / "data"
        password, certificate = folder / "password", trustme.CA().issue_cert("localhost", "127.0.0.1")
        password.write_text(PASSWORD)
        certificate.cert_chain_pems[0].write_to_path(folder / "server.crt")
        certificate.private_key_pem.write_to_path(folder / "server.key")
        (folder / "server.key").chmod(0o600)
        _give_away(folder)
        made = [initdb, "-D", data, "-U", "agent", "-A", "scram-sha-256", f"--pwfile={password}", "--no-sync", "-N"]
        subprocess.run([*made, "-E", "UTF8", "--locale=C"], check=True, stdout=subprocess.DEVNULL, **_another_user())
        settings = {
            "port": port, "listen_addresses": "127.0.0.1", "unix_socket_directories": folder, "fsync": "off",
            "ssl": "on", "ssl_cert_file": folder / "server.crt", "ssl_key_file": folder / "server.key",
        }  # fmt: skip
        words = [word for key, value in settings.items() for word in ("-c", f"{key}={value}")]
        server = Server(
            folder,
            port,
            tcp=f"postgresql://agent:{PASSWORD}@localhost:{port}/postgres",
            unix=f"postgresql://agent:{PASSWORD}@/postgres?host={folder}&port={port}",
        )
        with _running([postgres, "-D", data, *words], folder, lambda: _fill(server.tcp)):
            yield server


@contextmanager
def redis_server() -> Iterator[Server]:
    """Redis with a password, and one customer's plan."""
    program = _program("redis-server", "redis-server")
    with _folder() as folder:
        port, path = _free_port(), folder / "redis.sock"
        _give_away(folder)
        words = [
            "--port", port, "--bind", "127.0.0.1", "--unixsocket", path, "--unixsocketperm", 777, "--dir", folder,
            "--requirepass", PASSWORD, "--save", "", "--appendonly", "no", "--daemonize", "no",
        ]  # fmt: skip
        server = Server(
            folder,
            port,
            tcp=f"redis://:{PASSWORD}@localhost:{port}/0",
            unix=f"unix://:{PASSWORD}@{path}?db=0",
        )
        with _running([program, *words], folder, lambda: _set(server.tcp)):
            yield server


def _fill(url: str) -> None:
    with psycopg.connect(url, connect_timeout=2) as connection:
        connection.execute("CREATE TABLE customers (id text PRIMARY KEY, name text, plan text)")
        connection.execute("INSERT INTO customers VALUES ('C-17', 'Ada', 'yearly'), ('C-18', 'Grace', 'monthly')")


def _set(url: str) -> None:
    with redis.Redis.from_url(url, retry=None) as client:
        client.mset({"plan:C-17": "yearly", "plan:C-18": "monthly"})


@contextmanager
def _running(command: list[object], folder: Path, first: Callable[[], None]) -> Iterator[None]:
    """The server as another user's process, that ends with us even if we are killed; `first` is its first client."""
    argv, user = ["setpriv", "--pdeathsig", "INT", *map(str, command)], _another_user()
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(argv, cwd=folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log, **user)
    try:
        _until_served(first, process, folder / "log")
        yield
    finally:
        process.send_signal(signal.SIGINT)  # to PostgreSQL a fast end, that waits for no client
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _until_served(first: Callable[[], None], process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + PATIENCE
    while True:
        try:
            return first()
        except (psycopg.OperationalError, redis.ConnectionError) as error:
            if process.poll() is not None or time.monotonic() > end:
                pytest.fail(f"{process.args} does not serve: {error}\n{log.read_text('utf-8', 'replace')[-2000:]}")
            time.sleep(0.05)


def _program(name: str, package: str) -> str:
    """Its path; Debian keeps PostgreSQL's beside the PATH, one folder for each version."""
    beside = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    found = str(beside[-1]) if beside else shutil.which(name)
    if found is None:
        skip_or_fail(f"{name} is not installed: apt-get install {package}")
    assert found is not None
    return found


@contextmanager
def _folder() -> Iterator[Path]:
    """A new folder that everybody may pass, with a path that is short enough for a socket's."""
    folder = Path(tempfile.mkdtemp(prefix="rw-", dir="/tmp"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _another_user() -> Mapping[str, object]:
    """PostgreSQL does not run as root: the one its package made, or nobody."""
    if os.getuid() != 0:
        return {}
    user = _user()
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def _give_away(folder: Path) -> None:
    if os.getuid() == 0:
        for place in (folder, *folder.iterdir()):
            os.chown(place, _user().pw_uid, _user().pw_gid)


def _user() -> pwd.struct_passwd:
    try:
        return pwd.getpwnam("postgres")
    except KeyError:
        return pwd.getpwnam("nobody")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
