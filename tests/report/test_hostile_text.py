"""Whatever an agent prints, each format stays whole, and nothing of it drives a terminal."""

import dataclasses
import json
import re
import unicodedata
from enum import Enum
from typing import Any
from xml.etree import ElementTree

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from roadworthy.findings import Report
from roadworthy.report import checklist, github, json_report, junit, terminal
from roadworthy.report.screen import Screen

HOSTILE = (
    st.text(st.characters(exclude_categories=()))
    | st.text("\x1b[]m0;2J\x07\x9b\x9c\\|`<>&:%,@#!\r\n\t ", max_size=60)
    | st.sampled_from(
        ["\x1b[31m", "]]>", "&#0;", "::error::x", "%0A", "[bold]", "\ud800", "\ufffe", "\u2028", "a\n::warning::b", ""]
    )
)
OWN_STYLES = re.compile(r"\x1b\[[0-9;]*m")
COMMAND = re.compile(r"::(error|warning|notice) ((file|line|col|endLine|title)=[^,:]*,?)+::[^\n]*")

VALIDATOR = jsonschema.Draft202012Validator(json_report.schema())

few = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def poisoned(value: Any, text: str) -> Any:
    """`value` with `text` in place of every string in it."""
    if isinstance(value, Enum):
        return value
    if isinstance(value, str):
        return text
    if isinstance(value, tuple | list):
        return type(value)(poisoned(inner, text) for inner in value)
    if isinstance(value, dict):
        return {text + key: poisoned(inner, text) for key, inner in value.items()}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        changes = {f.name: poisoned(getattr(value, f.name), text) for f in dataclasses.fields(value)}
        return dataclasses.replace(value, **changes)
    return value


def raw_controls(text: str) -> list[str]:
    return [c for c in set(text) - {"\n", "\t"} if unicodedata.category(c) in {"Cc", "Cs", "Zl", "Zp"} or c == "\u202e"]


@few
@given(text=HOSTILE)
def test_json_stays_json(report: Report, text: str) -> None:
    written = json_report.render(poisoned(report, text))

    VALIDATOR.validate(json.loads(written))
    assert not raw_controls(written)


@few
@given(text=HOSTILE)
def test_json_keeps_the_text_itself(report: Report, text: str) -> None:
    read = json.loads(json_report.render(poisoned(report, text)))

    assert read["agent"] == text.encode("utf-8", "backslashreplace").decode()


@few
@given(text=HOSTILE)
def test_junit_stays_xml(report: Report, text: str) -> None:
    written = junit.render(poisoned(report, text))

    assert len(ElementTree.fromstring(written.encode()).findall(".//testcase")) == 11  # the finding has its line's code
    assert not raw_controls(written)


@few
@given(text=HOSTILE)
def test_each_github_command_stays_one_line(report: Report, text: str) -> None:
    lines = github.render(poisoned(report, text)).splitlines()

    assert len(lines) == 9  # the finding stands for the line of its code
    assert all(COMMAND.fullmatch(line) for line in lines[:-1])
    assert not raw_controls("".join(lines))


@few
@given(text=HOSTILE)
def test_the_summary_keeps_its_rows(report: Report, text: str) -> None:
    written = github.summary(poisoned(report, text))

    assert len(re.findall(r"(?m)^\| [✓✗!–] \|.*\|.*\|.*\|$", written)) == 12
    assert written.count("<details>\n<summary>") >= 3
    assert not raw_controls(written)


@few
@given(text=HOSTILE, width=st.sampled_from([40, 80, 120]), color=st.booleans())
def test_nothing_in_a_checklist_drives_the_terminal(report: Report, text: str, width: int, color: bool) -> None:
    written = checklist.render(poisoned(report, text), Screen(width, color=color))

    assert not raw_controls(re.sub(r"\x1b\[[0-9;]*m", "", written) if color else written)


@few
@given(text=HOSTILE, width=st.sampled_from([40, 80, 120]), color=st.booleans())
def test_nothing_drives_the_terminal_but_our_own_colours(report: Report, text: str, width: int, color: bool) -> None:
    written = terminal.render(poisoned(report, text), Screen(width, color=color), {text: text})

    assert not raw_controls(OWN_STYLES.sub("", written))
    assert color or "\x1b" not in written


@pytest.mark.parametrize("text", ["\x1b[31m", "\x9b2J"])
def test_a_sequence_of_the_agents_is_not_one_of_ours(report: Report, text: str) -> None:
    assert text not in terminal.render(poisoned(report, f"{text}mine"), Screen(80), {})
