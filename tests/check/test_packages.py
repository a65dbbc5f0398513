"""DEP201: what is installed is what is locked."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.check.locked import AGENT, pyproject, told, uv_lock

from roadworthy.check.locks import locks
from roadworthy.check.machine import Machine
from roadworthy.check.python import Python
from roadworthy.findings import Outcome, Report, Severity
from roadworthy.manifest.loading import loads

Checked = Callable[..., Report]
ROOT = Path(__file__).parent.parent.parent


@pytest.fixture
def environment(tmp_path: Path) -> Path:
    """A virtual environment of the project; gives its site-packages."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / ".venv"], check=True)
    (found,) = (tmp_path / ".venv" / "lib").glob("python*/site-packages")
    return found


def install(folder: Path, **versions: str) -> None:
    """Leave what an installer leaves of pure packages."""
    for name, version in versions.items():
        info = folder / f"{name}-{version}.dist-info"
        info.mkdir()
        (info / "WHEEL").write_text("Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("uv.lock", uv_lock(("httpx", "0.28.1"), ("idna", "3.10"))),
        ("poetry.lock", '[[package]]\nname = "httpx"\nversion = "0.28.1"\noptional = false\ngroups = ["main"]\n'),
        ("pdm.lock", '[[package]]\nname = "httpx"\nversion = "0.28.1"\ngroups = ["default"]\n'),
        ("pylock.toml", 'lock-version = "1.0"\n\n[[packages]]\nname = "httpx"\nversion = "0.28.1"\n'),
        ("Pipfile.lock", json.dumps({"default": {"httpx": {"version": "==0.28.1"}}, "develop": {}})),
        ("requirements.txt", "httpx==0.28.1 \\\n    --hash=sha256:0123 \\\n    --hash=sha256:4567\n# a comment\n"),
        ("requirements/prod.txt", "-r base.txt\n"),
    ],
)
def test_another_version_than_the_lock_s_is_told(
    checked: Checked, tmp_path: Path, environment: Path, file: str, text: str
) -> None:
    install(environment, httpx="0.27.2", idna="3.10")
    (tmp_path / file).parent.mkdir(exist_ok=True)
    (tmp_path / file).write_text(text)
    (tmp_path / file).with_name("base.txt").write_text("httpx[http2]==0.28.1 ; python_version >= '3.9'\n")

    report = checked("DEP201", AGENT)

    (finding,) = report.findings
    assert finding.message == f"httpx 0.27.2 is installed, {file} has 0.28.1"
    assert finding.severity is Severity.ERROR
    assert finding.commands


def test_a_patch_that_differs_is_a_warning(checked: Checked, tmp_path: Path, environment: Path) -> None:
    install(environment, openai="2.7.0", httpx="0.28.0")
    (tmp_path / "uv.lock").write_text(uv_lock(("openai", "2.7.1"), ("httpx", "0.28.1")))

    report = checked("DEP201", AGENT)

    assert [finding.severity for finding in report.findings] == [Severity.WARNING] * 2
    assert report.findings[0].commands == ("uv sync --frozen --no-dev",)


def test_what_the_project_asks_for_and_is_not_installed_is_told(
    checked: Checked, tmp_path: Path, environment: Path
) -> None:
    install(environment, idna="3.10")
    (tmp_path / "uv.lock").write_text(uv_lock(("openai", "2.7.1"), ("idna", "3.10"), ("pytest", "9.0")))
    (tmp_path / "pyproject.toml").write_text(pyproject("openai>=2", "idna"))

    assert told(checked("DEP201", AGENT)) == ["openai is not installed, uv.lock has 2.7.1"]


def test_a_line_without_a_version_wants_its_package_too(checked: Checked, tmp_path: Path, environment: Path) -> None:
    install(environment, idna="3.10")
    (tmp_path / "requirements.txt").write_text("idna==3.10\nopenai>=2\n")

    assert told(checked("DEP201", AGENT)) == ["openai is not installed, requirements.txt asks for it"]


