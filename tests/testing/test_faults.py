"""Faults before declared services, met by real clients of real servers, sync and async."""

from __future__ import annotations

import socket

import pytest
from tests.services.servers import Server
from tests.testing.project import Project

pytestmark = pytest.mark.slow

MANIFEST = """\
agent: {entry: agent.py:agent}
env:
  STORE_URL: {type: url, per_environment: true}
  STORE_HOST: {required: false}
services: {store: {url: "${STORE_URL}"}}
"""
ECHO = """
import os, socketserver, threading
import pytest

class Echo(socketserver.BaseRequestHandler):
    def handle(self):
        while data := self.request.recv(1000):
            self.request.sendall(data)

@pytest.fixture(autouse=True, scope="session")
def store():
    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Echo)
    server.daemon_threads = server.block_on_close = True
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    os.environ["STORE_URL"] = f"tcp://u:p@localhost:{server.server_address[1]}/db?x=1"
    yield
    server.shutdown()
    thread.join()
    server.server_close()
"""
CLIENT = """
import os, socket
from urllib.parse import urlsplit

def connect():
    url = urlsplit(os.environ["STORE_URL"])
    return socket.create_connection((url.hostname, url.port), 5)

def says(word=b"word", timeout=5, connection=None):
    with connection or connect() as it:
        it.settimeout(timeout)
        it.sendall(word)
        return it.recv(100)
"""


@pytest.fixture(autouse=True)
def agent(project: Project) -> None:
    project.write("roadworthy.yaml", MANIFEST)
    project.write("conftest.py", ECHO)
    project.write("agent.py", CLIENT)


def test_each_kind_is_met_on_the_wire_and_ends(project: Project) -> None:
    project.write(
        "test_it.py",
        """
        import os, time
        import pytest
        from agent import connect, says

        def test_well(fault):
            assert says() == b"word"
            assert "u:p@" in os.environ["STORE_URL"] and os.environ["STORE_URL"].endswith("/db?x=1")

        def test_refused(fault):
            old = connect()
            assert says(connection=old) == b"word"
            with fault(service="store", kind="refuse"):
                with pytest.raises(ConnectionRefusedError):
                    connect()
            assert says() == b"word"

        def test_reset(fault):
            with fault("store", "reset") as broken:
                with pytest.raises(ConnectionResetError):
                    says()
                assert len(broken.uses) == 1
            assert says() == b"word"

        def test_an_open_connection_is_reset_too(fault):
            open_one = connect()
            open_one.sendall(b"x")
            assert open_one.recv(9) == b"x"
            fault("store", "reset")
            with pytest.raises(ConnectionResetError):
                says(connection=open_one)

        def test_silent(fault):
            fault("store", "silent")
            with pytest.raises(TimeoutError):
                says(timeout=0.2)

        def test_slow(fault):
            fault("store", "slow", seconds=0.5)
            began = time.monotonic()
            assert says() == b"word"
            assert time.monotonic() - began >= 0.5

        def test_afterwards():
            assert "@localhost:" in os.environ["STORE_URL"] and says() == b"word"
        """,
    )

    assert project.outcomes() == {"passed": 7}
    assert project.outcomes("-n2") == {"passed": 7}


def test_the_fault_is_there_in_a_production_like_environment_too(project: Project) -> None:
    project.write(
        "test_it.py",
        """
        import pytest
        from agent import connect, says

        def test_it(fault, production_like):
            assert says() == b"word"
            fault("store", "refuse")
            with pytest.raises(ConnectionRefusedError):
                connect()
            assert production_like.refused == []
        """,
    )

    assert project.outcomes() == {"passed": 1}


def test_a_fault_that_nothing_meets_fails_the_test(project: Project) -> None:
    project.write(
        "test_it.py",
        """
        import os
        URL = os.environ.get("STORE_URL")  # read when the module is imported

        def test_it(fault):
            fault("store", "silent")
        """,
    )

    ran = project.run()

    assert ran.outcomes == {"failed": 1}
    assert "store was broken (silent), and nothing has noticed" in ran.text
    assert "STORE_URL" in ran.text


def test_a_client_that_waits_for_ever_fails_the_test(project: Project) -> None:
    project.write(
        "test_it.py",
        """
        from agent import says

        def test_it(fault):
            fault("store", "silent", within=0.3)
            try:
                says(timeout=None)
            except OSError:
                pass
        """,
    )

    ran = project.run()

    assert ran.outcomes == {"failed": 1}
    assert "store was silent, and the agent still waited after 0.3 s" in ran.text


def test_what_cannot_be_broken_is_told(project: Project) -> None:
    project.write(
        "test_it.py",
        """
        import pytest
        from roadworthy.errors import UsageError

        def test_it(fault):
            with pytest.raises(UsageError, match="the manifest declares store"):
                fault("stoer", "refuse")
            with pytest.raises(UsageError, match="there is no such kind"):
                fault("store", "explode")
        """,
    )

    assert project.outcomes() == {"passed": 1}

    project.write("roadworthy.yaml", "agent: {entry: agent.py:agent}\nservices: {store: {url: 'tcp://localhost:9'}}\n")
    project.write("test_it.py", "def test_it(fault):\n    fault('store', 'refuse')\n")
    ran = project.run()

    assert ran.outcomes == {"failed": 1}
    assert "no declared variable holds its address" in ran.text

    (project.folder / "roadworthy.yaml").unlink()
    ran = project.run()

    assert ran.outcomes == {"error": 1}
    assert "the fixture `fault` needs a manifest" in ran.text


