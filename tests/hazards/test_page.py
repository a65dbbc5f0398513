from pathlib import Path

from roadworthy.hazards import all_hazards, checks, rules, scenarios
from roadworthy.hazards.page import checks_page, described, page, rules_page
from roadworthy.rehearsal import holds
from roadworthy.rehearsal.terms import Terms

PAGE = Path(__file__).parents[2] / "docs" / "scenarios.md"


def test_the_page_is_up_to_date():
    assert PAGE.read_text("utf-8") == page(), "run `make docs`"


def test_the_page_of_rules_is_up_to_date_and_holds_every_rule():
    text = rules_page()

    assert PAGE.with_name("rules.md").read_text("utf-8") == text, "run `make docs`"
    assert all(f"### {rule.code}: {rule.title}\n" in text for rule in rules())


def test_the_page_of_checks_is_up_to_date_and_holds_every_check():
    text = checks_page()

    assert PAGE.with_name("checks.md").read_text("utf-8") == text, "run `make docs`"
    assert all(f"### {check.code}: {check.title}\n" in text for check in checks())


def test_every_scenario_hazard_and_cause_is_on_it():
    text = page()

    assert all(f"### {scenario.code}: {scenario.title}\n" in text for scenario in scenarios())
    assert all(f"## {hazard.prefix}: {hazard.title}\n" in text for hazard in all_hazards() if hazard.scenarios)
    assert all(f"| {name.replace('_', ' ')} |" in text for name in holds.causes())


def test_figures_stand_with_their_reasons():
    assert "- 3, 1: Seconds for which the provider refuses." in page()


def test_names_are_described_by_the_docstring_below_them():
    assert dict(described(Terms))["grace"].startswith("G, from SIGTERM to the kill")
