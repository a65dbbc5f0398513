import click
from app.found import Found


@click.command()
@click.option("--list", callback=lambda *_: None)
def main():
    click.echo(Found())
