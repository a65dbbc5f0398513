"""docs/cli.md says what `--help` says."""

import re
import shlex
from importlib import import_module
from pathlib import Path

import click
import pytest

from roadworthy.cli.main import VERBS, group
from roadworthy.cli.output import IN_ORDER, WithOutputs, outputs
from roadworthy.report import FORMATS

PAGE = (Path(__file__).parents[2] / "docs" / "cli.md").read_text()
SECTIONS = {
    title.split()[1]: text for title, text in re.findall(r"(?ms)^## `(roadworthy [a-z]+[^`]*)`\n(.*?)(?=^## |\Z)", PAGE)
}


def test_every_verb_has_its_section_in_the_order_of_the_help() -> None:
    assert [verb for verb in SECTIONS if verb in VERBS] == [
        "init",
        "scan",
        "check",
        "rehearse",
        "explain",
        "doctor",
        "schema",
        "completion",
    ]
    assert set(VERBS) == set(SECTIONS)


@pytest.mark.parametrize("verb", VERBS)
def test_every_option_is_on_the_page_and_none_that_does_not_exist(verb: str) -> None:
    command: click.Command = import_module(f"roadworthy.cli.{verb}").command
    options = {name for option in command.params for name in option.opts if name.startswith("--")}
    written = set(re.findall(r"--[a-z-]+", SECTIONS[verb])) - {"--help"}

    # What all verbs share stands above the sections.
    assert options - {"--color"} <= written
    assert written <= options


def test_the_formats_are_those_that_exist() -> None:
    for name, form in FORMATS.items():
        assert f"`{name}`" in SECTIONS["rehearse"]
        assert all(f"`{suffix}`" in SECTIONS["rehearse"] for suffix in form.suffixes)


@pytest.mark.parametrize("line", re.findall(r"(?m)^roadworthy .*$", PAGE))
def test_every_command_on_the_page_is_understood(line: str) -> None:
    verb, *arguments = shlex.split(line)[1:]
    command = group.get_command(click.Context(group), verb)
    assert command is not None

    with command.make_context(verb, arguments) as context:
        assert outputs(context.meta[IN_ORDER]) if isinstance(command, WithOutputs) else context.params
