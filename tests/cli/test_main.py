"""The command finds its verbs, imports one, and tells every error in one form."""

import os
import subprocess
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import click
import pytest

from roadworthy import __version__
from roadworthy.cli.main import VERBS, group
from roadworthy.errors import RoadworthyError, UsageError

COMMAND = [sys.executable, "-m", "roadworthy"]


@pytest.fixture
def raising(monkeypatch: pytest.MonkeyPatch) -> Callable[[BaseException], None]:
    """Makes the verb `doctor` raise."""

    def prepare(error: BaseException) -> None:
        def fail() -> None:
            raise error

        monkeypatch.setattr("roadworthy.rehearsal.stage.inspect.examine", fail)

    return prepare


@pytest.mark.parametrize("verb", VERBS)
def test_each_listed_verb_exists_and_says_the_same_of_itself(verb: str) -> None:
    command = import_module(f"roadworthy.cli.{verb}").command

    assert isinstance(command, click.Command)
    assert (command.help or "").split("\n\n")[0] == VERBS[verb]


def test_help_lists_the_verbs_and_the_exit_statuses(cli: Callable) -> None:
    done = cli("--help")

    assert done.status == 0
    assert all(verb in done.out for verb in VERBS)
    assert "Exit status: 0 clean, 1 something fails, 2" in done.out
    assert all(len(line) <= 80 for line in done.out.splitlines())


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_help(cli: Callable, verb: str) -> None:
    assert cli(verb, "--help").status == 0


def test_the_version(cli: Callable) -> None:
    assert cli("--version").out == f"roadworthy {__version__}\n"


@pytest.mark.parametrize("arguments", [["--help"], ["rehearse", "--help"], ["--version"]])
def test_help_imports_nothing_heavy(arguments: list[str]) -> None:
    listing = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "roadworthy", *arguments],
        capture_output=True,
        text=True,
        check=True,
    ).stderr
    imported = {line.rsplit("|", 1)[-1].strip().split(".")[0] for line in listing.splitlines()}

    assert "click" in imported
    assert not imported & {"rich", "yaml", "msgspec", "asyncio", "uvloop", "ssl", "trustme", "httptools"}


@pytest.mark.parametrize("arguments", [["nope"], ["--nope"], ["doctor", "--format", "xml"], ["schema", "x"]])
def test_a_wrong_command_line_exits_with_2_and_shows_no_traceback(cli: Callable, arguments: list[str]) -> None:
    done = cli(*arguments)

    assert done.status == 2
    assert "Usage: roadworthy" in done.err
    assert "Traceback" not in done.err
    assert done.out == ""


def test_a_users_mistake_is_its_message_alone(cli: Callable, raising: Callable) -> None:
    raising(UsageError("a.yaml:3:1: unknown key\n  did you mean env?"))

    done = cli("doctor")

    assert (done.status, done.out, done.err) == (2, "", "a.yaml:3:1: unknown key\n  did you mean env?\n")


def test_mistakes_of_tasks_that_ran_together_are_all_told(cli: Callable, raising: Callable) -> None:
    raising(ExceptionGroup("tasks", [UsageError("one"), ExceptionGroup("more", [UsageError("two")])]))

    assert cli("doctor").err == "one\ntwo\n"


def test_what_an_agent_printed_cannot_drive_the_terminal_from_an_error(cli: Callable, raising: Callable) -> None:
    raising(UsageError("it said:\n  \x1b[2Jcleared\x07"))

    assert cli("doctor").err == "it said:\n  cleared\\x07\n"


@pytest.mark.parametrize(
    "error", [KeyboardInterrupt(), click.Abort(), BaseExceptionGroup("tasks", [KeyboardInterrupt()])]
)
def test_an_interrupt_is_one_line(cli: Callable, raising: Callable, error: BaseException) -> None:
    raising(error)

    done = cli("doctor")

    assert (done.status, done.out, done.err) == (130, "", "interrupted\n")


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (KeyError("x\ny"), "roadworthy: unexpected: KeyError: 'x\\ny' (the full report: "),
        (RoadworthyError("the world fell"), "roadworthy: unexpected: the world fell (the full report: "),
        (ExceptionGroup("tasks", [UsageError("one"), ValueError("two")]), "roadworthy: unexpected: ValueError: two"),
        (BrokenPipeError("not ours"), "roadworthy: unexpected: BrokenPipeError: not ours"),
        (EOFError(), "roadworthy: unexpected: EOFError: "),
    ],
)
def test_the_unexpected_is_one_line_and_a_file_with_the_rest(
    cli: Callable, raising: Callable, tmp_path: Path, error: BaseException, said: str
) -> None:
    raising(error)

    done = cli("doctor", "--color", "never")
    [report] = (tmp_path / "cache" / "roadworthy").iterdir()

    assert done.status == 2
    assert done.err.startswith(said)
    assert done.err.count("\n") == 1
    assert str(report) in done.err
    assert report.stat().st_mode & 0o777 == 0o600
    assert "Traceback" in report.read_text()
    assert "['doctor', '--color', 'never']" in report.read_text()


def test_without_a_cache_folder_the_report_goes_to_the_temporary_one(
    cli: Callable, raising: Callable, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    raising(ValueError("x"))

    assert f"(the full report: {tmp_path}/roadworthy-" in cli("doctor").err


def test_a_reader_that_goes_away_is_no_error() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    try:
        done = subprocess.run(
            [*COMMAND, "schema", "--report"], stdout=writing, stderr=subprocess.PIPE, text=True, check=False
        )
    finally:
        os.close(writing)

    assert (done.returncode, done.stderr) == (141, "")


def test_the_module_runs_as_the_command_does() -> None:
    done = subprocess.run([*COMMAND, "--version"], capture_output=True, text=True, check=True)

    assert done.stdout == f"roadworthy {__version__}\n"


def test_paths_that_are_no_text_and_streams_that_are_ascii_do_not_crash_it() -> None:
    done = subprocess.run(
        [*COMMAND, "rehearse", b"/nowhere/\xff\xc3\xa9"],
        capture_output=True,
        check=False,
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
    )

    assert done.returncode == 2
    assert b"no such file" in done.stderr
    assert b"Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("shell", "part"), [("bash", "complete -o nosort"), ("zsh", "#compdef roadworthy"), ("fish", "complete --no-files")]
)
def test_completion_scripts(cli: Callable, shell: str, part: str) -> None:
    done = cli("completion", shell)

    assert part in done.out
    assert "_ROADWORTHY_COMPLETE" in done.out


@pytest.mark.parametrize(
    ("typed", "offered"),
    [(["roadworthy", "re"], ["rehearse"]), (["roadworthy", "rehearse", "--al"], ["--allow-host", "--allow-writes"])],
)
def test_what_may_come_next(
    cli: Callable, monkeypatch: pytest.MonkeyPatch, typed: list[str], offered: list[str]
) -> None:
    monkeypatch.setenv("_ROADWORTHY_COMPLETE", "bash_complete")
    monkeypatch.setenv("COMP_WORDS", " ".join(typed))
    monkeypatch.setenv("COMP_CWORD", str(len(typed) - 1))

    assert [line.split(",")[1] for line in cli().out.splitlines()] == offered


def test_no_verb_is_registered_that_is_not_listed() -> None:
    with click.Context(group) as context:
        assert group.get_command(context, "output") is None
        assert group.list_commands(context) == list(VERBS)
