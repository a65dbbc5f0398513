"""A small project, and pytest run in it as its developer runs it, with the plugin loaded."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import textwrap
from dataclasses import dataclass
from importlib.metadata import entry_points
from pathlib import Path

SRC = Path(__file__).parents[2] / "src"
INI = """\
[pytest]
filterwarnings = error
asyncio_mode = auto
asyncio_default_fixture_loop_scope = function
addopts = --strict-markers -p no:cacheprovider
"""
PATIENCE = 240.0
"""Seconds."""
WORDS = {"errors": "error", "warnings": "warning"}
IS_INSTALLED = bool(entry_points(group="pytest11", name="roadworthy"))
PLUGIN = () if IS_INSTALLED else ("-p", "roadworthy.testing.plugin")
"""What loads it where the installed package has no such entry point yet; twice is once too often."""


@dataclass(frozen=True)
class Ran:
    """What came of one run of pytest."""

    status: int
    text: str

    @property
    def outcomes(self) -> dict[str, int]:
        """Counts by outcome, from the last line."""
        found = re.findall(r"(\d+) (passed|failed|skipped|errors?|warnings?|deselected)", self.text.splitlines()[-1])
        return {WORDS.get(word, word): int(count) for count, word in found}


class Project:
    """Files in a folder, with pytest's ini file, by which every warning is an error."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.variables = {"PYTHONPATH": os.pathsep.join([str(SRC), *filter(None, [os.environ.get("PYTHONPATH")])])}
        self.write("pytest.ini", INI)

    def write(self, name: str, text: str) -> Path:
        """A file of the project."""
        file = self.folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(textwrap.dedent(text))
        return file

    def run(self, *arguments: str, python: str = sys.executable, plugin: tuple[str, ...] = PLUGIN) -> Ran:
        """Run pytest in the project's folder."""
        ended = subprocess.run(
            [python, "-m", "pytest", *plugin, *arguments],
            cwd=self.folder,
            env={**os.environ, **self.variables},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        return Ran(ended.returncode, ended.stdout)

    def outcomes(self, *arguments: str) -> dict[str, int]:
        """Run it, and count; what was printed stands beside a test that fails."""
        ran = self.run(*arguments)
        sys.stdout.write(ran.text)
        return ran.outcomes
