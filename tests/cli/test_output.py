"""Where reports go: formats and files are paired as they were given."""

import json
from pathlib import Path

import pytest

from roadworthy.cli.output import Output, check_writable, outputs, write_all
from roadworthy.errors import UsageError
from roadworthy.findings import Outcome, Report, Verdict

TEXT = Output("text")
REPORT = Report("rehearse", "agent", verdicts=(Verdict(Outcome.PASS, code="ENV301"),))


def given(line: str) -> list[tuple[str, str]]:
    words = line.split()
    return [(name.removeprefix("--"), value) for name, value in zip(words[::2], words[1::2], strict=True)]


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("", [TEXT]),
        ("--format json", [Output("json")]),
        ("--format text", [TEXT]),
        ("--output run.json", [Output("json", Path("run.json")), TEXT]),
        ("--output junit.XML", [Output("junit", Path("junit.XML")), TEXT]),
        ("--output report.txt", [Output("text", Path("report.txt")), TEXT]),
        ("--output -  --format json", [Output("json")]),
        ("--format json --output -", [Output("json")]),
        ("--format json --output report", [Output("json", Path("report")), TEXT]),
        ("--output report --format json", [Output("json", Path("report")), TEXT]),
        (
            "--format junit --output junit.xml --format json --output run.json",
            [Output("junit", Path("junit.xml")), Output("json", Path("run.json")), TEXT],
        ),
        ("--format text --format junit --output j.xml", [TEXT, Output("junit", Path("j.xml"))]),
        ("--format junit --output j.xml --format github", [Output("junit", Path("j.xml")), Output("github")]),
        (
            "--output a.json --output b.xml --format text",
            [Output("json", Path("a.json")), Output("junit", Path("b.xml")), TEXT],
        ),
    ],
)
def test_each_file_belongs_to_the_format_before_it_or_to_its_ending(line: str, wanted: list[Output]) -> None:
    assert outputs(given(line)) == wanted


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("--output report", "its ending does not say the format"),
        ("--output report.html", "its ending does not say the format"),
        ("--format json --format text", "json and text would both go to stdout"),
        ("--output a.json --output -", "its ending does not say the format"),
    ],
)
def test_what_cannot_be_paired_is_said_with_the_mend(line: str, message: str) -> None:
    with pytest.raises(UsageError, match=message) as error:
        outputs(given(line))

    assert "\n  put " in str(error.value)


def test_a_file_that_cannot_be_written_is_refused_before_the_work(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    for path in (tmp_path, tmp_path / "file" / "run.json"):
        with pytest.raises(UsageError, match="--output"):
            check_writable([Output("json", path)])
    check_writable([TEXT, Output("json", tmp_path / "new" / "folder" / "run.json")])


@pytest.mark.ordinary_user
def test_a_folder_of_others_is_refused_before_the_work(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)

    with pytest.raises(UsageError, match="cannot be written"):
        check_writable([Output("json", tmp_path / "run.json")])


def test_all_outputs_are_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wanted = [Output("github"), Output("json", tmp_path / "a" / "run.json"), Output("junit", tmp_path / "j.xml")]
    write_all(REPORT, wanted, "auto")

    assert json.loads((tmp_path / "a" / "run.json").read_text())["agent"] == "agent"
    assert (tmp_path / "j.xml").read_text().startswith("<?xml")
    assert capsys.readouterr().out.startswith("1 passed")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "j.xml"]


def test_a_link_stays_one_and_its_target_is_written(tmp_path: Path) -> None:
    (tmp_path / "link.json").symlink_to(tmp_path / "real.json")
    write_all(REPORT, [Output("json", tmp_path / "link.json")], "auto")

    assert (tmp_path / "link.json").is_symlink()
    assert (tmp_path / "real.json").is_file()


def test_a_device_is_written_to_and_not_replaced() -> None:
    write_all(REPORT, [Output("json", Path("/dev/null"))], "auto")

    assert not Path("/dev/null").is_file()


def test_a_full_disk_is_said_and_leaves_no_half_file(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="No space left on device"):
        write_all(REPORT, [Output("json", Path("/dev/full"))], "auto")


@pytest.mark.parametrize(("color", "has_escapes"), [("auto", False), ("never", False), ("always", True)])
def test_colours_are_for_text_and_as_asked(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, color: str, has_escapes: bool
) -> None:
    monkeypatch.delenv("FORCE_COLOR", raising=False)
    write_all(REPORT, [TEXT], color)

    assert ("\x1b[" in capsys.readouterr().out) is has_escapes
