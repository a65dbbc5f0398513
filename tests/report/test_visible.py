"""Text from elsewhere is shown without anything that drives a terminal."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roadworthy.report.visible import no_commands, one_line, visible

ANY_TEXT = st.text(st.characters(exclude_categories=()))
"""Surrogates and noncharacters too."""


@pytest.mark.parametrize(
    ("hostile", "shown"),
    [
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b[2J\x1b[1;1Hcleared", "cleared"),
        ("\x9b31mred", "red"),
        ("\x1b]0;title\x07after", "after"),
        ("\x1b]8;;http://example.invalid\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x1bPdevice control\x1b\\after", "after"),
        ("\x1b(Bcharset", "charset"),
        ("\x1b7saved\x1b8", "saved"),
        ("bell\x07", r"bell\x07"),
        ("over\x08\x08\x08\x08", r"over\x08\x08\x08\x08"),
        ("user\u202etxt.exe", r"user\u202etxt.exe"),
        ("half a pair \ud83d", r"half a pair \ud83d"),
        ("\x00\x7f\x85\u2028", r"\x00\x7f\x85\u2028"),
        ("progress 10 %\rprogress 20 %\r\n", "progress 10 %\nprogress 20 %\n"),
    ],
)
def test_what_drives_a_terminal_is_removed_or_written_out(hostile: str, shown: str) -> None:
    assert visible(hostile) == shown


@pytest.mark.parametrize("text", ["plain", "tab\tand\nline", "naïve — ✓ 日本語 🙂", "[bold]markup[/bold]", ":smile:"])
def test_ordinary_text_stays_as_it_is(text: str) -> None:
    assert visible(text) == text


def test_a_title_that_never_ends_does_not_swallow_what_follows() -> None:
    assert "PASSED" in visible("\x1b]0;never ends\nPASSED")


def test_removing_one_sequence_does_not_make_another() -> None:
    assert "\x1b" not in visible("\x1b\x1b[31m[31m")


@given(ANY_TEXT)
def test_no_control_character_is_left(text: str) -> None:
    left = set(visible(text)) - {"\n", "\t"}
    assert not [c for c in left if unicodedata.category(c) in {"Cc", "Cs", "Zl", "Zp"}]


@given(ANY_TEXT)
def test_one_line_is_one_line(text: str) -> None:
    assert len(one_line(text).splitlines()) <= 1


@pytest.mark.parametrize("line", ["::error::x", "  ::stop-commands::t", "\t::add-mask::a", "a ##[group]b"])
def test_no_line_is_a_command_for_the_runner(line: str) -> None:
    quiet = no_commands(f"first\n{line}\nlast", {"GITHUB_ACTIONS": "true"})

    assert not any(each.lstrip().startswith("::") or "##[" in each for each in quiet.splitlines())
    assert no_commands(line, {}) == line
