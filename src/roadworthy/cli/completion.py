"""`roadworthy completion`: the script that teaches a shell the verbs and their options."""

from __future__ import annotations

import click

from roadworthy.cli.main import COMPLETE

INSTALLED = """\b
To install it:
  bash  echo 'eval "$(roadworthy completion bash)"' >> ~/.bashrc
  zsh   echo 'eval "$(roadworthy completion zsh)"' >> ~/.zshrc
  fish  roadworthy completion fish > ~/.config/fish/completions/roadworthy.fish
"""


@click.command(epilog=INSTALLED)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def command(context: click.Context, /, shell: str) -> None:
    """Print the completion script for a shell."""
    from click.shell_completion import get_completion_class

    made = get_completion_class(shell)
    assert made is not None  # the three are click's own
    click.echo(made(context.find_root().command, {}, "roadworthy", COMPLETE).source())
