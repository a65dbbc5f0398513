"""The exit status says what the report means for the caller."""

import pytest

from roadworthy.findings import Check, Finding, Outcome, Report, Severity, Verdict
from roadworthy.report.exit_status import exit_status, untested

PASSED = Verdict(Outcome.PASS, code="ENV301")
FAILED = Verdict(Outcome.FAIL, code="ENV302")
WARNED = Verdict(Outcome.FAIL, code="LIFE302", severity=Severity.WARNING)
NOTED = Verdict(Outcome.FAIL, code="LIFE303", severity=Severity.NOTE)
WAIVED = Verdict(Outcome.FAIL, code="LIFE301", waived="the orchestrator waits")
UNTESTED = Verdict(Outcome.NOT_TESTED, code="MEM301", reason="no limit")


def report(*verdicts: Verdict, **more: object) -> Report:
    return Report("rehearse", "agent", verdicts=verdicts, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("verdicts", "status"),
    [
        ((PASSED,), 0),
        ((PASSED, UNTESTED), 0),
        ((PASSED, WARNED, NOTED), 0),
        ((PASSED, WAIVED), 0),
        ((WAIVED,), 0),
        ((PASSED, FAILED), 1),
        ((FAILED, UNTESTED), 1),
        ((UNTESTED,), 2),
        ((), 0),
    ],
)
def test_an_error_fails_and_what_was_not_judged_is_no_pass(verdicts: tuple[Verdict, ...], status: int) -> None:
    assert exit_status(report(*verdicts)) == status


@pytest.mark.parametrize(("verdict", "status"), [(WARNED, 1), (NOTED, 0), (WAIVED, 0), (PASSED, 0)])
def test_warnings_fail_when_strict_and_notes_never(verdict: Verdict, status: int) -> None:
    assert exit_status(report(PASSED, verdict), strict=True) == status


@pytest.mark.parametrize(
    ("require", "status"),
    [
        (["ENV301"], 0),
        (["ENV"], 0),
        (["MEM301"], 1),
        (["M"], 1),
        (["RATE301"], 1),
        (["LIFE301"], 0),
    ],
)
def test_what_is_required_must_have_been_tested(require: list[str], status: int) -> None:
    assert exit_status(report(PASSED, UNTESTED, WAIVED), require=require) == status


def test_the_codes_of_checks_count_as_tested() -> None:
    checks = (Check("network", "DNS", Outcome.PASS, ("NET201",)), Check("x", "y", Outcome.NOT_TESTED, ("NET202",)))

    assert untested(report(checks=checks), ["NET201", "NET202", "NET"]) == ("NET202", "NET")


@pytest.mark.parametrize(("severity", "status"), [(Severity.ERROR, 1), (Severity.WARNING, 0)])
def test_findings_and_failed_checks_count(severity: Severity, status: int) -> None:
    assert exit_status(report(findings=(Finding("PATH101", "opens", severity),))) == status
    assert exit_status(report(checks=(Check("x", "y", Outcome.FAIL),))) == 1
