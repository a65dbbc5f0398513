"""LOG303: a structured log stays one when something fails."""

from __future__ import annotations

import json

import pytest
from tests.hazards.evidence import baseline, call, exchange, judged, observed, printed

from roadworthy.findings import Outcome, Verdict

JSON_LINE = json.dumps({"level": "ERROR", "message": "request failed: HTTPError", "request_id": "a1"})
LOGFMT_LINE = 'level=error msg="request failed: \\"400\\"" request_id=a1 retried'
TRACEBACK = """\
Traceback (most recent call last):
  File "/srv/app/agent.py", line 12, in answer
    return ask(messages)
ValueError: status=400"""


def verdict_on(output: str, usual: str | None = None) -> Verdict:
    seen = observed(
        exchange("before", number=1, due=1.0),
        exchange("during", number=2, due=2.0, status=502),
        model_calls=[call(2, at=2.0, fault="the provider answers 400")],
        output=printed(output, at=2.1) if output else [],
    )
    return judged("LOG303", seen, baseline(output=printed(usual, at=2.0) if usual else []))


@pytest.mark.parametrize("line", [JSON_LINE, LOGFMT_LINE])
def test_a_traceback_beside_structured_lines_fails_and_points_into_the_project(line: str):
    verdict = verdict_on(f"{line}\n{TRACEBACK}", usual=line)

    assert verdict.title == "4 of 5 lines of a structured log do not parse"
    assert verdict.where is not None
    assert (verdict.where.path, verdict.where.line) == ("agent.py", 12)


def test_where_the_laptop_showed_no_line_those_beside_tracebacks_decide():
    chained = f"{TRACEBACK}\n\nDuring handling of the above exception, another exception occurred:\n\n{TRACEBACK}"

    assert verdict_on(f"{chained}\n{JSON_LINE}").verdict == Outcome.FAIL


@pytest.mark.parametrize("line", [JSON_LINE, LOGFMT_LINE])
def test_lines_that_all_parse_pass(line: str):
    assert verdict_on(f"{line}\n\n{line}", usual=line).verdict == Outcome.PASS


def test_a_traceback_inside_a_field_passes():
    record = json.dumps({"level": "ERROR", "traceback": TRACEBACK})

    assert verdict_on(record, usual=JSON_LINE).verdict == Outcome.PASS


def test_a_line_that_we_have_cut_ourselves_is_not_accused():
    cut = json.dumps({"traceback": "x" * 10_000})[:8192]

    assert verdict_on(f"{JSON_LINE}\n{cut}", usual=JSON_LINE).verdict == Outcome.PASS


@pytest.mark.parametrize("text", ["INFO answered in 12 ms", "took=12 ms (slow)", "[1, 2]", "ValueError: x=1"])
def test_a_plain_text_log_is_not_tested(text: str):
    verdict = verdict_on(f"{text}\n{TRACEBACK}", usual=text)

    assert "plain text" in (verdict.reason or "")


def test_a_silent_agent_has_nothing_to_break():
    assert (verdict_on("").reason or "").startswith("nothing to break")


def test_what_was_printed_before_the_first_request_does_not_count():
    banner = printed("Listening on 8080", at=0.6)
    seen = observed(
        exchange("before", number=1, due=1.0),
        exchange("during", number=2, due=2.0, status=502),
        model_calls=[call(2, at=2.0, fault="the provider answers 400")],
        output=[*banner, *printed(JSON_LINE, at=2.1)],
    )

    assert judged("LOG303", seen, baseline(output=[*banner, *printed(JSON_LINE)])).verdict == Outcome.PASS
