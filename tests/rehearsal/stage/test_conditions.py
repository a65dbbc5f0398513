"""What a condition changes of the laptop stage, and what it leaves alone."""

from __future__ import annotations

import json
import os
import shutil
import socket

import pytest
from tests.rehearsal.stage.conftest import Actor
from tests.rehearsal.stage.staging import PROVIDER, Staging, answers, write_agent

from roadworthy.manifest.model import Budgets, Files, Laptop, Service, Variable
from roadworthy.rehearsal.conditions import (
    Condition,
    Elsewhere,
    EmptyLoopback,
    OnlyDeclared,
    Production,
    SlimPath,
    Unprivileged,
    With,
    Without,
)
from roadworthy.rehearsal.observed import Observed
from roadworthy.rehearsal.scenario import Send, Trial

pytestmark = pytest.mark.slow

SEND = (Send("x"),)


def trials(*conditions: Condition) -> tuple[Trial, ...]:
    """One on the laptop, and one for each condition."""
    return (Trial((), SEND), *(Trial((condition,), SEND) for condition in conditions))


def told(seen: Observed) -> dict[str, object]:
    """What the agent's only answer says, as JSON."""
    found: dict[str, object] = json.loads(answers(seen)[0])
    return found


def test_the_home_folder_stays_what_it_is_when_only_its_variable_is_gone(actor: Actor) -> None:
    project = write_agent(
        actor.home / "project",
        f"""
def answer(query):
    open({str(actor.home / "state")!r}, "w").write("x")
    return json.dumps(os.environ.get("HOME"))
""",
    )

    laptop, without = actor.performs(Staging(project, (actor.python, "main.py"), trials(Without("HOME"))))

    assert json.loads(answers(laptop)[0]) == str(actor.home)
    assert json.loads(answers(without)[0]) is None
    assert not (actor.home / "state").exists()


def test_variables_and_their_files(actor: Actor) -> None:
    project = write_agent(
        actor.home / "work" / "project",
        """
import pathlib
def answer(query):
    here = pathlib.Path(__file__).resolve().parent
    files = [str(folder / ".env") for folder in (here, *here.parents) if (folder / ".env").is_file()]
    read = [text for file in files if (text := open(file).read())]
    return json.dumps({"names": sorted(os.environ), "files": read, "own": os.environ.get("OWN")})
""",
        {".env": "OWN=file", ".env.local": "", "deploy/.env.prod": ""},
    )
    (actor.home / "work" / ".env").write_text("ABOVE=x")

    laptop, only, without, changed = actor.performs(
        Staging(
            project,
            (actor.python, "main.py"),
            trials(OnlyDeclared(), Without("OWN"), With("OWN", "new")),
            manifest={"env": {"OWN": Variable(), "WITH_DEFAULT": Variable(default="d")}},
            environment={"MINE": "1"},
            dotenv={"OWN": "file"},
        )
    )

    assert told(laptop)["files"] == ["OWN=file", "ABOVE=x"]
    assert {"MINE", "OWN"} <= set(told(laptop)["names"])  # type: ignore[call-overload]
    assert told(laptop)["own"] == told(only)["own"] == "file"
    assert told(without)["own"] is None
    assert told(changed)["own"] == "new"
    for each in (only, without, changed):
        assert told(each)["files"] == []
    ours = {"SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "NODE_EXTRA_CA_CERTS", "AWS_CA_BUNDLE",
            "GRPC_DEFAULT_SSL_ROOTS_FILE_PATH"}  # fmt: skip
    assert set(told(only)["names"]) - ours - {"PWD", "LC_CTYPE"} == {  # type: ignore[call-overload]
        "HOME", "LANG", "OWN", "PATH", "WITH_DEFAULT",
    }  # fmt: skip
    assert "MINE" in told(without)["names"]  # type: ignore[operator]


@pytest.mark.skipif(os.getuid() != 0, reason="only root can put a file above every folder of the developer's")
def test_an_environment_file_that_the_developer_cannot_write_is_masked(me: Actor) -> None:
    # Above the project, outside of the home folder: no view covers it.
    project = write_agent(
        me.place / "work" / "project",
        """
def answer(query):
    return open(os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + "/.env").read()
""",
    )
    (me.place / "work" / ".env").write_text("SECRET=1")

    laptop, without, unprivileged = me.performs(
        Staging(project, (me.python, "main.py"), trials(Without("SECRET"), Unprivileged()))
    )

    assert answers(laptop) == ["SECRET=1"]
    assert answers(without) == answers(unprivileged) == [""]


