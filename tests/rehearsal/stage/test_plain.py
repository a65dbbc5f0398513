"""The plain stage: variables, a copy of the project, a proxy to the providers, and a complete end."""

from __future__ import annotations

import json
import os
import random
import socket
import subprocess
import threading
from pathlib import Path

import pytest
from tests.rehearsal.stage.conftest import Actor
from tests.rehearsal.stage.staging import PROVIDER, Staging, answers, texts, tree, write_agent

from roadworthy.manifest.model import Budgets, Service, Variable
from roadworthy.rehearsal.conditions import CpuLimit, OnlyDeclared, Without
from roadworthy.rehearsal.observed import Observed
from roadworthy.rehearsal.scenario import Send, Terminate, Trial

pytestmark = pytest.mark.slow

SEND = (Send("x"),)


def free_port() -> int:
    """Below those that the kernel hands out: nobody takes it before the agent does."""
    while True:
        port = random.randrange(20_000, 30_000)
        with socket.socket() as tried:
            if tried.connect_ex(("127.0.0.1", port)) != 0:
                return port


def performed(actor: Actor, project: Path, *trials: Trial, **more: object) -> list[Observed]:
    """On a port of its own: without a sandbox the agent shares this machine's."""
    port = free_port()
    command = more.pop("command", (actor.python, "main.py"))
    environment = {"PORT": str(port), **more.pop("environment", {})}  # type: ignore[dict-item]
    manifest = {**more.pop("manifest", {})}  # type: ignore[arg-type,dict-item]
    manifest["env"] = {"PORT": Variable(), **manifest.get("env", {})}
    return actor.performs(
        Staging(
            project,
            command,  # type: ignore[arg-type]
            trials,
            stage="process",
            agent={"port": port},
            environment=environment,
            manifest=manifest,
            **more,  # type: ignore[arg-type]
        )
    )


def test_variables_and_a_copy_of_the_project(actor: Actor) -> None:
    project = write_agent(
        actor.home / "project",
        """
def answer(query):
    open("new", "w").close()
    os.remove("old.txt")
    open(__file__, "a").write("#")
    return json.dumps({"cwd": os.getcwd(), "files": sorted(os.listdir()), "names": sorted(os.environ)})
""",
        {".env": "OWN=1", "old.txt": "old"},
    )
    actor.owns(actor.place)
    before = tree(project)

    laptop, declared, without = performed(
        actor,
        project,
        Trial((), SEND),
        Trial((OnlyDeclared(),), SEND),
        Trial((Without("MINE"),), SEND),
        environment={"MINE": "1"},
        dotenv={"OWN": "1"},
    )

    assert tree(project) == before
    seen = [json.loads(answers(each)[0]) for each in (laptop, declared, without)]
    assert all(each["cwd"] != str(project) for each in seen)
    assert [each["files"] for each in seen] == [[".env", "main.py", "new"], ["main.py", "new"], ["main.py", "new"]]
    assert ["MINE" in each["names"] for each in seen] == [True, False, False]


def test_an_absolute_command_runs_the_copy_too(actor: Actor) -> None:
    project = write_agent(actor.home / "project", "def answer(query):\n    return os.path.abspath(__file__)\n")

    (seen,) = performed(actor, project, Trial((), SEND), command=(actor.python, str(project / "main.py")))

    assert answers(seen)[0].endswith("/project/main.py")
    assert not answers(seen)[0].startswith(str(project))


def test_an_environment_in_the_project_is_used_and_left_alone(actor: Actor) -> None:
    project = write_agent(actor.home / "project", "import library\ndef answer(query):\n    return library.__file__\n")
    real = os.path.realpath(actor.python)
    subprocess.run([real, "-m", "venv", "--without-pip", str(project / ".venv")], check=True)
    site = next((project / ".venv" / "lib").glob("python*/site-packages"))
    (site / "library.py").write_text("")
    actor.owns(actor.place)
    before = tree(project)

    (seen,) = performed(actor, project, Trial((), SEND), command=(".venv/bin/python", "main.py"))

    assert answers(seen)[0].endswith("library.py")
    assert tree(project) == before


def test_providers_by_the_proxy_and_nothing_else(actor: Actor) -> None:
    project = write_agent(
        actor.home / "project",
        """
import urllib.request
def ask(url):
    try:
        return urllib.request.urlopen(url, timeout=5).read().decode()
    except OSError as error:
        return "failed: " + str(error)

def answer(query):
    return json.dumps([ask("https://PROVIDER/v1/models"), ask("https://example.com/"), ask("http://example.com/"),
                       ask(os.environ["SERVICE_URL"])])
""".replace("PROVIDER", PROVIDER),
    )
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"http://localhost:{server.getsockname()[1]}"

        def reply() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(1000)
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\nservice")

        threading.Thread(target=reply, daemon=True).start()
        (seen,) = performed(
            actor,
            project,
            Trial((), SEND),
            environment={"SERVICE_URL": url},
            manifest={"services": {"own": Service(url="${SERVICE_URL}")}},
        )

    provider, stranger, plain, service = json.loads(answers(seen)[0])
    assert provider == f"this is {PROVIDER}"
    assert "502" in stranger
    assert "502" in plain
    assert service == "service"
    assert ("example.com", False) in [(lookup.name, lookup.known) for lookup in seen.lookups]


def test_a_daemon_of_the_agents_ends_with_it(actor: Actor) -> None:
    project = write_agent(
        actor.home / "project",
        """
import time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        os.setsid()
        print("daemon", os.getpid(), flush=True)
        time.sleep(600)
    os._exit(0)
os.wait()

def answer(query):
    return "x"
""",
    )

    (seen,) = performed(actor, project, Trial((), SEND))

    assert answers(seen) == ["x"]
    daemon = int(next(line for line in texts(seen) if line.startswith("daemon")).split()[1])
    assert not lives(daemon)


def lives(pid: int) -> bool:
    """A dead one that its parent has not looked at yet has no memory any more."""
    try:
        return "VmRSS" in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False


def test_the_exit_is_seen(actor: Actor) -> None:
    project = write_agent(actor.home / "project", "def answer(query):\n    return 'x'\n")

    ended, broken = performed(
        actor,
        project,
        Trial((), (Send("x"), Terminate(5))),
        Trial((Without("PORT"),), SEND, may_not_start=True),
        manifest={"budgets": Budgets(ready=1)},
    )

    assert ended.life.exit_status == -15
    assert ended.life.exited is not None
    assert broken.life.ready is None


def test_part_of_a_processor(me: Actor) -> None:
    project = write_agent(
        me.home / "project",
        """
import time
def answer(query):
    began, used = time.monotonic(), time.thread_time()
    while time.thread_time() - used < 0.4:
        sum(range(1000))
    return str(time.monotonic() - began)
""",
    )

    (seen,) = performed(me, project, Trial((CpuLimit(0.5),), SEND))

    assert float(answers(seen)[0]) > 0.6


def test_a_port_in_use_is_told(me: Actor) -> None:
    project = write_agent(me.home / "project", "")
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with pytest.raises(AssertionError, match=f"port {port} is in use on this machine"):
            me.performs(
                Staging(project, (me.python, "main.py"), (Trial((), SEND),), stage="process", agent={"port": port})
            )
