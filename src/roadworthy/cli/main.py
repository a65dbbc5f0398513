"""The `roadworthy` command: finds the verb, imports it alone, and runs it."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import TYPE_CHECKING, NoReturn, cast

import click

from roadworthy import __version__
from roadworthy.cli.problems import told

if TYPE_CHECKING:
    from io import TextIOWrapper

VERBS = {
    "init": "Write a first manifest from what the source shows.",
    "scan": "Read the source and say what will break, without running it.",
    "check": "Hold this machine against what the agent needs, and say all that is wrong at once.",
    "rehearse": "Run the agent as production would and say what breaks.",
    "explain": "Explain a code: cause, evidence, fix, before and after.",
    "doctor": "Say what this machine can enforce, and how to mend the rest.",
    "schema": "Print the JSON Schema of the manifest or of the report.",
    "completion": "Print the completion script for a shell.",
}
"""Every verb with its line in `--help`; the verb itself is `command` in `roadworthy.cli.<verb>`."""

COMPLETE = "_ROADWORTHY_COMPLETE"
"""Set by the completion script when the shell asks what may come next."""


class Verbs(click.Group):
    """A group that imports a verb when it is called, not when all are listed."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """The verbs, in the order in which a user needs them."""
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """The verb, imported now."""
        if cmd_name not in VERBS:
            return None
        return cast("click.Command", import_module(f"roadworthy.cli.{cmd_name}").command)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """The verbs in `--help`, without importing any."""
        with formatter.section("Commands"):
            formatter.write_dl(list(VERBS.items()))


@click.group(
    cls=Verbs,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    subcommand_metavar="VERB [OPTIONS] [ARGUMENTS]",
    options_metavar="",
    epilog="Exit status: 0 clean, 1 something fails, 2 it could not run or judge.",
)
@click.version_option(__version__, message="roadworthy %(version)s")
def group() -> None:
    """Tells you what will break when your agent leaves your laptop, by breaking it first."""


def main() -> NoReturn:
    """The entry point of the `roadworthy` command."""
    for stream in (sys.stdout, sys.stderr):
        # A path may hold bytes that are no text, and a log's encoding may be ASCII.
        cast("TextIOWrapper", stream).reconfigure(errors="backslashreplace")
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """Run one command line and return its exit status; what goes wrong is told on stderr."""
    try:
        if instruction := os.environ.get(COMPLETE):
            from click.shell_completion import shell_complete

            return shell_complete(group, {}, "roadworthy", COMPLETE, instruction)
        # Not `group.main`: it would swallow any broken pipe, also one of the engine's own.
        with group.make_context("roadworthy", list(arguments)) as context:
            status = group.invoke(context)
        sys.stdout.flush()
    except click.exceptions.Exit as exit_:
        return exit_.exit_code
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (Exception, KeyboardInterrupt, BaseExceptionGroup) as error:  # noqa: BLE001 - the one place that words every error
        return told(error, arguments)
    return status if isinstance(status, int) else 0
