"""The report as JUnit XML, in the elements and attributes that CI servers agree on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TextIO
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from roadworthy.findings import Check, Finding, Outcome, Report, Severity, Verdict
from roadworthy.report.exit_status import counts_as_failure
from roadworthy.report.visible import one_line, visible
from roadworthy.report.wording import Told, again, findings_of, stale_waivers, told_of


def write(report: Report, to: TextIO) -> None:
    """Write `report` to `to`."""
    to.write(render(report))


def render(report: Report) -> str:
    """`report` as XML.

    Names stay the same from run to run, so that a CI server can follow a test. CI servers know one weight:
    GitLab, Jenkins and the reporters for GitHub count every `failure`, whatever its `type`, so only what fails
    the run is one. What is waived, a warning without `--strict` and what was not tested are skipped, with the
    reason; what was required and not tested is a failure.
    """
    cases = list(_cases(report))
    totals = {
        "tests": str(len(cases)),
        "failures": str(sum(case.find("failure") is not None for case in cases)),
        "errors": "0",
        "skipped": str(sum(case.find("skipped") is not None for case in cases)),
        "time": f"{report.seconds:.3f}",
    }
    # Jenkins' schema (junit-10.xsd of its xunit plugin) has no `skipped` here, and refuses a file that does.
    outer = {name: value for name, value in totals.items() if name != "skipped"}
    root = Element("testsuites", {"name": "roadworthy", **outer})
    suite = SubElement(root, "testsuite", {"name": one_line(f"{report.verb} {report.agent}"), **totals})
    properties = SubElement(suite, "properties")
    for name, value in _properties(report):
        SubElement(properties, "property", {"name": name, "value": one_line(value)})
    suite.extend(cases)
    ElementTree.indent(root)
    return f"<?xml version='1.0' encoding='utf-8'?>\n{ElementTree.tostring(root, encoding='unicode')}\n"


def _properties(report: Report) -> Iterator[tuple[str, str]]:
    if report.stage:
        yield "stage", f"{report.stage.backend}, tier {report.stage.tier}"
        yield from (("enforced", what) for what in report.stage.enforced)
        yield from (("missing", f"{missing.what}: {missing.reason}") for missing in report.stage.missing)
    if report.seed is not None:
        yield "seed", str(report.seed)
    if report.cost:
        yield "model calls a request", f"{report.cost.model_calls:g}"
        yield "input tokens a request", f"{report.cost.input_tokens:g}"
        yield "output tokens a request", f"{report.cost.output_tokens:g}"
    yield "waived", str(sum(verdict.waived is not None for verdict in report.verdicts))
    yield from (("waiver", f"{code}: {told}") for code, told in stale_waivers(report))
    yield from (("note", note) for note in report.notes)


def _cases(report: Report) -> Iterator[Element]:
    yield from (_verdict(verdict, report) for verdict in report.verdicts)
    yield from (_check(check, report) for check in report.checks)
    in_a_line = {id(finding) for check in report.checks for finding in findings_of(check, report)}
    yield from (_finding(finding, report) for finding in report.findings if id(finding) not in in_a_line)


def _verdict(verdict: Verdict, report: Report) -> Element:
    case = _case(verdict.hazard, verdict.code, verdict.seconds)
    match verdict.verdict:
        case Outcome.NOT_TESTED if verdict.code.startswith(report.required):
            _failed(case, "not tested", f"required and not tested: {verdict.reason or 'no reason given'}", [])
        case Outcome.NOT_TESTED:
            _skipped(case, f"not tested: {verdict.reason or 'no reason given'}")
        case Outcome.FAIL if verdict.waived is not None:
            _skipped(case, f"waived: {verdict.waived}", told_of(verdict))
        case Outcome.FAIL:
            told = [*told_of(verdict), ("again", again(report, verdict.code))]
            _told(case, verdict.severity, verdict.title, told, report)
    if verdict.output:
        SubElement(case, "system-out").text = visible("\n".join(verdict.output))
    return case


def _check(check: Check, report: Report) -> Element:
    case = _case(check.group, f"{' '.join(check.codes)} {check.item}")
    match check.verdict:
        case Outcome.NOT_TESTED:
            _skipped(case, f"not tested: {check.reason or 'no reason given'}")
        case Outcome.FAIL:
            told = [row for finding in findings_of(check, report) for row in _told_in_a_line(finding)]
            _told(case, check.severity, check.reason or check.item, told or told_of(check), report)
    return case


def _finding(finding: Finding, report: Report) -> Element:
    case = _case(finding.hazard, f"{finding.code} {finding.path}: {finding.message}")
    if finding.waived is not None:
        _skipped(case, f"waived: {finding.waived}", told_of(finding))
    else:
        _told(case, finding.severity, finding.message, told_of(finding), report)
    return case


def _told_in_a_line(finding: Finding) -> Told:
    return [(finding.code, finding.message), *told_of(finding)]


def _case(group: str, name: str, seconds: float = 0.0) -> Element:
    return Element("testcase", {"classname": one_line(group), "name": one_line(name), "time": f"{seconds:.3f}"})


def _told(case: Element, severity: Severity, message: str, told: Told, report: Report) -> None:
    """A failure where it fails the run, else skipped."""
    if counts_as_failure(severity, report.strict):
        _failed(case, severity, message, told)
    else:
        _skipped(case, f"{severity}: {message}", told)


def _failed(case: Element, kind: str, message: str, told: Told) -> None:
    failure = SubElement(case, "failure", {"type": kind, "message": one_line(message)})
    failure.text = _lines(told)


def _skipped(case: Element, message: str, told: Told | None = None) -> None:
    SubElement(case, "skipped", {"message": one_line(message)}).text = _lines(told or [])


def _lines(told: Told) -> str | None:
    return "\n".join(f"{one_line(label):8}{visible(text)}" for label, text in told if text) or None
