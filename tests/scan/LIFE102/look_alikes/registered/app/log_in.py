import click

token = None


def ask():
    return click.prompt("token")
