"""JUnit XML that CI servers take."""

from dataclasses import replace
from xml.etree import ElementTree

import pytest
from syrupy.assertion import SnapshotAssertion

from roadworthy.findings import Report
from roadworthy.report import junit

COUNTS = {"tests", "failures", "errors", "skipped", "time"}
SHAPE = {
    # element: (attributes it must have, children it may have)
    "testsuites": ({"name"} | COUNTS - {"skipped"}, {"testsuite"}),  # junit-10.xsd of Jenkins' xunit plugin
    "testsuite": ({"name"} | COUNTS, {"properties", "testcase"}),
    "properties": (set(), {"property"}),
    "property": ({"name", "value"}, set()),
    "testcase": ({"classname", "name", "time"}, {"failure", "skipped", "system-out"}),
    "failure": ({"type", "message"}, set()),
    "skipped": ({"message"}, set()),
    "system-out": (set(), set()),
}
"""What the schemas of the CI servers have in common."""


def test_the_whole_report(report: Report, snapshot: SnapshotAssertion) -> None:
    assert junit.render(report) == snapshot


def test_the_elements_are_those_that_all_servers_know(report: Report, scan_report: Report, bare_report: Report) -> None:
    for each in (report, scan_report, bare_report):
        for element in ElementTree.fromstring(junit.render(each)).iter():
            attributes, children = SHAPE[element.tag]
            assert set(element.attrib) == attributes
            assert {child.tag for child in element} <= children


def test_properties_come_before_the_cases(report: Report) -> None:
    suite = ElementTree.fromstring(junit.render(report))[0]

    assert [child.tag for child in suite].index("properties") == 0


def test_the_counts_are_those_of_the_cases(report: Report) -> None:
    suite = ElementTree.fromstring(junit.render(report))[0]

    assert int(suite.attrib["tests"]) == len(suite.findall("testcase"))
    assert int(suite.attrib["failures"]) == len(suite.findall("testcase/failure"))
    assert int(suite.attrib["skipped"]) == len(suite.findall("testcase/skipped"))


@pytest.mark.parametrize(
    ("code", "child", "message"),
    [
        ("ENV302", "failure", "OPENAI_API_KEY taken away"),
        ("LIFE302", "skipped", "warning: the caller goes away"),
        ("LIFE301", "skipped", "waived: the orchestrator waits 60 s"),
        ("MEM301", "skipped", "not tested: the memory"),
    ],
)
def test_each_verdict_is_what_junit_has_for_it(report: Report, code: str, child: str, message: str) -> None:
    case = ElementTree.fromstring(junit.render(report)).find(f".//testcase[@name='{code}']")

    assert case is not None
    assert (found := case.find(child)) is not None
    assert found.attrib["message"].startswith(message)


def test_a_pass_has_nothing_to_say(report: Report) -> None:
    case = ElementTree.fromstring(junit.render(report)).find(".//testcase[@name='PATH301']")

    assert case is not None
    assert len(case) == 0


def test_waived_failures_are_counted_and_waivers_that_do_nothing_are_named(report: Report) -> None:
    found = [(one.attrib["name"], one.attrib["value"]) for one in ElementTree.fromstring(junit.render(report))[0][0]]

    assert ("waived", "1") in found
    assert [value.partition(":")[0] for name, value in found if name == "waiver"] == ["LIFE302", "PATH301", "LIFE999"]


@pytest.mark.parametrize(
    ("strict", "required", "failures"),
    [
        (False, (), {"ENV302"}),
        (True, (), {"ENV302", "LIFE302"}),
        (False, ("MEM",), {"ENV302", "MEM301", "MEM302"}),
    ],
)
def test_only_what_fails_the_run_is_a_failure(
    report: Report, strict: bool, required: tuple[str, ...], failures: set[str]
) -> None:
    alone = replace(report, checks=(), findings=(), strict=strict, required=required)
    cases = ElementTree.fromstring(junit.render(alone)).iter("testcase")

    assert {case.attrib["name"] for case in cases if case.find("failure") is not None} == failures
