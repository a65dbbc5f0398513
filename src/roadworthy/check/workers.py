"""How many processes serve side by side, as the command and the environment say it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from roadworthy.manifest.model import Agent

OPTIONS = {
    "gunicorn": ("--workers", "-w"),
    "uvicorn": ("--workers",),
    "fastapi": ("--workers",),
    "hypercorn": ("--workers", "-w"),
    "granian": ("--workers",),
    "uwsgi": ("--processes", "-p", "--workers"),
    "waitress-serve": (),
}
"""By server, the options that say how many processes it starts (each one's own `--help`, 2026-11)."""
VARIABLES = {
    "gunicorn": "WEB_CONCURRENCY",
    "uvicorn": "WEB_CONCURRENCY",
    "fastapi": "WEB_CONCURRENCY",
    "granian": "GRANIAN_WORKERS",
}
"""By server, the variable that says so where no option does."""


def workers_of(agent: Agent, environment: Mapping[str, str]) -> tuple[int, str] | None:
    """The number of processes of `agent`, and the option or the variable that says so; None where nothing does."""
    words = agent.command or ()
    server = next((name for word in words if (name := PurePath(word).name) in OPTIONS), None)
    if server is None:
        return None
    for option in OPTIONS[server]:
        for at, word in enumerate(words):
            value = None
            if word == option and at + 1 < len(words):
                value = words[at + 1]
            elif word.startswith(f"{option}=") or (len(option) == 2 and word.startswith(option)):
                value = word.removeprefix(option).removeprefix("=")
            if value and value.isdecimal():
                return int(value), f"{server} {option} {value}"
    variable = VARIABLES.get(server)
    told = environment.get(variable, "") if variable else ""
    if told.isdecimal():
        return int(told), f"{variable}={told}"
    return None