@pytest.mark.parametrize(
    ("installed", "locked"),
    [
        ("1.0.0rc1", "1.0rc1"),
        ("1.0rc1", "1.0.0-RC.1"),
        ("2.6.0+cpu", "2.6.0"),
        ("2025.1", "2025.01"),
        ("1.0", "1.0.0"),
        ("1.0.post1", "1.0-1"),
        ("1!2.0", "1!2.0.0"),
        ("2.0.dev3", "2.0dev3"),
    ],
)
def test_other_spellings_of_a_version_are_the_same(
    checked: Checked, tmp_path: Path, environment: Path, installed: str, locked: str
) -> None:
    install(environment, torch=installed)
    (tmp_path / "uv.lock").write_text(uv_lock(("torch", locked)))

    report = checked("DEP201", AGENT)

    assert report.findings == ()
    assert report.checks[0].verdict is Outcome.PASS


def test_forks_of_a_lock_are_all_allowed(checked: Checked, tmp_path: Path, environment: Path) -> None:
    install(environment, numpy="2.2.6")
    (tmp_path / "uv.lock").write_text(uv_lock(("numpy", "2.2.6"), ("numpy", "2.3.4")))

    assert checked("DEP201", AGENT).findings == ()


def test_names_are_compared_as_registries_do(checked: Checked, tmp_path: Path, environment: Path) -> None:
    install(environment, **{"PyYAML": "6.0.3", "ruamel.yaml": "0.18.1", "zope_interface": "7.0"})
    (tmp_path / "requirements.txt").write_text("pyyaml==6.0.3\nruamel-yaml==0.18.1\nzope.interface==7.0\n")

    report = checked("DEP201", AGENT)

    assert report.findings == ()
    assert report.checks[0].reason == "3 packages as requirements.txt has them"


def test_what_is_for_development_or_not_locked_is_passed_over(
    checked: Checked, tmp_path: Path, environment: Path
) -> None:
    install(environment, openai="2.7.1", pytest="8.0", mypackage="0.1", pluggy="1.0")
    needs = 'dependencies = [\n    { name = "idna" },\n]\n'
    locked = uv_lock(("openai", "2.7.1"), ("pytest", "9.0"), ("pluggy", "1.6"), needs=needs)
    (tmp_path / "uv.lock").write_text(locked)
    (tmp_path / "pyproject.toml").write_text(pyproject("openai>=2") + '\n[dependency-groups]\ndev = ["pytest>=9"]\n')

    assert checked("DEP201", AGENT).findings == ()


@pytest.mark.parametrize("groups", ['groups = ["dev"]', 'category = "dev"'])
def test_poetry_s_own_words_for_development_count(
    checked: Checked, tmp_path: Path, environment: Path, groups: str
) -> None:
    install(environment, pytest="8.0")
    (tmp_path / "poetry.lock").write_text(f'[[package]]\nname = "pytest"\nversion = "9.0"\n{groups}\n')

    assert checked("DEP201", AGENT).findings == ()


def test_what_a_dependency_brings_is_of_production(checked: Checked, tmp_path: Path, environment: Path) -> None:
    install(environment, openai="2.7.1", idna="2.0")
    needs = 'dependencies = [\n    { name = "idna", marker = "python_full_version < \'4\'" },\n]\n'
    (tmp_path / "uv.lock").write_text(uv_lock(("openai", "2.7.1"), ("idna", "3.10"), needs=needs))
    (tmp_path / "pyproject.toml").write_text(pyproject("openai>=2"))

    assert told(checked("DEP201", AGENT)) == ["idna 2.0 is installed, uv.lock has 3.10"]


@pytest.mark.parametrize(
    "requirement",
    [
        "pywin32==311 ; sys_platform == 'win32'",
        "uvloop==9 ; sys_platform != 'linux' and platform_python_implementation == 'CPython'",
        "tomli==2.0 ; python_version < '3.11'",
        "odd==1 ; python_version ~~ '3'",
        "-e .",
        "git+https://github.com/a/b",
        "./wheels/odd-1.0-py3-none-any.whl",
        "wheels/odd-1.0-py3-none-any.whl",
        "odd-1.0-py3-none-any.whl",
        "odd @ https://x.example/odd-1.0.zip",
        "--extra-index-url https://x.example/simple",
    ],
)
def test_what_is_for_another_platform_or_has_no_version_is_passed_over(
    checked: Checked, tmp_path: Path, environment: Path, requirement: str
) -> None:
    install(environment, idna="3.10", odd="0.9")
    (tmp_path / "requirements.txt").write_text(f"idna==3.10\n{requirement}\n")

    assert checked("DEP201", AGENT).findings == ()


