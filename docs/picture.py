"""Draw docs/report.svg: a real rehearsal of the fragile example, as a terminal shows it.

python docs/picture.py
"""

from __future__ import annotations

import io
from pathlib import Path

from rich.console import Console
from rich.text import Text

from roadworthy.manifest.loading import load
from roadworthy.rehearsal.options import Options
from roadworthy.rehearsal.run import main as rehearse
from roadworthy.report.terminal import write

HERE = Path(__file__).parent
WIDTH = 100
ONLY = ("ENV302", "PATH301", "NET301", "TIME302", "CONC301", "MODEL302")


def main() -> None:
    """Rehearse, render with colours, draw."""
    from dataclasses import replace

    report = rehearse(load(HERE.parent / "examples" / "fragile"), Options(only=ONLY, seed=1), lambda _event: None)
    text = io.StringIO()
    write(replace(report, manifest="examples/fragile"), text, color=True)
    console = Console(record=True, width=WIDTH, file=io.StringIO(), force_terminal=True)
    console.print(Text.from_ansi("$ roadworthy rehearse examples/fragile --only " + ",".join(ONLY) + "\n"))
    console.print(Text.from_ansi(text.getvalue()))
    console.save_svg(str(HERE / "report.svg"), title="roadworthy")


if __name__ == "__main__":
    main()
