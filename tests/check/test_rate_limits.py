"""RATE201: the declared traffic fits into the provider's limit."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from roadworthy.findings import Outcome, Report


@pytest.mark.parametrize(
    ("declared", "told"),
    [
        ("rate_limits: {model: 60/minute, client: 61/minute}", "61 a minute of 60 a minute"),
        ("rate_limits: {model: 500/minute, client: 200/minute}\nbudgets: {upstream_calls: 4}", "800 a minute of 500"),
        ("rate_limits: {model: 50/minute}\nbudgets: {concurrency: 50, answer: 30s}", "100 a minute of 50"),
        ("rate_limits: {model: 1/s}\nbudgets: {concurrency: 10, answer: 20s, upstream_calls: 3}", "90 a minute of 60"),
    ],
)
def test_traffic_beyond_the_limit_is_told(checked: Callable[..., Report], declared: str, told: str) -> None:
    report = checked("RATE201", declared)

    (finding,) = report.findings
    assert told in finding.message


@pytest.mark.parametrize(
    "declared",
    [
        "rate_limits: {model: 60/minute, client: 60/minute}",
        "rate_limits: {model: 500/minute, client: 100/minute}\nbudgets: {upstream_calls: 4}",
        "rate_limits: {model: 500/minute}\nbudgets: {concurrency: 50, answer: 30s, upstream_calls: 4}",
        "rate_limits: {model: 10/s, client: 1/s}\nbudgets: {concurrency: 100, answer: 30s}",
    ],
)
def test_traffic_within_the_limit_passes(checked: Callable[..., Report], declared: str) -> None:
    report = checked("RATE201", declared)

    assert report.findings == ()
    assert report.checks[0].verdict is Outcome.PASS


@pytest.mark.parametrize(
    ("declared", "reason"),
    [
        ("", "no `rate_limits.model` is declared"),
        ("rate_limits: {client: 60/minute}", "no `rate_limits.model` is declared"),
        ("rate_limits: {model: 60/minute}", "neither `rate_limits.client` nor `budgets.concurrency` is declared"),
    ],
)
def test_what_is_not_declared_is_not_tested(checked: Callable[..., Report], declared: str, reason: str) -> None:
    (line,) = checked("RATE201", declared).checks

    assert (line.verdict, line.reason) == (Outcome.NOT_TESTED, reason)
