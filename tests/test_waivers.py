"""Waivers: a failure is accepted until its last day, and one that does nothing is found."""

from dataclasses import replace
from datetime import date

import pytest

from roadworthy.findings import Outcome, Verdict, WaiverState
from roadworthy.manifest.waivers import Waiver, waiver_in
from roadworthy.waivers import waived, waiver_uses

LAST_DAY = date(2027, 1, 31)
NEXT_DAY = date(2027, 2, 1)
WAIVER = Waiver("answers are idempotent", LAST_DAY)
FAILED = Verdict(Outcome.FAIL, code="LIFE302")
KNOWN = {"LIFE302"}


@pytest.mark.parametrize(
    ("text", "waiver"),
    [
        ("answers are idempotent", Waiver("answers are idempotent")),
        ("answers are idempotent, until 2027-01-31", WAIVER),
        ("answers are idempotent (until 2027-01-31)", WAIVER),
        ("answers are idempotent until 2027-01-31", WAIVER),
        ("nobody calls it until the release", Waiver("nobody calls it until the release")),
        ("since 2027-01-31 the gateway retries", Waiver("since 2027-01-31 the gateway retries")),
    ],
)
def test_a_waiver_ends_where_it_says_so(text: str, waiver: Waiver) -> None:
    assert waiver_in(text) == waiver


@pytest.mark.parametrize("day", ["2027-02-30", "31.1.2027", "31/01/2027", "2027-1-31"])
def test_a_day_that_is_none_is_a_mistake_and_never_for_good(day: str) -> None:
    with pytest.raises(ValueError, match=r"date|day|month"):
        waiver_in(f"answers are idempotent, until {day}")


@pytest.mark.parametrize("waiver", [WAIVER, Waiver("for good")])
def test_a_failure_is_waived_to_the_last_day(waiver: Waiver) -> None:
    assert waived(FAILED, waiver, LAST_DAY).waived == waiver.reason


def test_after_the_last_day_the_failure_counts_and_it_is_said() -> None:
    verdict = waived(FAILED, WAIVER, NEXT_DAY)

    assert verdict.waived is None
    assert verdict.notes == ("its waiver expired after 2027-01-31: answers are idempotent",)


@pytest.mark.parametrize("outcome", [Outcome.PASS, Outcome.NOT_TESTED])
def test_only_a_failure_is_waived(outcome: Outcome) -> None:
    verdict = replace(FAILED, verdict=outcome)

    assert waived(verdict, WAIVER, NEXT_DAY) == verdict


@pytest.mark.parametrize(
    ("outcome", "known", "today", "state"),
    [
        (Outcome.FAIL, KNOWN, LAST_DAY, WaiverState.USED),
        (Outcome.FAIL, KNOWN, NEXT_DAY, WaiverState.EXPIRED),
        (Outcome.PASS, KNOWN, LAST_DAY, WaiverState.UNUSED),
        (Outcome.PASS, KNOWN, NEXT_DAY, WaiverState.UNUSED),
        (Outcome.NOT_TESTED, KNOWN, LAST_DAY, None),
        (None, KNOWN, LAST_DAY, None),
        (None, KNOWN, NEXT_DAY, WaiverState.EXPIRED),
        (None, set(), LAST_DAY, WaiverState.UNKNOWN),
    ],
)
def test_what_came_of_a_waiver(
    outcome: Outcome | None, known: set[str], today: date, state: WaiverState | None
) -> None:
    outcomes = {} if outcome is None else {"LIFE302": outcome}

    (use,) = waiver_uses({"LIFE302": WAIVER}, outcomes, known, today)

    assert (use.state, use.until) == (state, "2027-01-31")