def test_an_editable_package_has_the_version_of_its_last_build(
    checked: Checked, tmp_path: Path, environment: Path
) -> None:
    install(environment, mine="0.1")
    told_of = {"url": "file:///src", "dir_info": {"editable": True}}
    (environment / "mine-0.1.dist-info" / "direct_url.json").write_text(json.dumps(told_of))
    (tmp_path / "uv.lock").write_text(uv_lock(("mine", "0.2")))

    assert checked("DEP201", AGENT).findings == ()


def test_of_two_locks_the_one_that_fits_counts(checked: Checked, tmp_path: Path, environment: Path) -> None:
    install(environment, openai="2.7.1", idna="3.10")
    (tmp_path / "poetry.lock").write_text('[[package]]\nname = "openai"\nversion = "1.0"\n')
    (tmp_path / "requirements.txt").write_text("openai==2.7.1\nidna==3.10\n")

    report = checked("DEP201", AGENT)

    assert report.findings == ()
    assert report.checks[0].reason == "2 packages as requirements.txt has them"


def test_many_differences_have_five_findings_and_one_for_the_rest(
    checked: Checked, tmp_path: Path, environment: Path
) -> None:
    names = [f"package{number}" for number in range(12)]
    install(environment, **dict.fromkeys(names, "1.0"))
    (tmp_path / "uv.lock").write_text(uv_lock(*((name, "1.1") for name in names)))

    messages = told(checked("DEP201", AGENT))

    assert len(messages) == 6
    assert messages[-1].startswith("7 more packages are not as uv.lock has them: package")


def test_constraints_fix_versions_and_ask_for_nothing(checked: Checked, tmp_path: Path, environment: Path) -> None:
    install(environment, openai="2.7.1", idna="2.0")
    (tmp_path / "constraints.txt").write_text("idna==3.10\nhttpx==0.28\n")
    (tmp_path / "requirements.txt").write_text("-c constraints.txt\nopenai==2.7.1\n")

    assert told(checked("DEP201", AGENT)) == ["idna 2.0 is installed, requirements.txt has 3.10"]


@pytest.mark.parametrize("text", [None, "openai\nhttpx>=0.27\n", ""])
def test_without_a_lock_nothing_is_compared(
    checked: Checked, tmp_path: Path, environment: Path, text: str | None
) -> None:
    if text is not None:
        (tmp_path / "requirements.txt").write_text(text)

    (line,) = checked("DEP201", AGENT).checks

    loose = "" if text is None else ", and requirements.txt fixes no version"
    assert (line.verdict, line.reason) == (Outcome.NOT_TESTED, f"no lock file for Python is here{loose}")


@pytest.mark.parametrize("text", ["[[package]]\nname = ", '{"default": []}', "\x00\xff", "[[package]]\n" * 3])
def test_a_lock_that_cannot_be_read_stops_nothing(tmp_path: Path, text: str) -> None:
    for name in ("uv.lock", "Pipfile.lock", "requirements.txt"):
        (tmp_path / name).write_bytes(text.encode("latin-1"))

    assert all(isinstance(lock.name, str) for lock in locks(tmp_path, {}))


def test_another_language_has_nothing_to_compare(checked: Checked) -> None:
    (line,) = checked("DEP201", "agent: {command: [/bin/sh, run.sh]}").checks

    assert (line.verdict, line.reason) == (Outcome.NOT_TESTED, "the agent is no program of Python or Node")


def test_this_repository_s_own_environment_is_as_its_lock_has_it(tmp_path: Path) -> None:
    from roadworthy.check.lock_differences import nearest_lock

    machine = Machine(loads(ROOT / "roadworthy.yaml", f"agent: {{command: [{sys.executable}]}}\n"))
    assert isinstance(machine.python, Python)

    held = nearest_lock(ROOT, machine.python)

    assert held is not None
    assert (held.lock.name, held.differences) == ("uv.lock", ())
    assert held.compared > 50


def test_a_folder_of_pythonpath_is_looked_through(checked: Checked, tmp_path: Path, environment: Path) -> None:
    (tmp_path / "layer").mkdir()
    install(tmp_path / "layer", openai="1.0")
    (tmp_path / "uv.lock").write_text(uv_lock(("openai", "2.7.1")))

    assert told(checked("DEP201", AGENT, {"PYTHONPATH": "layer"})) == ["openai 1.0 is installed, uv.lock has 2.7.1"]
