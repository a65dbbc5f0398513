"""A hostile agent gets nothing from the production stage; on the laptop stage it has what its developer has."""

from __future__ import annotations

import json
import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.rehearsal.stage.conftest import Actor
from tests.rehearsal.stage.staging import PROVIDER, Staging, answers, write_agent

from roadworthy.manifest.model import Files, Variable
from roadworthy.rehearsal.conditions import Production
from roadworthy.rehearsal.observed import Observed
from roadworthy.rehearsal.scenario import Send, Trial

pytestmark = pytest.mark.slow

SECRET = "the developer's secret"

HOSTILE = """
import glob, signal, subprocess, urllib.request

TARGETS = json.load(open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "targets.json")))
DESCRIPTORS = []
for descriptor in os.listdir("/proc/self/fd"):
    try:
        DESCRIPTORS.append(descriptor + " " + os.readlink("/proc/self/fd/" + descriptor))
    except OSError:
        pass  # the one by which they were listed


def attempt(action):
    try:
        return "got: " + str(action())
    except BaseException as error:
        return "failed: " + repr(error)


def tcp(host, port):
    with socket.create_connection((host, port), 2) as connection:
        return connection.recv(100).decode()


def unix(address):
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(2)
        connection.connect(address)
        return connection.recv(100).decode()


def read(path):
    with open(path, "rb") as file:
        return file.read(200).decode("utf-8", "replace")


def write(folder):
    path = os.path.join(folder, "planted-by-the-agent")
    with open(path, "w") as file:
        file.write("x")
    return path


def visible(pattern):
    found = glob.glob(pattern)
    assert found, "nothing there"
    return found


def processes():
    own = {os.getpid(), os.getppid(), 1}
    others = [int(name) for name in os.listdir("/proc") if name.isdigit() and int(name) not in own]
    assert not others, others
    raise LookupError("nobody else")


def undeclared():
    return os.environ["UNDECLARED"]


import socket

OUTSIDE = {
    "the internet": lambda: tcp("192.0.2.1", 80),
    "an address of this machine": lambda: tcp(TARGETS["address"], TARGETS["port"]),
    "a name on the internet": lambda: tcp("example.com", 443),
}
PRIVATE = {
    "a loopback port": lambda: tcp("127.0.0.1", TARGETS["port"]),
    "an undeclared variable": undeclared,
    "a file in the home folder": lambda: read(TARGETS["home"] + "/private.txt"),
    "the home folder": lambda: visible(TARGETS["home"] + "/*"),
    "the original project": lambda: read(TARGETS["project"] + "/main.py"),
    "the original .env": lambda: read(TARGETS["project"] + "/.env"),
    "a unix socket": lambda: unix(TARGETS["socket"]),
}
FORBIDDEN = {
    "an abstract unix socket": lambda: unix("\\0" + TARGETS["abstract"]),
    "other processes": processes,
    "a process's environment": lambda: read(f"/proc/{TARGETS['process']}/environ"),
    "a process's memory": lambda: read(f"/proc/{TARGETS['process']}/mem"),
    "a signal to a process": lambda: os.kill(TARGETS["process"], 0),
    "roadworthy's variables": lambda: {n: v for n, v in os.environ.items() if "ROADWORTHY" in n}["ROADWORTHY_RUN"],
    "roadworthy's environment": lambda: read(f"/proc/{os.getppid()}/environ").index("ROADWORTHY"),
    "roadworthy's run folder": lambda: visible("/var/tmp/roadworthy-*/*") ,
    "another descriptor": lambda: [other for other in DESCRIPTORS if int(other.split()[0]) > 2][0],
    "a container socket": lambda: visible("/run/*/*.sock") or visible("/run/*.sock"),
    "docker": lambda: unix("/var/run/docker.sock"),
    "the developer's other files": lambda: visible("/var/tmp/*"),
    "the mail of the system": lambda: visible("/var/mail/*"),
    "the password file": lambda: read("/etc/shadow"),
    "the kernel's settings": lambda: write("/proc/sys/kernel"),
    "to be root": lambda: os.setuid(0),
    "a mount": lambda: subprocess.run(["mount", "-t", "tmpfs", "none", "/srv"], check=True, capture_output=True),
    **{f"writing to {place}": (lambda place=place: write(place)) for place in (
        "/", "/etc", "/usr", "/usr/bin", "/usr/local", "/srv", "/srv/app", "/opt", "/run", "/var/lib", "/home",
        "/home/agent", "/dev", "/dev/roadworthy", "/proc", "/lib", os.path.dirname(os.__file__), TARGETS["place"],
    )},
    "changing its own code": lambda: open(__file__, "a").write("x"),
    "changing modes of its own code": lambda: os.chmod(__file__, 0o777),
    "removing its own code": lambda: os.remove(__file__),
}
ALLOWED = {
    "/tmp": lambda: write("/tmp"),
    "shared memory": lambda: write("/dev/shm"),
    "a declared folder": lambda: write("data"),
    "a declared folder elsewhere": lambda: write("/data"),
    "a semaphore": lambda: __import__("multiprocessing").Lock().acquire(),
    "a provider": lambda: urllib.request.urlopen("https://PROVIDER/v1/models").read().decode(),
    "a declared variable": lambda: os.environ["DECLARED"],
    "a child": lambda: subprocess.run(["/bin/sh", "-c", "echo hello"], capture_output=True, text=True).stdout,
}


def answer(query):
    groups = {"outside": OUTSIDE, "private": PRIVATE, "forbidden": FORBIDDEN, "allowed": ALLOWED}
    os.chdir(os.path.dirname(os.path.abspath(__file__)))
    return json.dumps({
        name: {what: attempt(action) for what, action in group.items()} for name, group in groups.items()
        if name != "forbidden" or os.getcwd() == "/srv/app"
    })
""".replace("PROVIDER", PROVIDER)


