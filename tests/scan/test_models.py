"""Models and the days on which they end: the day of a scan is the test's own."""

from __future__ import annotations

import datetime
import tomllib
from dataclasses import replace
from functools import partial
from importlib.resources import files
from pathlib import Path

import pytest

from roadworthy.findings import Severity
from roadworthy.hazards.model_names_in_source import models
from roadworthy.hazards.model_output import hazard
from roadworthy.scan.engine import scan


def told(folder: Path, code: str, today: datetime.date) -> list[str]:
    (folder / "agent.py").write_text('MODEL = "gpt-4o"\n')
    rule = hazard.rules[code]
    return [
        each.message for each in scan(folder, [replace(rule, function=partial(rule.function, today=today))]).findings
    ]


def test_a_model_is_told_of_thirty_days_before_its_end(tmp_path: Path) -> None:
    assert told(tmp_path, "MODEL103", datetime.date(2026, 12, 14)) == []
    assert told(tmp_path, "MODEL103", datetime.date(2026, 12, 15)) == ["'gpt-4o' will be switched off on 2027-01-14"]


def test_a_model_is_over_on_the_day_of_its_end(tmp_path: Path) -> None:
    assert told(tmp_path, "MODEL103", datetime.date(2027, 1, 14)) == ["'gpt-4o' was switched off on 2027-01-14"]


def test_the_end_of_a_model_is_a_note_until_it_has_come(tmp_path: Path) -> None:
    (tmp_path / "agent.py").write_text('MODEL = "gpt-4o"\n')
    rule = hazard.rules["MODEL103"]
    for day, severity in (
        (datetime.date(2027, 1, 1), Severity.NOTE),
        (datetime.date(2027, 1, 14), Severity.ERROR),
    ):
        [finding] = scan(tmp_path, [replace(rule, function=partial(rule.function, today=day))]).findings
        assert finding.severity is severity


def test_an_alias_is_told_of_until_its_end_is(tmp_path: Path) -> None:
    [message] = told(tmp_path, "MODEL101", datetime.date(2026, 12, 14))
    assert message.endswith("and ends it on 2027-01-14")
    assert told(tmp_path, "MODEL101", datetime.date(2026, 12, 15)) == []


def test_every_end_has_its_source_and_its_day() -> None:
    table = tomllib.loads(files("roadworthy.data").joinpath("models.toml").read_text("utf-8"))["retired"]
    names = [name for row in table for name in row["names"]]

    assert all(row["source"] and isinstance(row["as_of"], datetime.date) for row in table)
    assert len(names) == len(set(names))


@pytest.mark.parametrize(
    "name",
    [
        "gpt-4.1-2025-04-14",
        "gpt-oss-120b",
        "claude-3-5-sonnet-20241022",
        "mistral-small-2402",
        "claude-sonnet-4-6",
        "claude-opus-5",
    ],
)
def test_a_dated_name_and_one_of_a_fixed_version_are_pinned(name: str) -> None:
    assert models().pinned.search(name)


@pytest.mark.parametrize(
    "name", ["gpt-4o", "claude-sonnet-4-5", "claude-sonnet-4", "gemini-3-pro-preview", "mistral-large-latest"]
)
def test_a_name_without_a_date_is_not(name: str) -> None:
    assert not models().pinned.search(name)
