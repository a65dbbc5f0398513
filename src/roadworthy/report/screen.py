"""What a text output may use: the width, colours and characters of the stream it goes to."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from io import StringIO
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

WIDEST = 120
"""Columns; lines beyond are hard to follow."""
WITHOUT_TERMINAL = 100
"""Columns in a file or a pipe."""


@dataclass(frozen=True, slots=True)
class Screen:
    """What one stream can show."""

    width: int = WITHOUT_TERMINAL
    color: bool = False
    unicode: bool = True

    def mark(self, wanted: str, plain: str) -> str:
        """`wanted`, or `plain` where the stream's encoding holds ASCII alone."""
        return wanted if self.unicode else plain


def screen_of(to: TextIO, *, color: bool | None = None, environ: Mapping[str, str] = os.environ) -> Screen:
    """What `to` can show. `color` None: as the terminal, NO_COLOR and FORCE_COLOR say, in this order."""
    terminal = is_terminal(to, environ)
    if color is None:
        color = not environ.get("NO_COLOR") and (terminal or bool(environ.get("FORCE_COLOR")))
    return Screen(
        width=min(_columns(to, environ) if terminal else WITHOUT_TERMINAL, WIDEST),
        color=color,
        unicode=(getattr(to, "encoding", None) or "utf-8").lower().replace("_", "-").startswith("utf"),
    )


def is_terminal(to: TextIO, environ: Mapping[str, str] = os.environ) -> bool:
    """Whether `to` is a terminal that can do more than print lines."""
    return to.isatty() and environ.get("TERM") != "dumb"


def painted(screen: Screen, *parts: RenderableType) -> str:
    """`parts` one below the other, as text for a stream like `screen`, without spaces at line ends."""
    console = console_for(screen, StringIO())
    with console.capture() as capture:
        for part in parts:
            console.print(part, crop=False)  # what asks not to be wrapped is for copying
    return "\n".join(line.rstrip(" ") for line in capture.get().split("\n"))


def console_for(screen: Screen, to: TextIO, *, terminal: bool = False) -> Console:
    """A console that shows text as it is: no markup, no emoji codes, no guesses at what is a number.

    `terminal` says that `to` is one, on which the cursor may be moved.
    """
    from rich.console import Console

    return Console(
        file=to,
        width=screen.width,
        color_system="standard" if screen.color else None,
        force_terminal=terminal or screen.color,
        no_color=not screen.color,
        markup=False,
        emoji=False,
        highlight=False,
        legacy_windows=False,
        _environ={},
    )


def _columns(terminal: TextIO, environ: Mapping[str, str]) -> int:
    told = environ.get("COLUMNS", "")
    columns = int(told) if told.isdecimal() else os.get_terminal_size(terminal.fileno()).columns
    return columns or 80  # a terminal that has not been told its size says 0