def test_a_hostile_agent_gets_nothing_and_a_laptop_keeps_what_it_has(actor: Actor) -> None:
    project = write_agent(actor.place / "home" / "project", HOSTILE, {".env": SECRET, "data/keep.txt": "kept"})
    (actor.home / "private.txt").write_text(SECRET)
    with listening() as port, listening_unix(actor.place / "service.sock") as path, listening_unix(None) as abstract:
        bystander = actor.start("/bin/sleep", "60", environment={"BYSTANDER": SECRET})
        try:
            targets = {
                "address": own_address(),
                "port": port,
                "home": str(actor.home),
                "project": str(project),
                "place": str(actor.place),
                "socket": path,
                "abstract": abstract,
                "process": bystander.pid,
            }
            (project / "targets.json").write_text(json.dumps(targets))
            laptop, production = actor.performs(
                Staging(
                    project=project,
                    command=(actor.python, "main.py"),
                    trials=(Trial(steps=(Send("x"),)), Trial((Production(),), (Send("x"),))),
                    manifest={
                        "env": {"DECLARED": Variable(default="declared")},
                        "files": Files(write=("data", "/data")),
                    },
                    environment={"UNDECLARED": SECRET},
                )
            )
        finally:
            bystander.kill()
            bystander.wait()

    seen = report(production)
    got = {what: told for group in ("outside", "private", "forbidden") for what, told in seen[group].items()}
    assert {what: told for what, told in got.items() if not told.startswith("failed: ")} == {}
    assert {what: told for what, told in seen["allowed"].items() if not told.startswith("got: ")} == {}
    assert SECRET not in answers(production)[0]

    seen = report(laptop)
    assert {what: told for what, told in seen["outside"].items() if not told.startswith("failed: ")} == {}
    missed = {what: told for what, told in {**seen["private"], **seen["allowed"]}.items() if "got: " not in told}
    assert set(missed) <= {"a declared folder elsewhere"}, missed  # which this machine does not have


def report(seen: Observed) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = json.loads(answers(seen)[0])
    return found


def own_address() -> str:
    """An address of this machine that is not loopback, as far as it has one; nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError:
            return "192.0.2.1"
        address: str = probe.getsockname()[0]
        return address


@contextmanager
def listening() -> Iterator[int]:
    """A TCP port on all addresses of this machine."""
    with socket.create_server(("0.0.0.0", 0)) as server, greeting(server):
        port: int = server.getsockname()[1]
        yield port


@contextmanager
def listening_unix(path: Path | None) -> Iterator[str]:
    """A unix socket at a path, or an abstract one."""
    name = str(path) if path is not None else f"roadworthy-test-{os.getpid()}"
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(name if path is not None else "\0" + name)
        if path is not None:
            path.chmod(0o777)
        server.listen()
        with greeting(server):
            yield name


@contextmanager
def greeting(server: socket.socket) -> Iterator[None]:
    """Says the secret to whoever connects."""

    def accept() -> None:
        while True:
            try:
                connection, _ = server.accept()
            except OSError:
                return
            with connection:
                connection.sendall(SECRET.encode())

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown(socket.SHUT_RDWR)
        thread.join()
