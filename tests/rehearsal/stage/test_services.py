"""Declared services on a real stage: refused as by a machine where nothing listens, and reached by unix sockets."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.rehearsal.stage.conftest import Actor
from tests.rehearsal.stage.staging import Staging, answers, write_agent

from roadworthy.manifest.model import Service, Variable
from roadworthy.rehearsal.conditions import EmptyLoopback, Production, Unprivileged
from roadworthy.rehearsal.faults.service_refuses import service_refuses
from roadworthy.rehearsal.scenario import Break, Mend, Send, Trial

pytestmark = pytest.mark.slow

CALLER = """
import socket
def answer(query):
    try:
        with socket.create_connection(os.environ["DATABASE"].split(":"), 2) as connection:
            return connection.recv(100).decode()
    except OSError as error:
        return type(error).__name__
"""
SOCKETS = """
import socket
def ask(path):
    try:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(2)
            connection.connect(path)
            return connection.recv(100).decode()
    except OSError as error:
        return type(error).__name__

def answer(query):
    return json.dumps([ask(path) for path in os.environ["SOCKETS"].split()])
"""


def test_a_service_that_is_down_refuses_and_each_attempt_is_seen(actor: Actor) -> None:
    project = write_agent(actor.home / "project", CALLER)
    steps = (Send("before"), Break(service_refuses("database")), Send("during"), Mend(), Send("after"))
    with serving(socket.AF_INET, ("127.0.0.1", 0)) as name:
        seen = actor.performs(
            Staging(
                project,
                (actor.python, "main.py"),
                (Trial((), steps), Trial((EmptyLoopback(),), steps)),
                manifest={
                    "env": {"DATABASE": Variable()},
                    "services": {"database": Service(host="localhost", port=name[1], production_host="db.prod")},
                },
                environment={"DATABASE": f"localhost:{name[1]}"},
            )
        )

    for trial in seen:
        assert answers(trial) == ["served", "ConnectionRefusedError", "served"]
        before, refused, after = trial.services
        assert [use.fault for use in (before, refused, after)] == [None, "database refuses connections", None]
        during = trial.exchanges[1]
        assert during.ended is not None
        assert refused.met is not None
        assert during.due <= refused.met <= during.ended


def test_unix_sockets_are_there_and_elsewhere_those_of_declared_services(actor: Actor, tmp_path: Path) -> None:
    project = write_agent(actor.home / "project", SOCKETS)
    folder = actor.place / "sockets"  # passed by every user, as a folder below /run
    folder.mkdir()
    declared, home, own = folder / "declared", actor.home / "home.sock", project / "own.sock"
    with short_folder() as tmp:
        places = [declared, tmp / "declared", tmp / "undeclared", home, own]
        names = " ".join(map(str, places))
        with serving_all(places):
            laptop, empty, unprivileged, production = actor.performs(
                Staging(
                    project,
                    (actor.python, "main.py"),
                    tuple(
                        Trial(conditions, (Send("x"),))
                        for conditions in ((), (EmptyLoopback(),), (Unprivileged(),), (Production(),))
                    ),
                    manifest={
                        "env": {"SOCKETS": Variable()},
                        "services": {
                            "database": Service(host=str(folder)),
                            "cache": Service(url=f"unix://{tmp / 'declared'}"),
                        },
                    },
                    environment={"SOCKETS": names},
                )
            )

    assert json.loads(answers(laptop)[0]) == ["served"] * 5
    assert json.loads(answers(empty)[0]) == ["served"] * 5
    for other in (unprivileged, production):
        first, second, *others = json.loads(answers(other)[0])
        assert (first, second) == ("served", "served")
        assert "served" not in others
    assert laptop.unix_sockets == {"database": str(folder), "cache": str(tmp / "declared")}


@contextmanager
def short_folder() -> Iterator[Path]:
    """One in /tmp that everybody may pass."""
    import shutil
    import tempfile

    folder = Path(tempfile.mkdtemp(prefix="rw-", dir="/tmp"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@contextmanager
def serving_all(places: list[Path]) -> Iterator[None]:
    """A server on each unix socket."""
    from contextlib import ExitStack

    with ExitStack() as stack:
        for place in places:
            stack.enter_context(serving(socket.AF_UNIX, str(place)))
            place.chmod(0o777)
        yield


@contextmanager
def serving(family: socket.AddressFamily, address: object) -> Iterator[tuple[str, int]]:
    """A server of ours that says a word to everybody; where it listens."""
    with socket.socket(family) as listener:
        listener.bind(address)  # type: ignore[arg-type]
        listener.listen()

        def serve() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                with connection:
                    connection.sendall(b"served")

        threading.Thread(target=serve, daemon=True).start()
        yield listener.getsockname()
        listener.shutdown(socket.SHUT_RDWR)
