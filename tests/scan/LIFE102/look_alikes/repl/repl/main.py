import typer

from repl.asking import ReplHandler

app = typer.Typer()


@app.command()
def chat(first: str = ""):
    print(ReplHandler().handle(first))
