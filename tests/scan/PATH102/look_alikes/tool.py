import os
from pathlib import Path

import typer

command = typer.Typer()


@command.command()
def index(name: str):
    """Index the person's folder."""
    os.chdir(name)
    return list((Path.cwd() / name).iterdir())
