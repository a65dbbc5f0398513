"""The text report reads well, whatever its width."""

import io
import re

import pytest
from rich.cells import cell_len
from syrupy.assertion import SnapshotAssertion

from roadworthy.findings import Missing, Outcome, Report, Severity, StageSummary, Verdict
from roadworthy.report import terminal
from roadworthy.report.screen import Screen
from roadworthy.report.wording import again, counted, counts, duration, from_here


@pytest.mark.parametrize("width", [80, 120])
def test_the_whole_report(report: Report, hazards: dict[str, str], snapshot: SnapshotAssertion, width: int) -> None:
    assert terminal.render(report, Screen(width), hazards) == snapshot


def test_the_whole_report_in_colour(report: Report, hazards: dict[str, str], snapshot: SnapshotAssertion) -> None:
    assert terminal.render(report, Screen(80, color=True), hazards) == snapshot


def test_the_smallest_report(bare_report: Report, snapshot: SnapshotAssertion) -> None:
    assert terminal.render(bare_report, Screen(80), {}) == snapshot


@pytest.mark.parametrize("width", [40, 80, 100, 120])
def test_no_line_is_wider_than_the_screen_but_a_command_to_copy(
    report: Report, hazards: dict[str, str], width: int
) -> None:
    lines = terminal.render(report, Screen(width), hazards).splitlines()

    assert not [line for line in lines if cell_len(line) > width and not line.startswith("  again")]
    assert "  again   roadworthy rehearse examples/fragile --agent support-agent --only ENV302" in lines


def test_a_wide_screen_has_room_for_the_hazards(report: Report, hazards: dict[str, str]) -> None:
    assert "Rate limits hit differently" in terminal.render(report, Screen(110), hazards)
    assert "Rate limits hit differently" not in terminal.render(report, Screen(109), hazards)


def test_a_screen_without_unicode_gets_ascii_marks(report: Report) -> None:
    plain = "".join(line for line in terminal.render(report, Screen(80, unicode=False), {}).splitlines(keepends=True))

    assert plain.isascii()
    assert re.search(r"(?m)^x  ENV302 ", plain)
    assert re.search(r"(?m)^\+  PATH301 ", plain)
    assert re.search(r"(?m)^-  MEM301 ", plain)


def test_the_agents_markup_is_shown_as_it_was_written() -> None:
    verdict = Verdict(Outcome.FAIL, code="ENV302", title="[bold]x[/bold] :smile:", output=("[/]", "[red]"))
    text = terminal.render(Report("rehearse", "a[b]", verdicts=(verdict,)), Screen(80, color=True), {})

    assert "[bold]x[/bold] :smile:" in text
    assert "[red]" in text


def test_twelve_lines_of_output_are_shown_and_the_rest_is_counted() -> None:
    lines = tuple(f"line {number}" for number in range(20))
    verdict = Verdict(Outcome.FAIL, code="ENV302", output=(*lines, "x" * 9000))
    text = terminal.render(Report("rehearse", "a", verdicts=(verdict,)), Screen(80), {})

    assert "(9 earlier lines: in the JSON report)" in text
    assert "line 8\n" not in text
    assert "line 9\n" in text
    assert text.count("x") < 600


def test_verdicts_with_one_reason_and_one_mend_stand_together(report: Report) -> None:
    text = terminal.render(report, Screen(120), {})

    assert "MEM301, MEM302 not tested" in text
    assert text.count("cgroups are not delegated to this user") == 1


def test_what_is_missing_says_why_where_no_verdict_did() -> None:
    stage = StageSummary("bubblewrap", "B", missing=(Missing("process 1", "an init is there", "leave it out"),))
    text = terminal.render(Report("rehearse", "a", stage=stage), Screen(80), {})

    assert "lacks   process 1: an init is there" in text
    assert "fix     leave it out" in text


@pytest.mark.parametrize(
    ("verdict", "style"),
    [
        (Verdict(Outcome.PASS), "\x1b[1;32m"),
        (Verdict(Outcome.FAIL), "\x1b[1;31m"),
        (Verdict(Outcome.FAIL, severity=Severity.WARNING), "\x1b[1;32m"),
        (Verdict(Outcome.FAIL, waived="known"), "\x1b[1;32m"),
        (Verdict(Outcome.NOT_TESTED), "\x1b[1;33m"),
    ],
)
def test_the_last_line_has_the_colour_of_the_exit_status(verdict: Verdict, style: str) -> None:
    text = terminal.render(Report("rehearse", "a", verdicts=(verdict,)), Screen(80, color=True), {})

    assert text.splitlines()[-1].startswith(style)


def test_the_last_line_counts_all_three_verdicts(report: Report) -> None:
    assert counts(report) == "3 passed, 4 failed (1 waived), 4 not tested, 1 finding in 21.4 s"


@pytest.mark.parametrize(
    ("manifest", "arguments", "command"),
    [
        (None, (), "roadworthy rehearse --only ENV302"),
        (".", (), "roadworthy rehearse --only ENV302"),
        ("my agents/a", (), "roadworthy rehearse 'my agents/a' --only ENV302"),
        ("a", ("--stage", "process"), "roadworthy rehearse a --stage process --only ENV302"),
        ("-", ("--allow-host", "a;b"), "roadworthy rehearse - --allow-host 'a;b' --only ENV302"),
    ],
)
def test_the_command_that_runs_one_again_can_be_pasted(
    manifest: str | None, arguments: tuple[str, ...], command: str
) -> None:
    assert again(Report("rehearse", "a", manifest=manifest, arguments=arguments), "ENV302") == command


@pytest.mark.parametrize(
    ("manifest", "seen"),
    [
        (None, "app.py"),
        (".", "app.py"),
        ("examples/a", "examples/a/app.py"),
        ("examples/a/roadworthy.yaml", "examples/a/app.py"),
        ("pyproject.toml", "app.py"),
    ],
)
def test_a_projects_path_is_told_from_where_the_command_was_given(manifest: str | None, seen: str) -> None:
    assert from_here(Report("rehearse", "a", manifest=manifest), "app.py") == seen


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.0, "0.0 s"),
        (0.041, "41 ms"),
        (0.0999, "0.1 s"),
        (21.42, "21.4 s"),
        (99.97, "1 min 39 s"),
        (192.0, "3 min 12 s"),
    ],
)
def test_durations(seconds: float, text: str) -> None:
    assert duration(seconds) == text


@pytest.mark.parametrize(
    ("number", "text"), [(1, "1 call"), (0, "0 calls"), (2.5, "2.5 calls"), (2.0, "2 calls"), (1830.4, "1,830 calls")]
)
def test_numbers_of_things(number: float, text: str) -> None:
    assert counted(number, "call") == text


def test_writing_asks_the_stream_what_it_can_show(report: Report) -> None:
    to = io.StringIO()
    terminal.write(report, to)

    assert "ENV302" in to.getvalue()
    assert "\x1b" not in to.getvalue()