def test_the_copy_elsewhere_is_what_an_image_would_hold(actor: Actor) -> None:
    project = write_agent(
        actor.home / "project",
        """
def answer(query):
    here = os.path.dirname(os.path.abspath(__file__))
    return json.dumps({"here": here, "cwd": os.getcwd(), "files": sorted(os.listdir(here)), "argv": sys.argv,
                       "old": os.path.exists(OLD + "/main.py"), "written": bool(open(here + "/new", "w"))})
OLD = open(os.path.dirname(os.path.abspath(__file__)) + "/old-place").read()
""",
        {".dockerignore": "*.md\n!README.md\n", "notes.md": "", "README.md": "", "config.yaml": "", ".git/config": ""},
    )
    (project / "old-place").write_text(str(project))

    laptop, elsewhere, production = actor.performs(
        Staging(
            project,
            (actor.python, "main.py", "--config", "config.yaml", "--also=config.yaml", "-x", "other"),
            trials(Elsewhere(), Production()),
        )
    )

    assert told(laptop)["here"] == told(laptop)["cwd"] == str(project)
    assert told(laptop)["old"]
    assert told(elsewhere) == {
        "here": "/srv/app",
        "cwd": "/",
        "files": [".dockerignore", "README.md", "config.yaml", "main.py", "old-place"],
        "argv": ["/srv/app/main.py", "--config", "/srv/app/config.yaml", "--also=/srv/app/config.yaml", "-x", "other"],
        "old": False,
        "written": True,
    }
    assert not production.exchanges[0].answer  # read-only there
    assert production.exchanges[0].error


def test_another_user_sees_and_writes_what_it_may(actor: Actor) -> None:
    project = write_agent(
        actor.home / "project",
        """
import multiprocessing, subprocess
def can(action):
    try:
        action()
    except OSError as error:
        return type(error).__name__
    return True

def answer(query):
    here = os.path.dirname(os.path.abspath(__file__))
    return json.dumps({
        "user": os.getuid(),
        "script": can(lambda: subprocess.run([here + "/script.sh"], check=True)),
        "home": can(lambda: open(os.environ["HOME"] + "/x", "w")),
        "project": can(lambda: open(here + "/x", "w")),
        "seed": open(here + "/data/seed").read(),
        "data": can(lambda: open(here + "/data/seed", "w")),
        "file": can(lambda: open(here + "/state.db", "a")),
        "elsewhere": can(lambda: open("/missing/on/this/machine/x", "w")),
        "root": can(lambda: open("/x", "w")),
        "tmp": can(lambda: open("/tmp/x", "w")),
        "lock": can(multiprocessing.Lock),
    })
""",
        {"script.sh": "#!/bin/sh\n", "data/seed": "seed", "state.db": "", "closed.txt": "closed"},
    )
    (project / "script.sh").chmod(0o644)
    (project / "closed.txt").chmod(0o600)

    seen = actor.performs(
        Staging(
            project,
            (actor.python, "main.py"),
            (Trial((Unprivileged(),), SEND), Trial((Production(),), SEND)),
            manifest={"files": Files(write=("data", "state.db", "/missing/on/this/machine"))},
        )
    )

    for each in seen:
        assert told(each) == {
            "user": 10001,
            "script": "PermissionError",
            "home": "OSError",
            "project": "OSError",
            "seed": "seed",
            "data": True,
            "file": True,
            "elsewhere": True,
            "root": "OSError",
            "tmp": True,
            "lock": True,
        }


def test_a_strict_umask_of_the_developer_changes_nothing(me: Actor) -> None:
    project = write_agent(
        me.home / "project",
        "import package\ndef answer(query):\n    return open(os.path.dirname(package.__file__) + '/text').read()",
        {"package/__init__.py": "", "package/text": "found"},
    )
    before = os.umask(0o077)
    try:
        seen = me.performs(Staging(project, (me.python, "main.py"), trials(Unprivileged(), Production())))
    finally:
        os.umask(before)

    assert [answers(each) for each in seen] == [["found"]] * 3


def test_the_path_holds_what_a_slim_image_has_and_what_is_declared(actor: Actor) -> None:
    own = actor.home / "tools" / "own-tool"
    own.parent.mkdir()
    own.write_text("#!/bin/sh\necho own\n")
    own.chmod(0o755)
    project = write_agent(
        actor.home / "project",
        """
import shutil, subprocess
def answer(query):
    names = ("sh", "grep", "own-tool", "ps", "curl", "rg", "git", "undeclared")
    said = subprocess.run(["own-tool"], capture_output=True, text=True).stdout
    return json.dumps({"found": [name for name in names if shutil.which(name)], "said": said})
""",
    )
    (actor.home / "tools" / "undeclared").write_text("#!/bin/sh\n")
    (actor.home / "tools" / "undeclared").chmod(0o755)
    path = f"{own.parent}:{actor.environment['PATH']}"

    laptop, slim, production = actor.performs(
        Staging(
            project,
            (actor.python, "main.py"),
            trials(SlimPath(), Production()),
            manifest={"binaries": {"own-tool": "*"}},
            environment={"PATH": path},
        )
    )

    here = [name for name in ("sh", "grep", "own-tool", "ps", "curl", "rg", "git", "undeclared")
            if shutil.which(name, path=path)]  # fmt: skip
    assert told(laptop) == {"found": here, "said": "own\n"}
    assert told(slim) == told(production) == {"found": ["sh", "grep", "own-tool"], "said": "own\n"}
    assert {start.name for start in slim.started if start.found} >= {"own-tool"}


