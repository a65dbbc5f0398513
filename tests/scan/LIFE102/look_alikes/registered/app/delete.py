import typer
from rich.prompt import Prompt


def delete(name: str):
    if typer.confirm(f"Delete {name}?"):
        choose()


def choose():
    return Prompt.ask("Which one?")
