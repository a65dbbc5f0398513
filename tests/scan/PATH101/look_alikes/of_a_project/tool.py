from pathlib import Path

import click


@click.command()
def main():
    if Path("pyproject.toml").exists():
        with open("pyproject.toml") as file:
            click.echo(file.read())


if __name__ == "__main__":
    main()