def test_a_password_is_nowhere_in_what_is_told(project: Project) -> None:
    project.write("roadworthy.yaml", MANIFEST.replace("per_environment: true", "secret: true"))
    project.write("conftest.py", ECHO.replace("u:p@", "u:planted-s3cret@"))
    project.write(
        "test_it.py",
        """
        def test_it(fault, production_like, simulated_model):
            broken = fault("store", "silent")
            print(repr(broken), repr(production_like), repr(simulated_model), repr(fault))
            assert False
        """,
    )

    ran = project.run("-l")

    assert ran.outcomes == {"failed": 1}
    assert "planted-s3cret" not in ran.text


def test_real_databases_and_their_clients_meet_it(project: Project, database: Server, cache: Server) -> None:
    project.variables |= {"DATABASE_URL": database.tcp, "REDIS_URL": cache.tcp}
    (project.folder / "conftest.py").unlink()
    project.write(
        "roadworthy.yaml",
        """\
        agent: {entry: agent.py:agent}
        env: {DATABASE_URL: {type: url, secret: true}, REDIS_URL: {type: url, secret: true}}
        services: {database: {url: "${DATABASE_URL}"}, cache: {url: "${REDIS_URL}"}}
        """,
    )
    project.write(
        "test_it.py",
        """
        import os
        import asyncpg, psycopg, pytest, redis, redis.asyncio

        def rows(**options):
            with psycopg.connect(os.environ["DATABASE_URL"], **options) as connection:
                return connection.execute("SELECT count(*) FROM customers").fetchone()[0]

        async def rows_async(**options):
            connection = await asyncpg.connect(os.environ["DATABASE_URL"], **options)
            try:
                return await connection.fetchval("SELECT count(*) FROM customers")
            finally:
                await connection.close()

        def plan(**options):
            with redis.Redis.from_url(os.environ["REDIS_URL"], retry=None, **options) as client:
                return client.get("plan:C-17")

        def test_psycopg(fault, production_like):
            assert rows() == 2
            with fault("database", "refuse"), pytest.raises(psycopg.OperationalError, match="refused"):
                rows()
            assert rows() == 2
            with fault("database", "silent"), pytest.raises(psycopg.OperationalError, match="timeout"):
                rows(connect_timeout=2)
            with fault("database", "reset"), pytest.raises(psycopg.OperationalError):
                rows()
            assert rows() == 2

        async def test_asyncpg(fault, production_like):
            assert await rows_async() == 2
            with fault("database", "refuse"), pytest.raises(ConnectionRefusedError):
                await rows_async()
            with fault("database", "silent"), pytest.raises(TimeoutError):
                await rows_async(timeout=0.3)
            assert await rows_async() == 2

        def test_redis(fault, production_like):
            assert plan() == b"yearly"
            with fault("cache", "refuse"), pytest.raises(redis.ConnectionError, match="refused"):
                plan()
            with fault("cache", "silent"), pytest.raises(redis.TimeoutError):
                plan(socket_timeout=0.3)
            assert plan() == b"yearly" and rows() == 2

        async def test_redis_async(fault):
            async with redis.asyncio.Redis.from_url(os.environ["REDIS_URL"], retry=None) as client:
                assert await client.get("plan:C-17") == b"yearly"
                fault("cache", "refuse")
                with pytest.raises(redis.ConnectionError):
                    await client.get("plan:C-17")
        """,
    )

    assert project.outcomes() == {"passed": 4}


def test_a_variable_may_hold_the_host_alone_or_words(project: Project) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    project.write(
        "roadworthy.yaml",
        f"""\
        agent: {{entry: agent.py:agent}}
        env: {{STORE_HOST: {{default: localhost}}, STORE_WORDS: {{default: "dbname=x host=localhost port={port}"}}}}
        services: {{store: {{host: "${{STORE_HOST}}", port: {port}}}}}
        """,
    )
    project.write("conftest.py", ECHO.replace('("127.0.0.1", 0)', f'("127.0.0.1", {port})'))
    project.write(
        "test_it.py",
        f"""
        import os, socket
        import pytest

        def test_it(fault, production_like):
            host, words = os.environ["STORE_HOST"], os.environ["STORE_WORDS"]
            assert words == f"dbname=x host={{host}} port={port}" and host.startswith("127.7.")
            socket.create_connection((host, {port}), 5).close()
            fault("store", "refuse")
            with pytest.raises(ConnectionRefusedError):
                socket.create_connection((host, {port}), 5)
        """,
    )

    assert project.outcomes() == {"passed": 1}


def test_a_service_that_takes_the_port_on_every_address_has_its_fault_point_at_another(project: Project) -> None:
    project.write("conftest.py", ECHO.replace('("127.0.0.1", 0)', '("0.0.0.0", 0)'))
    project.write(
        "test_it.py",
        """
        import pytest
        from agent import connect, says

        def test_it(fault):
            assert says() == b"word"
            fault("store", "refuse")
            with pytest.raises(ConnectionRefusedError):
                connect()
        """,
    )

    assert project.outcomes() == {"passed": 1}
