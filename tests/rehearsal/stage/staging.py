"""Small agents on a real stage: written down, started as this or that user, and what was seen of them.

A staging is performed in a process of its own (`staging_process.py`), so that the same test runs as root and as
an ordinary user.
"""

from __future__ import annotations

import asyncio
import os
import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, cast

from roadworthy.manifest.endpoints import endpoints
from roadworthy.manifest.model import Agent, Manifest
from roadworthy.redaction import redactor
from roadworthy.rehearsal.observed import Observed
from roadworthy.rehearsal.options import StageChoice
from roadworthy.rehearsal.scenario import Trial
from roadworthy.rehearsal.session import Session, Surroundings
from roadworthy.rehearsal.stage.inspect import choose
from roadworthy.rehearsal.stage.project import build_image
from roadworthy.rehearsal.stage.run_folder import RunFolder
from roadworthy.rehearsal.stage.runtime import find_runtime, locate
from roadworthy.rehearsal.stage.setting import Ground
from roadworthy.rehearsal.terms import Terms
from roadworthy.rehearsal.values import find_values
from roadworthy.rehearsal.world.authority import make_authority
from roadworthy.rehearsal.world.world import World

PROVIDER = "api.openai.com"

SERVER = """
import http.server, json, os, socketserver, sys


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.reply(404, {})

    def do_POST(self):
        query = json.loads(self.rfile.read(int(self.headers["content-length"])))["query"]
        self.reply(200, {"output": answer(query)})

    def reply(self, status, document):
        body = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = daemon_threads = True
    request_queue_size = 64


def serve(host="0.0.0.0", port=int(os.environ.get("PORT", "8080"))):
    Server((host, port), Handler).serve_forever()

"""
"""What every small agent begins with: it defines `answer(query)` and calls `serve()`."""


@dataclass(frozen=True)
class Staging:
    """What is performed: a project, its manifest, and trials, each with a fresh start."""

    project: Path
    command: tuple[str, ...]
    trials: tuple[Trial, ...]
    manifest: Mapping[str, Any] = field(default_factory=dict)
    """Further parts of the manifest, as the model has them."""
    agent: Mapping[str, Any] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    dotenv: Mapping[str, str] = field(default_factory=dict)
    stage: StageChoice = "bubblewrap"
    has_overlays: bool = True
    """Else the kernel seems to have no copy-on-write views."""
    has_groups: bool = True
    """Else this user seems to be allowed no control groups."""


class Providers:
    """Stands in for the simulated providers: every request gets a line that names the host it was sent to."""

    def __init__(self) -> None:
        self.calls: list[Any] = []
        self.left_out: dict[str, str] = {}

    def connection(self, host: str) -> asyncio.Protocol:
        """One connection to one host."""
        return _Answering(host)

    def begin(self, fault: object) -> None:
        """A fault begins."""

    def mend(self) -> None:
        """All faults end."""

    def close(self) -> None:
        """Nothing is open for long."""


class _Answering(asyncio.Protocol):
    def __init__(self, host: str) -> None:
        self._host = host

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is no subclass

    def data_received(self, data: bytes) -> None:
        body = f"this is {self._host}".encode()
        self._transport.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body))


async def perform(staging: Staging) -> list[Observed]:
    """Perform every trial on a fresh start, as the engine does."""
    if not staging.has_overlays:
        _take_overlays_away()
    if not staging.has_groups:
        _take_groups_away()
    stage = await choose(staging.stage)
    agent = Agent(command=staging.command, **staging.agent)
    manifest = Manifest(root=staging.project, agents={"agent": agent}, **staging.manifest)
    folder = RunFolder()
    try:
        around = _surroundings(staging, manifest, folder, stage)
        return [await _performed(around, trial) for trial in staging.trials]
    finally:
        folder.remove()
        assert not folder.path.exists(), f"left behind: {sorted(folder.path.rglob('*'))}"


async def _performed(around: Surroundings, trial: Trial) -> Observed:
    session = Session(around, trial)
    try:
        await session.open()
        seen = await session.perform(trial)
    finally:
        await session.close()
    return replace(seen, enforced=frozenset(map(str, seen.enforced)))


def _surroundings(staging: Staging, manifest: Manifest, folder: RunFolder, stage: Any) -> Surroundings:
    environment = {**os.environ, **staging.environment}
    services = endpoints(manifest, environment)
    values = find_values(manifest, environment, staging.dotenv, services, random.Random(1))
    authority = folder.path / "certificates.pem"
    context = make_authority([PROVIDER], authority)
    project = staging.project
    writable = tuple(place for place in manifest.files.write if not place.startswith("/"))
    ground = Ground(
        manifest=manifest,
        command=staging.command,
        project=project,
        runtime=find_runtime(staging.command, project, environment["PATH"]),
        values=values,
        services=services,
        image=build_image(project, folder.path / "image", obeys_dockerignore=True, writable=writable),
        checkout=build_image(project, folder.path / "checkout", obeys_dockerignore=False, writable=writable),
        folder=folder.path,
        authority=authority,
        binaries={name: locate(name, project, environment["PATH"]) for name in manifest.binaries},
    )
    return Surroundings(
        stage=stage,
        ground=ground,
        terms=Terms.of(manifest),
        folder=folder,
        new_world=lambda clock: World(
            Providers(),
            clock,
            context=context,
            hosts=[PROVIDER],
            services=services,  # type: ignore[arg-type]
        ),
        redact=redactor(values.secrets),
        secrets=values.declared_secrets,
        mentions={},
        seed=1,
    )


def _take_overlays_away() -> None:
    from roadworthy.rehearsal.stage.network import Network

    async def refuse(*_: object) -> None:
        raise OSError(22, "overlay: Invalid argument")

    Network.overlay = refuse  # type: ignore[assignment,method-assign]


def _take_groups_away() -> None:
    from roadworthy.rehearsal.stage import cgroups

    cgroups._candidates = list


def write_agent(project: Path, source: str, files: Mapping[str, str] | None = None) -> Path:
    """A project whose `main.py` is the server and `source`."""
    project.mkdir(parents=True, exist_ok=True)
    for name, text in {"main.py": SERVER + source + "\n\nserve()\n", **(files or {})}.items():
        file = project / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return project


def answers(seen: Observed) -> list[str]:
    """The text of every answer; a failed exchange fails the test with what the agent printed."""
    printed = "\n".join(line.text for line in seen.output)
    for exchange in seen.exchanges:
        assert exchange.error is None, f"{exchange.error}\n{printed}"
        assert exchange.answer is not None, f"{exchange.status} {exchange.text}\n{printed}"
    assert seen.exchanges, f"not ready; exit status {seen.life.exit_status}\n{printed}"
    return [exchange.answer or "" for exchange in seen.exchanges]


def texts(seen: Observed) -> list[str]:
    """The lines the agent printed."""
    return [line.text for line in seen.output]


def tree(folder: Path) -> dict[str, tuple[int, int, bytes]]:
    """Everything below a folder: mode, time of the last change, content."""
    found = {}
    for path in _below(folder):
        facts = path.lstat()
        content = path.read_bytes() if path.is_file() and not path.is_symlink() else b""
        found[str(path.relative_to(folder))] = (facts.st_mode, facts.st_mtime_ns, content)
    return found


def _below(folder: Path) -> Iterable[Path]:
    return [folder, *sorted(folder.rglob("*"))]
