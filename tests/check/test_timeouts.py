"""TIME201: inner time-outs end before outer ones."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from roadworthy.findings import Outcome, Report


@pytest.mark.parametrize(
    ("declared", "named"),
    [
        ("timeouts: {request: 30s, model: 30s}", ["timeouts.model is 30.0 s", "timeouts.request"]),
        ("timeouts: {request: 30s, model: 45s}", ["timeouts.model is 45.0 s"]),
        ("budgets: {answer: 10s}\ntimeouts: {tools: {search: 12s}}", ["timeouts.tools.search", "budgets.answer"]),
        ("timeouts: {request: 60s, load_balancer: 60s}", ["timeouts.request is 60.0 s", "timeouts.load_balancer"]),
        ("timeouts: {load_balancer: 20s}", ["budgets.answer is 30.0 s", "timeouts.load_balancer"]),
        ("timeouts: {request: 5s, tools: {a: 6s, b: 500ms}}", ["timeouts.tools.a"]),
    ],
)
def test_an_inner_time_out_that_ends_last_is_told(
    checked: Callable[..., Report], declared: str, named: list[str]
) -> None:
    report = checked("TIME201", declared)

    assert [finding.code for finding in report.findings] == ["TIME201"]
    assert all(word in report.findings[0].message for word in named)
    assert report.checks[0].verdict is Outcome.FAIL


@pytest.mark.parametrize(
    "declared",
    [
        "timeouts: {request: 30s, model: 20s, tools: {search: 10s}, load_balancer: 60s}",
        "timeouts: {model: 29s}",
        "timeouts: {request: 45s, load_balancer: 46s}",
        "budgets: {answer: 90s}\ntimeouts: {model: 60s, tools: {long: 80s}}",
        "timeouts: {request: 2m, model: 90s}",
        "timeouts: {tools: {a: 1s, b: 29s}}",
    ],
)
def test_time_outs_that_nest_pass(checked: Callable[..., Report], declared: str) -> None:
    report = checked("TIME201", declared)

    assert report.findings == ()
    assert report.checks[0].verdict is Outcome.PASS


def test_without_time_outs_there_is_nothing_to_compare(checked: Callable[..., Report]) -> None:
    (line,) = checked("TIME201", "").checks

    assert (line.verdict, line.reason) == (Outcome.NOT_TESTED, "no time-outs are declared")
