"""What a stream can show."""

import io
import os
import pty

import pytest

from roadworthy.report.screen import WIDEST, WITHOUT_TERMINAL, Screen, is_terminal, screen_of


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("terminal", "environ", "asked", "color"),
    [
        (True, {}, None, True),
        (False, {}, None, False),
        (True, {"TERM": "dumb"}, None, False),
        (True, {"NO_COLOR": "1"}, None, False),
        (True, {"NO_COLOR": ""}, None, True),
        (False, {"FORCE_COLOR": "1"}, None, True),
        (False, {"FORCE_COLOR": "1", "NO_COLOR": "1"}, None, False),
        (True, {"NO_COLOR": "1"}, True, True),
        (True, {}, False, False),
        (False, {}, True, True),
    ],
)
def test_colours_are_as_asked_else_as_the_environment_and_the_stream_say(
    terminal: bool, environ: dict[str, str], asked: bool | None, color: bool
) -> None:
    to = Terminal() if terminal else io.StringIO()

    assert screen_of(to, color=asked, environ={"COLUMNS": "80", **environ}).color is color


@pytest.mark.parametrize(("columns", "width"), [("72", 72), ("500", WIDEST)])
def test_a_terminal_is_as_wide_as_it_says_up_to_what_reads_well(columns: str, width: int) -> None:
    assert screen_of(Terminal(), environ={"COLUMNS": columns}).width == width


def test_a_pipe_has_a_width_of_its_own() -> None:
    assert screen_of(io.StringIO(), environ={"COLUMNS": "40"}).width == WITHOUT_TERMINAL


def test_a_terminal_that_does_not_know_its_width_has_eighty_columns() -> None:
    ours, theirs = pty.openpty()
    with os.fdopen(theirs, "w") as to:
        assert is_terminal(to, {})
        assert screen_of(to, environ={}).width == 80
    os.close(ours)


@pytest.mark.parametrize(
    ("encoding", "unicode"), [("utf-8", True), ("UTF8", True), ("ascii", False), ("latin-1", False)]
)
def test_the_encoding_says_which_marks_can_be_shown(encoding: str, unicode: bool) -> None:
    with io.TextIOWrapper(io.BytesIO(), encoding=encoding) as to:
        assert screen_of(to, environ={}).unicode is unicode
    assert Screen(unicode=unicode).mark("✓", "+") == ("✓" if unicode else "+")
