"""What a project says of its own scan."""

from __future__ import annotations

from pathlib import Path

import pytest

from roadworthy.errors import UsageError
from roadworthy.findings import Finding
from roadworthy.manifest.mistakes import ManifestError
from roadworthy.manifest.model import Scan
from roadworthy.scan.configured import applied, excluded, manifest_of, without_ignored


def hazards(settings: Scan, *select: str, ignore: tuple[str, ...] = ()) -> set[str]:
    return {rule.hazard for rule in applied(settings, select, ignore)}


def codes(settings: Scan, *select: str, ignore: tuple[str, ...] = ()) -> list[str]:
    return [rule.code for rule in applied(settings, select, ignore)]


def test_without_settings_every_rule_is_applied() -> None:
    assert {"ENV", "PATH", "SEC"} <= hazards(Scan())


def test_settings_select_and_leave_out() -> None:
    assert codes(Scan(select=("PATH10", "ENV101"), ignore=("PATH102", "PATH103"))) == ["ENV101", "PATH101", "PATH104"]


def test_what_the_command_line_selects_takes_their_place() -> None:
    assert codes(Scan(select=("ENV",), ignore=("PATH101",)), "PATH101") == ["PATH101"]


def test_what_the_command_line_ignores_is_left_out_too() -> None:
    assert codes(Scan(select=("PATH10",), ignore=("PATH102",)), ignore=("PATH103",)) == ["PATH101", "PATH104"]


def test_where_nothing_is_left_it_is_told() -> None:
    with pytest.raises(UsageError, match="no rule is left"):
        list(applied(Scan(select=("PATH101",)), (), ("PATH101",)))


@pytest.mark.parametrize(
    ("pattern", "ignored", "kept"),
    [
        ("scripts/", ["scripts/a.py", "app/scripts/a.py"], ["scripts.py"]),
        ("/scripts/*.py", ["scripts/a.py"], ["app/scripts/a.py", "scripts/b/a.py"]),
        ("*_test.py", ["a_test.py", "b/a_test.py"], ["a_test.pyi"]),
        ("app/**/tools", ["app/tools/a.py", "app/b/c/tools/a.py"], ["tools/a.py"]),
    ],
)
def test_rules_are_left_out_where_a_pattern_fits(pattern: str, ignored: list[str], kept: list[str]) -> None:
    settings = Scan(per_file_ignores={pattern: ("PATH", "LOG101")})
    found = [Finding(code, "", path=path) for path in [*ignored, *kept] for code in ("PATH101", "LOG101", "LOG102")]

    left = {(each.path, each.code) for each in without_ignored(found, settings)}

    assert left == {
        *((path, "LOG102") for path in [*ignored, *kept]),
        *((path, code) for path in kept for code in ("PATH101", "LOG101")),
    }


def test_a_path_that_is_named_may_be_left_out_by_a_folder_around_it(tmp_path: Path) -> None:
    settings = Scan(exclude=("migrations/", "*_pb2.py"))
    paths = [tmp_path / each for each in ("migrations/a.py", "migrations", "a_pb2.py", "a.py", ".")] + [Path("/")]

    assert excluded(settings, tmp_path, paths) == ["migrations/a.py", "migrations", "a_pb2.py"]
    assert excluded(Scan(), tmp_path, paths) == []


YAML = """\
agent: {entry: a.py:a}
scan:
  select: [PATH101, PATH11]
  ignore:
    - ENV
    - CONK
  per_file_ignores:
    scripts/: [TIME, ENV201]
"""
TOML = '[tool.roadworthy.scan]\nselect = ["PATH101",\n  "PATH11"]\n'


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        (
            "roadworthy.yaml",
            YAML,
            [
                '3:21: scan.select[1]: there is no rule "PATH11"\n  did you mean "PATH101"?',
                '6:7: scan.ignore[1]: there is no rule "CONK"\n  did you mean "CONC"?',
                '8:22: scan.per_file_ignores."scripts/"[1]: there is no rule "ENV201"\n  did you mean "ENV101"?',
            ],
        ),
        ("pyproject.toml", TOML, ['3:3: scan.select[1]: there is no rule "PATH11"\n  did you mean "PATH101"?']),
    ],
)
def test_a_rule_that_does_not_exist_is_told_at_its_place(tmp_path: Path, name: str, text: str, told: list[str]) -> None:
    (tmp_path / name).write_text(text)

    with pytest.raises(ManifestError) as caught:
        manifest_of(tmp_path)

    assert [str(each).removeprefix(f"{tmp_path / name}:") for each in caught.value.mistakes] == told


def test_rules_that_exist_are_taken(tmp_path: Path) -> None:
    (tmp_path / "roadworthy.yaml").write_text("scan: {select: [PATH101, ENV, TIME1]}\n")

    manifest = manifest_of(tmp_path)

    assert manifest is not None
    assert manifest.scan.select == ("PATH101", "ENV", "TIME1")


def test_a_folder_without_a_manifest_has_no_settings(tmp_path: Path) -> None:
    assert manifest_of(tmp_path) is None
