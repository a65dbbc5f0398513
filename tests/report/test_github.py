"""Workflow commands and the job's summary."""

import io
from pathlib import Path

from syrupy.assertion import SnapshotAssertion

from roadworthy.findings import Outcome, Place, Report, Verdict
from roadworthy.report import github


def failing(**more: object) -> Report:
    verdict = Verdict(Outcome.FAIL, code="ENV302", **more)  # type: ignore[arg-type]
    return Report("rehearse", "a", verdicts=(verdict,))


def test_the_commands(report: Report, snapshot: SnapshotAssertion) -> None:
    assert github.render(report) == snapshot


def test_the_summary(report: Report, snapshot: SnapshotAssertion) -> None:
    assert github.summary(report) == snapshot


def test_properties_and_messages_are_escaped() -> None:
    place = Place("a,b:c%.py", 3)
    line = github.render(failing(title="50 % ::error::\nsecond", where=place)).splitlines()[0]

    assert line.startswith("::error file=a%2Cb%3Ac%25.py,line=3,title=ENV302::50 %25 ::error::%0Asecond")


def test_a_clean_report_has_no_commands(bare_report: Report) -> None:
    assert github.render(bare_report) == "1 passed, 0 failed, 0 not tested in 0.0 s\n"


def test_the_summary_is_appended_where_the_runner_wants_it(report: Report, tmp_path: Path) -> None:
    (tmp_path / "summary.md").write_text("before\n")
    github.write(report, io.StringIO(), {"GITHUB_STEP_SUMMARY": str(tmp_path / "summary.md")})

    assert (tmp_path / "summary.md").read_text() == "before\n" + github.summary(report)


def test_without_a_runner_there_are_the_commands_alone(report: Report) -> None:
    to = io.StringIO()
    github.write(report, to, {})

    assert to.getvalue() == github.render(report)


def test_markdown_and_html_of_an_agent_stay_text() -> None:
    hostile = "<script> | [x](http://x.invalid) @everyone `code` ![](y)"
    text = github.summary(failing(title=hostile, output=("````", "</details>", "```")))

    assert "<script>" not in text
    assert "[x]" not in text
    assert "\n`````text\n" in text  # the fence is longer than any in the output
