"""DEP201 and DEP202: what is installed against the lock, Python and this machine."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roadworthy.check.command_words import bare
from roadworthy.check.locks import locks
from roadworthy.check.machine import Machine
from roadworthy.check.markers import holds
from roadworthy.check.python import Absent, Python
from roadworthy.check.versions import fits, same
from roadworthy.check.wheels import Platform, _elf, platform_of
from roadworthy.findings import Outcome, Report, Severity
from roadworthy.manifest.loading import loads

Checked = Callable[..., Report]
ROOT = Path(__file__).parent.parent.parent
HERE = sys.version_info[:2]
TAG = f"cp{HERE[0]}{HERE[1]}"


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


def built(folder: Path, name: str, *tags: str, files: Iterable[str] = ()) -> None:
    """Leave what an installer leaves of a compiled package."""
    info = folder / f"{name}-1.0.dist-info"
    info.mkdir()
    (info / "WHEEL").write_text("Wheel-Version: 1.0\n" + "".join(f"Tag: {tag}\n" for tag in tags))
    (info / "RECORD").write_text("".join(f"{file},sha256=x,1\n" for file in files))


def uv_lock(*packages: tuple[str, str], needs: str = "", python: str = ">=3.11") -> str:
    rows = [f'version = 1\nrevision = 3\nrequires-python = "{python}"\n']
    for name, version in packages:
        rows.append(
            f'[[package]]\nname = "{name}"\nversion = "{version}"\n'
            f'source = {{ registry = "https://pypi.org/simple" }}\n'
            f"{needs if name == packages[0][0] else ''}"
            f'sdist = {{ url = "https://x/{name}-{version}.tar.gz", hash = "sha256:0", size = 1 }}\n'
        )
    return "\n".join(rows)


def pyproject(*dependencies: str, python: str = ">=3.11") -> str:
    head = f'[project]\nname = "a"\nversion = "0"\nrequires-python = "{python}"\n'
    return f"{head}dependencies = {json.dumps(dependencies)}\n"


AGENT = "agent: {command: [.venv/bin/python, main.py]}"


def told(report: Report) -> list[str]:
    return [finding.message for finding in report.findings]


# DEP201


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


@pytest.mark.parametrize(
    ("installed", "locked"),
    [("1.0rc1", "1.0"), ("1.0", "1.0.1"), ("1.0", "1.0.post1"), ("2.6.0", "2.6.0+cpu"), ("1.0", "2!1.0")],
)
def test_these_are_not_the_same(installed: str, locked: str) -> None:
    assert not same(installed, locked)


@given(st.lists(st.integers(0, 3000), min_size=1, max_size=5), st.integers(0, 3))
def test_zeros_at_the_end_say_nothing(release: list[int], zeros: int) -> None:
    assert same(".".join(map(str, release)), ".".join(map(str, [*release, *[0] * zeros])))


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


@pytest.fixture
def node_project(tmp_path: Path) -> Callable[..., None]:
    def make(packages: dict[str, dict[str, object]], installed: dict[str, str], dependencies: Iterable[str]) -> None:
        rows = {"": {"dependencies": dict.fromkeys(dependencies, "^1")}}
        rows |= {f"node_modules/{name}": row for name, row in packages.items()}
        (tmp_path / "package-lock.json").write_text(json.dumps({"lockfileVersion": 3, "packages": rows}))
        for name, version in installed.items():
            folder = tmp_path / "node_modules" / name
            folder.mkdir(parents=True)
            (folder / "package.json").write_text(json.dumps({"name": name, "version": version}))

    return make


NODE = "agent: {command: [node, server.js]}"


def test_packages_of_node_that_differ_are_told(checked: Checked, node_project: Callable[..., None]) -> None:
    packages = {"openai": {"version": "5.0.0"}, "express": {"version": "5.1.0"}, "@a/b": {"version": "1.0.0"}}
    node_project(packages, {"express": "4.0.0", "@a/b": "1.0.1"}, ["openai", "express"])

    report = checked("DEP201", NODE)

    assert told(report) == [
        "openai is not installed, package-lock.json has 5.0.0",
        "express 4.0.0 is installed, package-lock.json has 5.1.0",
        "@a/b 1.0.1 is installed, package-lock.json has 1.0.0",
    ]
    assert report.findings[0].commands == ("npm ci --omit=dev",)


def test_packages_of_node_for_development_or_another_platform_are_passed_over(
    checked: Checked, node_project: Callable[..., None]
) -> None:
    packages = {
        "express": {"version": "5.1.0"},
        "vitest": {"version": "3.0.0", "dev": True},
        "fsevents": {"version": "2.3.3", "optional": True, "os": ["darwin"]},
        "mine": {"resolved": "packages/mine", "link": True},
        "brought": {"version": "1.0.0"},
    }
    node_project(packages, {"express": "5.1.0", "vitest": "2.0.0"}, ["express"])

    report = checked("DEP201", NODE)

    assert report.findings == ()
    assert report.checks[0].reason == "1 packages as package-lock.json has them"


def test_a_package_that_npm_has_put_there_and_that_is_gone_is_told(
    checked: Checked, node_project: Callable[..., None], tmp_path: Path
) -> None:
    packages = {
        "express": {"version": "5.1.0"},
        "brought": {"version": "1.0.0"},
        "other-libc": {"version": "1.0.0", "libc": ["musl"]},
    }
    node_project(packages, {"express": "5.1.0"}, ["express"])
    (tmp_path / "node_modules" / ".package-lock.json").write_text("{}")

    assert told(checked("DEP201", NODE)) == ["brought is not installed, package-lock.json has 1.0.0"]


def test_a_lock_of_yarn_is_not_tested(checked: Checked, tmp_path: Path) -> None:
    (tmp_path / "yarn.lock").touch()

    (line,) = checked("DEP201", NODE).checks

    assert (line.verdict, line.fix) == (Outcome.NOT_TESTED, "yarn install --immutable")


# DEP202


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"pyproject.toml": pyproject(python=">=3.99")}, "and pyproject.toml asks for >=3.99"),
        ({"pyproject.toml": pyproject(python=">=3.8,<3.10")}, "and pyproject.toml asks for >=3.8,<3.10"),
        ({"uv.lock": uv_lock(("a", "1"), python=">=3.99")}, "and uv.lock asks for >=3.99"),
        (
            {"poetry.lock": '[metadata]\nlock-version = "2.1"\npython-versions = "^3.99"\ncontent-hash = "0"\n'},
            "and poetry.lock asks for ^3.99",
        ),
        ({"pyproject.toml": '[tool.poetry.dependencies]\npython = "~3.8"\n'}, "asks for ~3.8"),
        ({".python-version": "3.99.1\n"}, "and .python-version says 3.99.1"),
    ],
)
def test_a_python_that_does_not_fit_is_told(
    checked: Checked, tmp_path: Path, environment: Path, files: dict[str, str], message: str
) -> None:
    for name, text in files.items():
        (tmp_path / name).write_text(text)

    (finding,) = checked("DEP202", AGENT).findings

    assert message in finding.message


@pytest.mark.parametrize(
    "files",
    [
        {"pyproject.toml": pyproject(python=f"=={HERE[0]}.{HERE[1]}.*")},
        {"pyproject.toml": pyproject(python=">=3.8"), "uv.lock": uv_lock(("a", "1"), python=">=3.99")},
        {".python-version": f"{HERE[0]}.{HERE[1]}.99\n"},
        {".python-version": f"3.99\n{HERE[0]}.{HERE[1]}\n"},
        {".python-version": "my-environment\n"},
        {"pyproject.toml": pyproject(python="whatever")},
        {"pyproject.toml": "no = [toml"},
        {},
    ],
)
def test_a_python_that_fits_passes(checked: Checked, tmp_path: Path, environment: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (tmp_path / name).write_text(text)

    report = checked("DEP202", AGENT)

    assert report.findings == ()
    assert report.checks[0].verdict is Outcome.PASS


@pytest.mark.parametrize(
    ("version", "conditions", "expected"),
    [
        ((3, 11, 7), ">=3.11", True),
        ((3, 11, 7), ">3.11", True),
        ((3, 11), ">=3.11.4", True),
        ((3, 11), ">=3.12", False),
        ((3, 11, 7), "<=3.11", False),
        ((3, 11, 7), "==3.11", False),
        ((3, 11, 7), "==3.11.*", True),
        ((3, 11, 7), "!=3.11.7", False),
        ((3, 11, 7), "!=3.10.*,>=3.9", True),
        ((3, 11, 7), "~=3.10", True),
        ((3, 11, 7), "~=3.11.8", False),
        ((3, 11, 7), "^3.9", True),
        ((4, 0, 0), "^3.9", False),
        ((3, 11, 7), "~3.11", True),
        ((3, 12, 0), "~3.11", False),
        ((3, 11, 7), "<3.10 || >=3.11", True),
        ((3, 11, 7), "3.11", True),
        ((3, 11, 7), "*", True),
        ((3, 11, 7), "odd", None),
        ((3, 11, 7), "", None),
    ],
)
def test_conditions_on_python_are_understood(version: tuple[int, ...], conditions: str, expected: bool | None) -> None:
    assert fits(version, conditions) is expected


@pytest.mark.parametrize(
    ("tag", "message"),
    [
        ("cp38-cp38-manylinux_2_17_x86_64", "built for Python 3.8"),
        (f"{TAG}-{TAG}-musllinux_1_2_x86_64", "built for musl"),
        (f"{TAG}-{TAG}-manylinux_2_17_aarch64.manylinux2014_aarch64", "built for the processor aarch64"),
        (f"{TAG}-{TAG}-macosx_11_0_arm64", "built for macOS"),
        (f"{TAG}-{TAG}-win_amd64", "built for Windows"),
        (f"{TAG}-{TAG}-manylinux_2_99_x86_64", "built for glibc 2.99 or newer"),
        ("cp399-abi3-manylinux_2_17_x86_64", "built for Python 3.99"),
    ],
)
@pytest.mark.skipif(os.uname().machine != "x86_64" or not sys.platform.startswith("linux"), reason="tags of x86_64")
def test_a_package_built_for_elsewhere_is_told(checked: Checked, environment: Path, tag: str, message: str) -> None:
    built(environment, "cffi", tag)

    (finding,) = checked("DEP202", AGENT).findings

    assert finding.message.startswith(f"cffi is {message}; here is Python {HERE[0]}.{HERE[1]}")


@pytest.mark.parametrize(
    "tags",
    [
        (f"{TAG}-{TAG}-manylinux_2_17_x86_64", f"{TAG}-{TAG}-manylinux2014_x86_64"),
        ("cp38-abi3-manylinux1_x86_64",),
        ("py2.py3-none-any",),
        ("py3-none-manylinux_2_5_x86_64",),
        (f"{TAG}-{TAG}-linux_x86_64",),
        (f"{TAG}-{TAG}-musllinux_1_2_x86_64", f"{TAG}-{TAG}-manylinux_2_17_x86_64"),
        ("odd",),
        (),
    ],
)
@pytest.mark.skipif(os.uname().machine != "x86_64" or not sys.platform.startswith("linux"), reason="tags of x86_64")
def test_a_package_built_for_here_passes(checked: Checked, environment: Path, tags: tuple[str, ...]) -> None:
    built(environment, "cffi", *tags, files=[f"_cffi.cpython-{HERE[0]}{HERE[1]}-x86_64-linux-gnu.so"])

    assert checked("DEP202", AGENT).findings == ()


@pytest.mark.skipif(os.uname().machine != "x86_64" or not sys.platform.startswith("linux"), reason="tags of x86_64")
def test_a_package_compiled_with_musl_is_told_by_its_files(checked: Checked, environment: Path) -> None:
    name = f"_cffi.cpython-{HERE[0]}{HERE[1]}-x86_64-linux-musl.so"
    built(environment, "cffi", f"{TAG}-{TAG}-linux_x86_64", files=[name])

    assert "cffi is built for musl" in told(checked("DEP202", AGENT))[0]


@pytest.mark.skipif(os.uname().machine != "x86_64" or not sys.platform.startswith("linux"), reason="tags of x86_64")
def test_a_copied_environment_has_one_finding_for_each_cause(checked: Checked, environment: Path) -> None:
    for number in range(11):
        built(environment, f"package{number:02}", f"{TAG}-{TAG}-musllinux_1_2_x86_64")

    (finding,) = checked("DEP202", AGENT).findings

    assert "package06 and 4 more are built for musl" in finding.message


def test_a_script_whose_interpreter_is_elsewhere_is_told(checked: Checked, environment: Path, tmp_path: Path) -> None:
    script = tmp_path / ".venv" / "bin" / "uvicorn"
    script.write_text("#!/Users/me/agent/.venv/bin/python\nimport sys\n")
    script.chmod(0o755)

    report = checked("DEP202", "agent: {command: [.venv/bin/uvicorn, 'main:app']}")

    assert told(report) == ["uvicorn is to run on /Users/me/agent/.venv/bin/python, which is not here"]


def test_an_environment_of_another_python_is_told(checked: Checked, environment: Path, tmp_path: Path) -> None:
    config = tmp_path / ".venv" / "pyvenv.cfg"
    old = f"{HERE[0]}.{HERE[1]}"
    config.write_text(config.read_text().replace(f"version = {old}", "version = 3.8"))

    (finding,) = checked("DEP202", AGENT).findings

    assert f"was made for Python 3.8, and its python is {old}" in finding.message


def test_chroma_on_this_sqlite_is_as_sqlite_itself_says(checked: Checked, environment: Path) -> None:
    import sqlite3

    install(environment, chromadb="0.4.22")

    report = checked("DEP202", AGENT)

    assert bool(report.findings) is (sqlite3.sqlite_version_info < (3, 35, 0))


def test_an_old_sqlite_is_told_unless_another_takes_its_place(
    checked: Checked, environment: Path, tmp_path: Path
) -> None:
    install(environment, chromadb="1.0.20")
    python = tmp_path / ".venv" / "bin" / "python"
    real = python.resolve()
    python.unlink()
    python.write_text(f'#!/bin/sh\ncase "$*" in *sqlite_version*) echo 3.34.1;; *) exec {real} "$@";; esac\n')
    python.chmod(0o755)

    alone = told(checked("DEP202", AGENT))
    install(environment, pysqlite3_binary="0.5.4")

    assert alone == ["chromadb needs SQLite 3.35.0, this Python has 3.34.1"]
    assert told(checked("DEP202", AGENT)) == []


# Which Python


def python_of(folder: Path, command: str, environment: dict[str, str] | None = None) -> Python | Absent | None:
    manifest = loads(folder / "roadworthy.yaml", f"agent: {{command: {command}}}\n")
    return Machine(manifest, environment or {"PATH": f"{folder}/.venv/bin:/usr/bin:/bin"}).python


@pytest.mark.parametrize(
    "command",
    [
        "[python, main.py]",
        "[python3, main.py]",
        "[.venv/bin/python, main.py]",
        "[/usr/bin/env, A=1, python, main.py]",
        "[tini, -g, --, python, main.py]",
        "[uv, run, --frozen, --env-file, x, python, main.py]",
        "[uv, run, main.py]",
        "[poetry, run, python, main.py]",
        "[sh, -c, exec python main.py]",
        "[agent, --port, '80']",
        "[long, --port, '80']",
        "[by-env]",
    ],
)
def test_the_agent_s_python_is_found_from_its_command(tmp_path: Path, environment: Path, command: str) -> None:
    folder = tmp_path / ".venv" / "bin"
    scripts = {
        "agent": f"#!{folder}/python\n",
        "long": f"#!/bin/sh\n'''exec' \"{folder}/python\" \"$0\" \"$@\"\n' '''\n",
        "by-env": "#!/usr/bin/env python3\n",
    }
    for name, text in scripts.items():
        (folder / name).write_text(text)
        (folder / name).chmod(0o755)

    found = python_of(tmp_path, command)

    assert isinstance(found, Python)
    assert (found.prefix, found.version[:2], environment in found.site_packages) == (tmp_path / ".venv", HERE, True)


@pytest.mark.parametrize("command", ["[node, x.js]", "[/bin/sh, x.sh]", "[sh, -c, 'cd /app && python x.py']", "[gone]"])
def test_other_commands_have_no_python(tmp_path: Path, command: str) -> None:
    assert python_of(tmp_path, command) is None


def test_a_python_that_is_not_here_is_absent(tmp_path: Path) -> None:
    assert python_of(tmp_path, "[/app/.venv/bin/python, x.py]") == Absent("/app/.venv/bin/python")


def test_an_environment_whose_python_is_gone_is_absent(tmp_path: Path, environment: Path) -> None:
    python = tmp_path / ".venv" / "bin" / "python"
    python.unlink()
    python.symlink_to("/usr/local/bin/python3.99")

    assert python_of(tmp_path, "[.venv/bin/python, x.py]") == Absent(".venv/bin/python")


def test_a_wrapper_is_asked(tmp_path: Path, environment: Path) -> None:
    shims = tmp_path / "shims"
    shims.mkdir()
    (shims / "python").write_text(f'#!/bin/sh\nexec {tmp_path}/.venv/bin/python "$@"\n')
    (shims / "python").chmod(0o755)

    found = python_of(tmp_path, "[python, x.py]", {"PATH": f"{shims}:/usr/bin:/bin"})

    assert isinstance(found, Python)
    assert found.site_packages == (environment,)


def test_an_environment_may_see_the_system_s_packages(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "venv", "--without-pip", "--system-site-packages", tmp_path / ".venv"]
    subprocess.run(command, check=True)

    found = python_of(tmp_path, "[.venv/bin/python, x.py]")

    assert isinstance(found, Python)
    assert len(found.site_packages) > 1


def test_a_folder_of_pythonpath_is_looked_through(checked: Checked, tmp_path: Path, environment: Path) -> None:
    (tmp_path / "layer").mkdir()
    install(tmp_path / "layer", openai="1.0")
    (tmp_path / "uv.lock").write_text(uv_lock(("openai", "2.7.1")))

    assert told(checked("DEP201", AGENT, {"PYTHONPATH": "layer"})) == ["openai 1.0 is installed, uv.lock has 2.7.1"]


def test_an_entry_runs_on_the_python_that_checks_it(tmp_path: Path) -> None:
    machine = Machine(loads(tmp_path / "roadworthy.yaml", "agent: {entry: app.py:agent}\n"), {})

    assert isinstance(machine.python, Python)
    assert (machine.python.executable, machine.python.version) == (Path(sys.executable), sys.version_info[:3])


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (["python", "a.py"], ("python", "a.py")),
        (["env", "-i", "A=1", "python", "a.py"], ("python", "a.py")),
        (["nice", "-n", "10", "python", "a.py"], ("python", "a.py")),
        (["uv", "run", "--", "uvicorn", "a:b"], ("uvicorn", "a:b")),
        (["bash", "-lc", "exec uvicorn a:b --port 80"], ("uvicorn", "a:b", "--port", "80")),
        (["sh", "-c", "uvicorn a:b | tee log"], ()),
        (["sh", "-c", "'"], ()),
        (["sh", "run.sh"], ("sh", "run.sh")),
        ([], ()),
    ],
)
def test_what_stands_before_a_program_is_taken_off(command: list[str], words: tuple[str, ...]) -> None:
    assert bare(command).words == words


@pytest.mark.parametrize(
    ("marker", "expected"),
    [
        ("python_version >= '3.9'", True),
        ('python_version > "3.11"', False),
        ("python_version < '3.11' or sys_platform == 'linux'", True),
        ("(python_version < '3.11' or sys_platform == 'win32') and os_name == 'posix'", False),
        ("'linux' in sys_platform", True),
        ("sys_platform not in 'win32,darwin'", True),
        ("python_full_version >= '3.11.4'", True),
        ("platform_machine == 'aarch64'", False),
        ("'3.10' <= python_version", True),
        ("extra == 'dev'", False),
        ("python_version", None),
        ("odd == 'x'", None),
        ("python_version >= '3.9' and", None),
        ("(python_version >= '3.9'", None),
        ("platform_release >= '6'", None),
        ("~", None),
        ("", None),
    ],
)
def test_markers_are_understood_or_left_alone(marker: str, expected: bool | None) -> None:
    environment = {
        "python_version": "3.11",
        "python_full_version": "3.11.7",
        "sys_platform": "linux",
        "os_name": "posix",
        "platform_machine": "x86_64",
        "platform_release": "6.1",
        "extra": "",
    }

    assert holds(marker, environment) is expected


@given(st.text(alphabet="()'\"=<>! andoritpyhs_.3", max_size=40))
def test_no_marker_stops_a_check(marker: str) -> None:
    assert holds(marker, {"python_version": "3.11"}) in (True, False, None)


@given(st.binary(max_size=200).map(lambda rest: b"\x7fELF" + rest))
def test_no_program_s_header_stops_a_check(header: bytes) -> None:
    processor, loader = _elf(header)

    assert isinstance(loader, str)
    assert processor is None or isinstance(processor, str)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="ELF is Linux's")
def test_a_program_of_this_machine_tells_what_it_is_built_for() -> None:
    here = Python(Path(sys.executable), Path(sys.prefix), sys.version_info[:3], ())

    found = platform_of(here)

    assert found.processor == os.uname().machine
    assert found.libc == ("musl" if shutil.which("apk") else "glibc")
    assert platform_of(Python(Path(__file__), Path("/"), HERE, ())) == Platform()