def test_services_have_their_production_names_alone(actor: Actor) -> None:
    project = write_agent(
        actor.home / "project",
        """
import socket, urllib.request
def ask(host, port):
    try:
        with socket.create_connection((host, port), 2) as connection:
            return connection.recv(100).decode()
    except OSError as error:
        return type(error).__name__

def answer(query):
    host, port = os.environ["DATABASE_URL"].rpartition("@")[2].split("/")[0].split(":")
    return json.dumps({
        "url": os.environ["DATABASE_URL"],
        "by the url": ask(host, int(port)),
        "by localhost": ask("localhost", int(port)),
        "undeclared": ask("localhost", int(os.environ["OTHER_PORT"])),
        "provider": urllib.request.urlopen("https://PROVIDER/v1/models").read().decode(),
        "stranger": ask("example.com", 443),
    })
""".replace("PROVIDER", PROVIDER),
    )
    with serving("database") as port, serving("other") as other:
        laptop, production = actor.performs(
            Staging(
                project,
                (actor.python, "main.py"),
                trials(EmptyLoopback()),
                manifest={
                    "env": {"DATABASE_URL": Variable(secret=True), "OTHER_PORT": Variable()},
                    "services": {"database": Service(url="${DATABASE_URL}", production_host="db.prod")},
                },
                environment={
                    "DATABASE_URL": f"postgres://me:localhost@localhost:{port}/it",
                    "OTHER_PORT": str(other),
                },
            )
        )

    assert told(laptop)["by the url"] == told(laptop)["by localhost"] == "database"
    assert told(laptop)["undeclared"] == "other"
    assert told(production) == {
        "url": "[redacted]",
        "by the url": "database",
        "by localhost": "ConnectionRefusedError",
        "undeclared": "ConnectionRefusedError",
        "provider": f"this is {PROVIDER}",
        "stranger": "ConnectionRefusedError",
    }
    assert told(laptop)["provider"] == f"this is {PROVIDER}"
    assert production.services[0].service == "database"
    assert [(lookup.name, lookup.known) for lookup in production.lookups] == [
        ("db.prod", True), (PROVIDER, True), ("example.com", False),
    ]  # fmt: skip


@pytest.mark.parametrize(("host", "in_production"), [("::1", False), ("127.0.0.1", False), ("0.0.0.0", True)])
def test_an_agent_is_reached_where_a_container_would_be(me: Actor, host: str, in_production: bool) -> None:
    project = write_agent(me.home / "project", f"""
def answer(query):
    return "here"
Server.address_family = 10 if ":" in "{host}" else 2
serve(host="{host}")
""")  # fmt: skip

    laptop, production = me.performs(
        Staging(
            project,
            (me.python, "main.py"),
            (Trial((), SEND), Trial((EmptyLoopback(),), SEND, may_not_start=True)),
            manifest={"budgets": Budgets(ready=1)},
        )
    )

    assert answers(laptop) == ["here"]
    assert bool(production.exchanges) == in_production
    assert production.life.other_ports == (() if in_production else (8080,))


def test_a_port_that_the_world_has_is_not_told_as_the_agents(me: Actor) -> None:
    project = write_agent(me.home / "project", "def answer(query):\n    return ''\nserve(port=9123)\n")

    (seen,) = me.performs(
        Staging(
            project,
            (me.python, "main.py"),
            (Trial((), SEND, may_not_start=True),),
            manifest={"laptop": Laptop(ports=(7,)), "budgets": Budgets(ready=1)},
        )
    )

    assert seen.life.ready is None
    assert seen.life.other_ports == (9123,)


class serving:  # noqa: N801 - used as a function
    """A TCP port on loopback that says one word to whoever connects."""

    def __init__(self, word: str) -> None:
        self._word = word.encode()

    def __enter__(self) -> int:
        import threading

        self._server = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()
        port: int = self._server.getsockname()[1]
        return port

    def __exit__(self, *_: object) -> None:
        self._server.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._server.close()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._server.accept()
            except OSError:
                return
            with connection:
                connection.sendall(self._word)
