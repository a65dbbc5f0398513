"""The production-like environment: each of its parts on both sides, each switched off, and all put back."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from tests.testing.project import Project

pytestmark = pytest.mark.slow

MANIFEST = """\
agent: {entry: agent.py:agent, port: 18931}
env:
  OPENAI_API_KEY: {secret: true, pattern: "sk-test-[a-z]{12}"}
  TOOL_TIMEOUT: {type: integer, rehearse: "7"}
  MAX_CONTEXT_SIZE: {type: integer, default: "4000"}
  LOG_LEVEL: {default: INFO}
  REGION: {required: false}
  TENANT: {}
resources: {memory: 96MiB}
binaries: {jq: "*"}
"""


def test_only_declared_variables_are_there_with_the_manifests_values(project: Project) -> None:
    project.write("roadworthy.yaml", MANIFEST)
    project.variables |= {"ONLY_ON_THE_LAPTOP": "1", "LOG_LEVEL": "DEBUG", "OPENAI_API_KEY": "sk-real", "TENANT": "t"}
    project.write(
        "test_it.py",
        """
        import os, re
        import pytest

        def test_it(production_like):
            assert "ONLY_ON_THE_LAPTOP" not in os.environ
            with pytest.raises(KeyError):
                os.environ["ONLY_ON_THE_LAPTOP"]
            assert os.environ["TOOL_TIMEOUT"] == "7"
            assert os.environ["MAX_CONTEXT_SIZE"] == "4000"
            assert os.environ["DEBUG"] == "false"
            assert os.environ["LOG_LEVEL"] == "INFO"
            assert os.environ["TENANT"] == "t"
            assert "REGION" not in os.environ
            assert re.fullmatch("sk-test-[a-z]{12}", os.environ["OPENAI_API_KEY"])

        @pytest.mark.production_like(variables=False)
        def test_switched_off(production_like):
            assert os.environ["ONLY_ON_THE_LAPTOP"] == "1" and os.environ["LOG_LEVEL"] == "DEBUG"
        """,
    )

    assert project.outcomes() == {"passed": 2}


def test_without_a_manifest_the_classic_limits_are_set_and_nothing_is_taken_away(project: Project) -> None:
    project.variables |= {"ONLY_ON_THE_LAPTOP": "1"}
    project.write(
        "test_it.py",
        """
        import os

        def test_it(production_like):
            limits = [os.environ[name] for name in ("TOOL_TIMEOUT", "MAX_CONTEXT_SIZE", "DEBUG")]
            assert limits == ["5", "1000", "false"]
            assert os.environ["ONLY_ON_THE_LAPTOP"] == "1"
        """,
    )

    assert project.outcomes() == {"passed": 1}


def test_the_working_directory_is_another_and_relative_paths_lead_nowhere(project: Project) -> None:
    project.write("prompt.txt", "You help.")
    project.write(
        "test_it.py",
        """
        from pathlib import Path
        import pytest

        def test_it(production_like):
            assert Path.cwd() == production_like.folder.resolve() != Path(__file__).parent
            assert not Path("prompt.txt").exists()
            Path("made-here").touch()

        @pytest.mark.production_like(folder=False)
        def test_switched_off(production_like):
            assert Path("prompt.txt").exists()
        """,
    )

    assert project.outcomes() == {"passed": 2}
    assert not (project.folder / "made-here").exists()


def test_path_has_what_a_slim_image_has_and_what_is_declared(project: Project, tmp_path: Path) -> None:
    folder = tmp_path / "programs"
    for name in ("jq", "undeclared-tool"):
        program = project.write(f"programs/{name}", "#!/bin/sh\necho $0 ran\n")
        program.chmod(0o755)
    project.variables["PATH"] = f"{folder}:{os.environ['PATH']}"
    project.write("roadworthy.yaml", MANIFEST)
    project.variables |= {"TENANT": "t"}
    project.write(
        "test_it.py",
        """
        import shutil, subprocess, sys
        import pytest

        def test_it(production_like):
            assert "jq ran" in subprocess.run(["jq"], capture_output=True, text=True).stdout
            assert subprocess.run(["ls", "/"], capture_output=True).returncode == 0
            asked = ["python", "-c", "import sys, pytest; print(sys.prefix)"]
            assert subprocess.run(asked, capture_output=True, text=True).stdout.strip() == sys.prefix
            for absent in ("undeclared-tool", "rg", "git", "curl"):
                assert shutil.which(absent) is None
                with pytest.raises(FileNotFoundError):
                    subprocess.run([absent])

        @pytest.mark.production_like(path=False)
        def test_switched_off(production_like):
            assert shutil.which("undeclared-tool")
        """,
    )

    assert project.outcomes() == {"passed": 2}


def test_loopback_is_closed_but_to_declared_services_and_the_tests_own_parts(project: Project) -> None:
    project.write(
        "roadworthy.yaml",
        """\
        agent: {entry: agent.py:agent}
        env: {CACHE_URL: {}}
        services: {cache: {url: "${CACHE_URL}"}}
        """,
    )
    project.write(
        "conftest.py",
        """
        import os, socket
        import pytest

        @pytest.fixture
        def declared():
            with socket.create_server(("127.0.0.1", 0)) as server:
                os.environ["CACHE_URL"] = f"redis://localhost:{server.getsockname()[1]}/0"
                yield server.getsockname()[1]
                del os.environ["CACHE_URL"]

        @pytest.fixture
        def undeclared():
            with socket.create_server(("127.0.0.1", 0)) as server:
                yield server.getsockname()[1]
        """,
    )
    project.write(
        "test_it.py",
        """
        import asyncio, socket, urllib.request
        import pytest

        def test_sync(declared, undeclared, production_like, simulated_model):
            for port in (declared, simulated_model.port):
                socket.create_connection(("localhost", port), 5).close()
            for host in ("127.0.0.1", "localhost", "127.0.0.2"):
                with pytest.raises(ConnectionRefusedError):
                    socket.create_connection((host, undeclared), 5)
            with socket.socket() as probe:
                assert probe.connect_ex(("127.0.0.1", undeclared)) == 111
            with pytest.raises(OSError, match="refused"):
                urllib.request.urlopen(f"http://localhost:{undeclared}")
            assert f"127.0.0.1:{undeclared}" in production_like.refused
            production_like.allows(undeclared)
            socket.create_connection(("127.0.0.1", undeclared), 5).close()

        async def test_async(declared, undeclared, production_like):
            _, writer = await asyncio.open_connection("localhost", declared)
            writer.close()
            with pytest.raises(ConnectionRefusedError):
                await asyncio.open_connection("localhost", undeclared)

        @pytest.mark.production_like(loopback=False)
        def test_switched_off(declared, undeclared, production_like):
            socket.create_connection(("127.0.0.1", undeclared), 5).close()

        def test_afterwards(undeclared):
            socket.create_connection(("127.0.0.1", undeclared), 5).close()
            assert "connect" not in vars(socket.socket)

        def test_a_failure_says_what_was_refused(declared, undeclared, production_like):
            socket.create_connection(("127.0.0.1", undeclared), 5)
        """,
    )

    ran = project.run()

    assert ran.outcomes == {"passed": 4, "failed": 1}, ran.text
    assert "was refused: in production nothing listens there" in ran.text
    assert "declare it under `services`" in ran.text


def test_child_processes_that_need_too_much_memory_are_killed(project: Project) -> None:
    project.write("roadworthy.yaml", "agent: {entry: agent.py:agent}\nresources: {memory: 96MiB}\n")
    project.write(
        "test_it.py",
        """
        import subprocess, sys, time
        import pytest

        HUNGRY = "import sys; kept = bytearray(b'x') * (400 << 20); sys.stdin.read()"
        MODEST = "kept = bytearray(b'x') * (8 << 20)"

        def run(code, seconds=20):
            with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE) as process:
                try:
                    return process.wait(seconds)
                except subprocess.TimeoutExpired:
                    return "still there"
                finally:
                    process.kill()

        def test_it(production_like):
            assert production_like.memory == 96 << 20
            assert run(MODEST) == 0 and production_like.killed == []
            assert run(HUNGRY) == -9
            assert production_like.killed[0] > 96 << 20

        @pytest.mark.production_like(memory="2GiB")
        def test_more(production_like):
            assert run(HUNGRY.replace("sys.stdin.read()", "0")) == 0

        @pytest.mark.production_like(memory=False)
        def test_switched_off(production_like):
            assert production_like.memory is None and run(HUNGRY.replace("sys.stdin.read()", "0")) == 0
        """,
    )

    assert project.outcomes() == {"passed": 3}


def test_all_is_put_back_also_after_a_failure(project: Project) -> None:
    project.write(
        "test_it.py",
        """
        import os, threading
        from pathlib import Path

        BEFORE, WHERE = dict(os.environ), Path.cwd()

        def same():
            now = {k: v for k, v in os.environ.items() if not k.startswith("PYTEST_")}
            return now == {k: v for k, v in BEFORE.items() if not k.startswith("PYTEST_")}

        def test_fails(production_like, simulated_model, monkeypatch):
            monkeypatch.setenv("OF_THE_TEST", "1")
            os.environ["LEFT_BEHIND"] = "1"
            test_fails.folder = production_like.folder
            assert False

        def test_afterwards():
            assert same() and Path.cwd() == WHERE and not test_fails.folder.exists()
            assert threading.enumerate() == [threading.main_thread()]
        """,
    )

    assert project.outcomes() == {"failed": 1, "passed": 1}


def test_a_required_variable_without_a_value_is_named_without_a_traceback(project: Project) -> None:
    project.write("roadworthy.yaml", MANIFEST)
    project.write("test_it.py", "def test_it(production_like): pass")

    ran = project.run()

    assert ran.outcomes == {"error": 1}
    assert "TENANT: required by the manifest, with no value here" in ran.text
    assert "plugin.py" not in ran.text
    assert "During handling" not in ran.text


@pytest.mark.parametrize("arguments", [(), ("-n1",)])
def test_a_mistake_in_the_manifest_is_told_without_a_traceback(project: Project, arguments: tuple[str, ...]) -> None:
    project.write("roadworthy.yaml", "agent: {entry: agent.py:agent}\nenviroment: {}\n")
    project.write("test_it.py", "def test_it(production_like): pass")

    ran = project.run(*arguments)

    assert ran.status != 0
    assert 'unknown key "enviroment"' in ran.text
    assert "Traceback" not in ran.text
    assert "INTERNALERROR" not in ran.text


def test_a_part_that_does_not_exist_is_told_when_tests_are_collected(project: Project) -> None:
    project.write(
        "test_it.py",
        """
        import pytest

        @pytest.mark.production_like(memroy=False)
        def test_it(production_like): pass
        """,
    )

    ran = project.run()

    assert ran.status == pytest.ExitCode.USAGE_ERROR
    assert "there is no part 'memroy'" in ran.text


def test_a_program_is_missing_and_only_that_one(project: Project) -> None:
    if shutil.which("ls") is None:
        pytest.skip("there is no ls here")
    project.write(
        "test_it.py",
        """
        import shutil, subprocess, sys
        import pytest
        from roadworthy.errors import UsageError

        @pytest.mark.parametrize("alone", [True, False])
        def test_it(missing_binary, alone, request):
            if not alone:
                request.getfixturevalue("production_like")
            assert shutil.which("ls")
            missing_binary("ls")
            assert shutil.which("ls") is None and shutil.which("cat")
            with pytest.raises(FileNotFoundError):
                subprocess.run(["ls"])
            own = subprocess.run(["python", "-c", "import sys; print(sys.prefix)"], capture_output=True, text=True)
            assert own.stdout.strip() == sys.prefix

        def test_afterwards():
            assert shutil.which("ls")

        def test_a_name_that_is_nowhere_would_show_nothing(missing_binary):
            with pytest.raises(UsageError, match="no such program on PATH"):
                missing_binary("lss")

        def test_of_a_virtual_environment_the_python_stays_what_it_is(missing_binary):
            missing_binary("pytest")
            own = subprocess.run(["python", "-c", "import sys; print(sys.prefix)"], capture_output=True, text=True)
            assert own.stdout.strip() == sys.prefix and shutil.which("pytest") is None
        """,
    )

    assert project.outcomes() == {"passed": 5}
