"""COLD201: how long the agent's module takes to import."""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from roadworthy.check.import_time import Target, heaviest, target_of
from roadworthy.findings import Outcome, Report, Severity
from roadworthy.manifest.loading import loads

Checked = Callable[..., Report]
PYTHON = sys.executable
ENVIRONMENT = {"PATH": os.environ["PATH"]}
SLOW = "import time\ntime.sleep({seconds})\n"


def agent(command: str, budget: str = "10s") -> str:
    return f"agent: {{command: {command}}}\nbudgets: {{ready: {budget}}}"


def packages(folder: Path, **seconds: float) -> None:
    """Write packages that take so long to import, outside of the project."""
    folder.mkdir(exist_ok=True)
    for name, took in seconds.items():
        (folder / f"{name}.py").write_text(SLOW.format(seconds=took))


@pytest.mark.slow
def test_an_import_beyond_the_budget_is_told_with_what_is_heavy(
    checked: Checked, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    outside = tmp_path_factory.mktemp("outside")
    packages(outside, torchlike=0.3, pandaslike=0.2, openailike=0.1, light=0.0)
    (tmp_path / "own.py").write_text("import torchlike, light\n")
    (tmp_path / "main.py").write_text("import own, pandaslike, openailike\nif __name__ == '__main__':\n    1 / 0\n")

    report = checked("COLD201", agent(f"[{PYTHON}, main.py]", "200ms"), {**ENVIRONMENT, "PYTHONPATH": str(outside)})

    (finding,) = report.findings
    assert finding.message.startswith("the import of main.py takes ")
    assert finding.severity is Severity.ERROR
    words = (finding.why or "").replace(",", "").split()
    assert [word for word in words if word.endswith("like")] == ["torchlike", "pandaslike", "openailike"]


@pytest.mark.slow
def test_more_than_half_of_the_budget_is_a_warning(checked: Checked, tmp_path: Path) -> None:
    (tmp_path / "main.py").write_text(SLOW.format(seconds=3))

    report = checked("COLD201", agent(f"[{PYTHON}, main.py]", "5.9s"), ENVIRONMENT, patience=60)

    assert [finding.severity for finding in report.findings] == [Severity.WARNING]


@pytest.mark.slow
@pytest.mark.parametrize(
    "text",
    [
        "agent: {entry: 'main.py:agent'}",
        f"agent: {{command: [{PYTHON}, -u, -X, utf8, main.py]}}",
        f"agent: {{command: [{PYTHON}, -m, main]}}",
        f"agent: {{command: [{PYTHON}, -m, package]}}",
        f"agent: {{command: [{PYTHON}, -m, uvicorn, 'main:app', --port, '80']}}",
        "agent: {command: [uvicorn, --app-dir, src, 'inner:app']}",
    ],
)
def test_every_way_to_start_is_measured(checked: Checked, tmp_path: Path, text: str) -> None:
    guarded = "if __name__ == '__main__':\n    raise SystemExit('it started')\n"
    (tmp_path / "main.py").write_text(guarded)
    (tmp_path / "package").mkdir()
    (tmp_path / "package" / "__init__.py").touch()
    (tmp_path / "package" / "__main__.py").write_text(guarded)
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "inner.py").write_text("app = None\n")

    report = checked("COLD201", text, ENVIRONMENT, patience=60)

    assert report.findings == ()
    assert report.checks[0].verdict is Outcome.PASS, report.checks[0].reason
    assert not list(tmp_path.rglob("__pycache__"))


@pytest.mark.slow
def test_an_import_that_fails_is_told_without_a_secret(checked: Checked, tmp_path: Path) -> None:
    (tmp_path / "main.py").write_text("import os\nraise ValueError('bad key ' + os.environ['API_KEY'])\n")

    report = checked(
        "COLD201", f"{agent(f'[{PYTHON}, main.py]')}\nenv: {{API_KEY: {{secret: true}}}}",
        {**ENVIRONMENT, "API_KEY": "sk-0123456789"},
        patience=60,
    )  # fmt: skip

    assert [finding.message for finding in report.findings] == [
        "the import of main.py fails: ValueError: bad key [redacted]"
    ]


@pytest.mark.slow
def test_threads_exit_handlers_and_noise_prolong_nothing(checked: Checked, tmp_path: Path) -> None:
    (tmp_path / "main.py").write_text(
        "import atexit, sys, threading\n"
        "atexit.register(threading.Event().wait)\n"
        "threading.Thread(target=threading.Event().wait).start()\n"
        "print('x' * 1_000_000)\n"
        "print('y' * 1_000_000, file=sys.stderr)\n"
    )

    report = checked("COLD201", agent(f"[{PYTHON}, main.py]"), ENVIRONMENT, patience=60)

    assert report.checks[0].verdict is Outcome.PASS


