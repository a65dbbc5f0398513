import typer

from app.delete import delete

app = typer.Typer()
app.command(name="delete")(delete)
