"""A command without what stands before its program: `tini --`, `env A=1`, `uv run`, `sh -c "exec …"`."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath

BEFORE = frozenset({"env", "exec", "tini", "dumb-init", "catatonit", "nice", "nohup", "stdbuf", "time", "--"})
"""Programs that start the one behind them in their place."""
RUNNERS = frozenset({"uv", "poetry", "pdm", "pipenv", "hatch", "rye"})
"""What starts a program in a project's environment by `run`."""
SHELLS = frozenset({"sh", "bash", "dash", "ash", "zsh"})
TAKES_A_VALUE = frozenset(
    {"--env-file", "--with", "--with-requirements", "--extra", "--group", "--package", "--python", "-p", "--directory"}
    | {"--project", "-C", "--no-group", "--only-group", "--index", "--index-url", "--cache-dir", "--config-file"}
)
"""Options of `uv run` and of poetry that have a value behind them (their own `--help`, 2026-11)."""
_SETS = re.compile(r"[A-Za-z_]\w*=")
_OPERATORS = re.compile(r"[;&|<>`$()\n]")


@dataclass(frozen=True, slots=True)
class Words:
    """A program's name and arguments, and what runs it in a project's environment (`uv`), where something does."""

    words: tuple[str, ...]
    runner: str | None = None


def bare(command: Sequence[str]) -> Words:
    """The words from the program on; none where a shell would have to tell them."""
    words, runner = list(command), None
    while words:
        name = PurePath(words[0]).name
        if name in BEFORE or _SETS.match(words[0]):
            words = _behind_options(words[1:])
        elif name in RUNNERS and "run" in words[1:3]:
            runner, words = name, _behind_options(words[words.index("run") + 1 :])
        elif name in SHELLS and len(words) > 1 and words[1].endswith("c") and words[1].startswith("-"):
            told = words[2] if len(words) > 2 else ""
            words = [] if _OPERATORS.search(told) else _split(told)
        else:
            break
    return Words(tuple(words), runner)


def _behind_options(words: list[str]) -> list[str]:
    at = 0
    while at < len(words) and (words[at].startswith("-") or words[at].isdecimal() or _SETS.match(words[at])):
        if words[at] == "--":
            return words[at + 1 :]
        at += 2 if words[at] in TAKES_A_VALUE else 1
    return words[at:]


def _split(text: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError:
        return []
