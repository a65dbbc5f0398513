"""`roadworthy init`: write a first manifest from what the source shows; nothing of it is run."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click


@click.command(epilog="Exit status: 0 written, 2 it could not be: there is one already, or nothing to read.")
@click.argument("folder", metavar="[PATH]", type=click.Path(path_type=Path), default=Path())
@click.option("--update", is_flag=True, help="Add to the manifest what is new; nothing in it is changed.")
@click.option("--diff", is_flag=True, help="Show what would be written, and write nothing.")
def command(folder: Path, update: bool, diff: bool) -> int:
    """Write a first manifest from what the source shows.

    PATH is the agent's folder, without it this one. Each line says where it was seen, and what to look at. Nothing of
    the project is imported or run, and a manifest that is there already is left as it is.
    """
    from roadworthy.init.manifest_file import first, updated

    written = (updated if update else first)(folder, os.environ)
    if diff:
        click.echo(written.difference, nl=False)
    else:
        written.save()
        for line in written.told:
            click.echo(line)
    sys.stdout.flush()
    return 0
