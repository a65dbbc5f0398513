"""What came of each scenario is kept in the user's state folder."""

import json
from pathlib import Path

import pytest

from roadworthy.findings import Outcome, Report, Verdict
from roadworthy.rehearsal.last_run import last_failed, place, remember


@pytest.fixture
def state(tmp_path: Path) -> dict[str, str]:
    return {"XDG_STATE_HOME": str(tmp_path / "state")}


def report(agent: str = "agent", **outcomes: Outcome) -> Report:
    return Report("rehearse", agent, verdicts=tuple(Verdict(o, code=code) for code, o in outcomes.items()))


def test_what_failed_is_remembered(tmp_path: Path, state: dict[str, str]) -> None:
    remember(tmp_path, report(A301=Outcome.PASS, B301=Outcome.FAIL, C301=Outcome.NOT_TESTED), state)

    assert last_failed(tmp_path, "agent", state) == ("B301",)


def test_what_a_later_run_did_not_touch_stays(tmp_path: Path, state: dict[str, str]) -> None:
    remember(tmp_path, report(A301=Outcome.FAIL, B301=Outcome.FAIL), state)
    remember(tmp_path, report(A301=Outcome.PASS), state)

    assert last_failed(tmp_path, "agent", state) == ("B301",)


def test_agents_and_projects_are_kept_apart(tmp_path: Path, state: dict[str, str]) -> None:
    remember(tmp_path, report("one", A301=Outcome.FAIL), state)
    remember(tmp_path, report("two", B301=Outcome.FAIL), state)

    assert last_failed(tmp_path, "one", state) == ("A301",)
    assert last_failed(tmp_path, "two", state) == ("B301",)
    assert last_failed(tmp_path, "three", state) is None
    assert last_failed(tmp_path / "other", "one", state) is None


def test_only_the_user_can_read_it_and_nothing_else_is_left(tmp_path: Path, state: dict[str, str]) -> None:
    remember(tmp_path, report(A301=Outcome.FAIL), state)
    path = place(tmp_path, state)

    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert list(path.parent.iterdir()) == [path]
    assert tmp_path / "state" in path.parents


@pytest.mark.parametrize("content", ["", "{", "[]", "null", '{"agents": []}', '{"agents": {"agent": 3}}', "\udcff"])
def test_a_spoilt_file_counts_as_none_and_is_written_anew(tmp_path: Path, state: dict[str, str], content: str) -> None:
    place(tmp_path, state).parent.mkdir(parents=True)
    place(tmp_path, state).write_text(content, errors="surrogateescape")

    assert last_failed(tmp_path, "agent", state) is None
    remember(tmp_path, report(A301=Outcome.FAIL), state)
    assert last_failed(tmp_path, "agent", state) == ("A301",)


def test_a_state_folder_that_cannot_be_written_fails_no_run(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    remember(tmp_path, report(A301=Outcome.FAIL), {"XDG_STATE_HOME": str(tmp_path / "file")})

    assert last_failed(tmp_path, "agent", {"XDG_STATE_HOME": str(tmp_path / "file")}) is None


def test_without_a_state_folder_of_its_own_it_is_below_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/user")

    assert str(place(tmp_path, {})).startswith("/home/user/.local/state/roadworthy/")
    assert json.dumps(str(tmp_path)) not in str(place(tmp_path, {}))
