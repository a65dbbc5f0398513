import pytest

from roadworthy.errors import UsageError
from roadworthy.hazards import scenarios
from roadworthy.hazards.explaining import explanation, sections


def test_a_code_is_explained_from_its_judge_and_its_hazard():
    found = explanation("env302")

    assert (found.code, found.verb, found.hazard) == ("ENV302", "rehearse", "Environment variables aren't there")
    assert found.summary.startswith("A required variable is missing")
    assert (found.done or "").startswith("The agent is started once for each required variable")
    assert "before it listens" in found.fix
    assert "KeyError" in found.before


def test_a_hazard_is_explained_with_its_codes():
    found = explanation("TIME")

    assert found.verb is None
    assert ("TIME302", "the provider accepts and never answers") in found.codes


def test_every_scenario_says_what_is_done_what_must_hold_why_and_how_to_mend_it():
    for scenario in scenarios():
        found = explanation(scenario.code)
        assert all((found.summary, found.done, found.must_hold, found.why, found.mend)), scenario.code


def test_an_unknown_code_is_met_with_the_nearest_one():
    with pytest.raises(UsageError, match="did you mean TIME303"):
        explanation("TIME309")


def test_paragraphs_without_a_label_are_the_summary():
    parts = sections("What is asked?\n\nDone: this\nand that.\n\nNote: it depends.\n\nDone: more.")

    assert parts == {"summary": "What is asked?\n\nNote: it depends.", "done": "This and that.\n\nMore."}