@pytest.mark.slow
def test_a_file_that_serves_when_imported_is_ended_and_not_judged(checked: Checked, tmp_path: Path) -> None:
    (tmp_path / "main.py").write_text(
        "import pathlib, socket, threading\n"
        "server = socket.create_server(('127.0.0.1', 0))\n"
        "pathlib.Path('port').write_text(str(server.getsockname()[1]))\n"
        "server.accept()\n"
    )

    report = checked("COLD201", agent(f"[{PYTHON}, main.py]"), ENVIRONMENT, patience=60)

    port = int((tmp_path / "port").read_text())
    (line,) = report.checks
    assert line.verdict is Outcome.NOT_TESTED
    assert line.reason == f"main.py begins to listen on port {port} while it is imported"
    with socket.socket() as free:
        assert free.connect_ex(("127.0.0.1", port)) != 0


@pytest.mark.slow
def test_what_does_not_end_in_time_is_cut_off_with_its_children(checked: Checked, tmp_path: Path) -> None:
    (tmp_path / "main.py").write_text(
        "import pathlib, subprocess, time\n"
        "child = subprocess.Popen(['sleep', '600'], start_new_session=True)\n"
        "pathlib.Path('child').write_text(str(child.pid))\n"
        "time.sleep(600)\n"
    )

    report = checked("COLD201", agent(f"[{PYTHON}, main.py]", "60s"), ENVIRONMENT, patience=6)

    (line,) = report.checks
    assert line.verdict is Outcome.NOT_TESTED
    assert "was still being imported after" in (line.reason or "")
    assert not is_running(int((tmp_path / "child").read_text()))


@pytest.mark.slow
def test_beyond_the_budget_counts_though_it_was_cut_off(checked: Checked, tmp_path: Path) -> None:
    (tmp_path / "main.py").write_text(SLOW.format(seconds=600))

    report = checked("COLD201", agent(f"[{PYTHON}, main.py]", "1s"), ENVIRONMENT, patience=2)

    assert "takes more than" in report.findings[0].message


@pytest.mark.slow
def test_a_module_that_ends_the_process_is_not_judged(checked: Checked, tmp_path: Path) -> None:
    (tmp_path / "main.py").write_text(
        "import argparse\np = argparse.ArgumentParser()\np.add_argument('x')\np.parse_args()\n"
    )

    without = checked("COLD201", agent(f"[{PYTHON}, main.py]"), ENVIRONMENT, patience=60)
    with_it = checked("COLD201", agent(f"[{PYTHON}, main.py, x]"), ENVIRONMENT, patience=60)

    assert "ended while it was imported, with status 2" in (without.checks[0].reason or "")
    assert with_it.checks[0].verdict is Outcome.PASS


@pytest.mark.parametrize(
    ("command", "verdict", "reason"),
    [
        ("[node, x.js]", Outcome.NOT_TESTED, "the agent is no program of Python"),
        (f"[{PYTHON}, -c, pass]", Outcome.NOT_TESTED, "the agent's command does not say what it imports"),
        ("[/gone/python, x.py]", Outcome.NOT_TESTED, "/gone/python is not here: nothing can be imported"),
    ],
)
def test_what_cannot_be_imported_is_not_tested(checked: Checked, command: str, verdict: Outcome, reason: str) -> None:
    (line,) = checked("COLD201", agent(command), ENVIRONMENT).checks

    assert (line.verdict, line.reason) == (verdict, reason)


@pytest.mark.parametrize(
    ("command", "kind", "name"),
    [
        ("[python, src/main.py, --port, '80']", "file", "src/main.py"),
        ("[python, -W, ignore, main.py]", "file", "main.py"),
        ("[gunicorn, -k, uvicorn.workers.UvicornWorker, 'app.main:create()']", "module", "app.main"),
        ("[uv, run, uvicorn, 'app:app']", "module", "app"),
        ("[fastapi, run, app/main.py]", "file", "app/main.py"),
        ("[hypercorn, 'app:app']", "module", "app"),
    ],
)
def test_what_a_command_imports_is_known(tmp_path: Path, command: str, kind: str, name: str) -> None:
    manifest = loads(tmp_path / "roadworthy.yaml", f"agent: {{command: {command}}}\n")

    found = target_of(manifest.agent, tmp_path)

    assert found is not None
    assert (found.kind, found.name) == (kind, str(tmp_path / name) if kind == "file" else name)


def test_of_the_project_s_own_modules_what_they_import_counts(tmp_path: Path) -> None:
    (tmp_path / "app").mkdir()
    lines = [
        "import time:       100 |        100 |     numpy.core",
        "import time:       200 |        300 |   numpy",
        "import time:       500 |        500 |     json",
        "import time:        10 |        510 |   app.inner",
        "import time:       900 |       1710 | app",
        "a line of the agent's own",
        "import time:        50 |         50 | numpy.linalg",
    ]

    assert heaviest(lines, Target("module", "app", (tmp_path,)).folders) == (("json", 0.0005), ("numpy", 0.00035))


def is_running(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(") ")[2][0] not in "ZX"
    except OSError:
        return False
