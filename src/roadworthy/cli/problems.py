"""The one form in which every error reaches the user: what it says, where, and the exit status."""

from __future__ import annotations

import os
import select
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from roadworthy import __version__
from roadworthy.errors import RoadworthyError, UsageError
from roadworthy.report.visible import no_commands, one_line, visible

COULD_NOT_RUN = 2
INTERRUPTED = 130
"""128 and the number of SIGINT, as shells have it."""
READER_GONE = 141
"""128 and the number of SIGPIPE."""


def told(error: BaseException, arguments: Sequence[str]) -> int:
    """Tell `error` on stderr and return the exit status that goes with it.

    A user's mistake is its message alone. Anything unexpected is one line, and a file with all the rest.
    """
    causes = list(_leaves(error))
    mistakes = [cause for cause in causes if isinstance(cause, UsageError)]
    if any(isinstance(cause, KeyboardInterrupt | click.Abort) for cause in causes):
        _say("interrupted")
        return INTERRUPTED
    if isinstance(error, BrokenPipeError) and _reader_is_gone():
        return READER_GONE
    if mistakes and len(mistakes) == len(causes):
        for mistake in mistakes:
            _say(str(mistake))
        return COULD_NOT_RUN
    cause = next(cause for cause in causes if not isinstance(cause, UsageError))
    what = str(cause) if isinstance(cause, RoadworthyError) else f"{type(cause).__name__}: {cause}"
    written = _write_report(error, arguments)
    _say(f"roadworthy: unexpected: {one_line(what)[:300]} (the full report: {written})")
    return COULD_NOT_RUN


def _leaves(error: BaseException) -> Iterator[BaseException]:
    """The errors themselves, out of the groups in which tasks that run together raise them."""
    if isinstance(error, BaseExceptionGroup):
        for inner in error.exceptions:
            yield from _leaves(inner)
    else:
        yield error


def _say(message: str) -> None:
    click.echo(no_commands(visible(message)), err=True)


def _reader_is_gone() -> bool:
    """Whether nobody reads stdout any more; then what is left in its buffer goes nowhere.

    A flush does not tell: the buffer may be empty. The pipe itself does.
    """
    try:
        descriptor = sys.stdout.fileno()
        poll = select.poll()
        poll.register(descriptor, 0)
        if not poll.poll(0):
            return False
    except (OSError, ValueError, AttributeError):
        return False  # no descriptor, or a system without `poll`
    os.dup2(os.open(os.devnull, os.O_WRONLY), descriptor)
    return True


def _write_report(error: BaseException, arguments: Sequence[str]) -> str:
    """Write what a bug report needs into a file that the user alone can read, and return its path."""
    import platform
    import tempfile
    import traceback

    text = "\n".join(
        [
            f"roadworthy {__version__}, Python {platform.python_version()}, {platform.platform()}",
            f"arguments: {list(arguments)}",
            "",
            "".join(traceback.format_exception(error)),
        ]
    )
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser()) / "roadworthy"
    for folder in (cache, Path(tempfile.gettempdir())):
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor, path = tempfile.mkstemp(prefix="roadworthy-", suffix=".txt", dir=folder)
        except OSError:
            continue  # a read-only home: the next one
        with os.fdopen(descriptor, "w", encoding="utf-8", errors="backslashreplace") as file:
            file.write(text)
        return path
    return "nowhere: neither the cache folder nor the temporary one can be written"
