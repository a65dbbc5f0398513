"""What came of each scenario the last time, so that `--last-failed` knows what to run again.

It is kept in the user's state folder: a rehearsal never writes into the project.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

from roadworthy.findings import Outcome, Report


def remember(root: Path, report: Report, environ: Mapping[str, str] = os.environ) -> None:
    """Keep what came of each scenario of `report`; those that it does not hold keep what they had.

    A state folder that cannot be written is no reason to fail a run: then nothing is remembered.
    """
    path = place(root, environ)
    agents = _agents(path)
    outcomes = {verdict.code: str(verdict.verdict) for verdict in report.verdicts}
    agents[report.agent] = {**agents.get(report.agent, {}), **outcomes}
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # `mkstemp` makes a file that the user alone can read.
        descriptor, unfinished = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump({"root": str(root), "agents": agents}, file)
        Path(unfinished).replace(path)
    except OSError:
        return


def last_failed(root: Path, agent: str, environ: Mapping[str, str] = os.environ) -> tuple[str, ...] | None:
    """The codes that failed when they last ran; None when no run of this agent is known."""
    outcomes = _agents(place(root, environ)).get(agent)
    if outcomes is None:
        return None
    return tuple(code for code, outcome in outcomes.items() if outcome == Outcome.FAIL)


def place(root: Path, environ: Mapping[str, str] = os.environ) -> Path:
    """The file for the project at `root`, below XDG_STATE_HOME or `~/.local/state`."""
    state = Path(environ.get("XDG_STATE_HOME") or Path("~/.local/state").expanduser())
    name = hashlib.sha256(os.fsencode(root.resolve())).hexdigest()[:16]
    return state / "roadworthy" / f"{name}.json"


def _agents(path: Path) -> dict[str, dict[str, str]]:
    """The outcomes by code, by agent; empty for no file, or one that is not ours."""
    try:
        agents = json.loads(path.read_text("utf-8"))["agents"]
        return {name: dict(outcomes) for name, outcomes in agents.items()}
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return {}
