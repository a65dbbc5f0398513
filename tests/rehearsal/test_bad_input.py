"""What cannot be rehearsed: each time a clear message and exit status 2, never a traceback."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("enforcing_tier")]

SERVER = """
import http.server, json
class Agent(http.server.BaseHTTPRequestHandler):
    def log_message(self, *_): pass
    def do_GET(self): self.send_error(404)
    def do_POST(self):
        {answer}
http.server.ThreadingHTTPServer(("0.0.0.0", {port}), Agent).serve_forever()
"""
MANIFEST = "agent: {command: [python, main.py]}\nenv: {OPENAI_API_KEY: {secret: true}}\nbudgets: {ready: 2s}\n"
SEND = "self.send_response({status}); self.end_headers(); self.wfile.write({body})"


def rehearse(project: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    return subprocess.run(
        [
            sys.executable,
            "-m",
            "roadworthy",
            "rehearse",
            str(project),
            "--only",
            "PATH301",
            "--no-progress",
            *arguments,
        ],
        capture_output=True,
        text=True,
        timeout=100,
        env={**os.environ, "PATH": path},
    )


def agent(folder: Path, *, answer: str = "pass", port: int = 8080, manifest: str = MANIFEST) -> Path:
    (folder / "main.py").write_text(SERVER.format(answer=answer, port=port))
    (folder / "roadworthy.yaml").write_text(manifest)
    return folder


def refused(done: subprocess.CompletedProcess[str], *words: str) -> None:
    assert done.returncode == 2, done
    assert "Traceback" not in done.stderr.replace("    Traceback", ""), done.stderr  # the agent's own is indented
    for word in words:
        assert word in done.stderr, done.stderr


def test_no_manifest_shows_the_smallest_one(tmp_path: Path) -> None:
    refused(rehearse(tmp_path), "agent: {entry: app.py:agent}")


def test_a_mistake_in_the_manifest_names_its_place(tmp_path: Path) -> None:
    project = agent(tmp_path, manifest="agent: {comand: [python, main.py]}\n")
    refused(rehearse(project), "roadworthy.yaml:1:", 'did you mean "command"?')


def test_a_program_that_is_not_there_is_named(tmp_path: Path) -> None:
    project = agent(tmp_path, manifest="agent: {command: [no-such-program, main.py]}\n")
    refused(rehearse(project), "no-such-program")


def test_an_entry_whose_file_is_not_there_is_named(tmp_path: Path) -> None:
    project = agent(tmp_path, manifest="agent: {entry: app.py:agent}\n")
    refused(rehearse(project), "app.py", "agent.entry")


def test_an_agent_that_exits_at_once_shows_its_output(tmp_path: Path) -> None:
    project = agent(tmp_path)
    (project / "main.py").write_text("raise SystemExit('the moon is not in position')")
    refused(rehearse(project), "exits at once", "the moon is not in position")


def test_an_agent_on_another_port_is_told_which_it_opened(tmp_path: Path) -> None:
    manifest = MANIFEST.replace("agent: {", "agent: {port: 8070, ")
    done = rehearse(agent(tmp_path, port=8099, manifest=manifest), "--timeout", "90")
    refused(done, "never opens port 8070", "8099")


def test_an_agent_that_answers_404_is_told_what_it_said(tmp_path: Path) -> None:
    project = agent(tmp_path, answer=SEND.format(status=404, body="b'nothing here'"))
    refused(rehearse(project), "POST /agent -> 404", "nothing here", "agent.request.path")


def test_an_answer_that_is_not_json_is_shown(tmp_path: Path) -> None:
    project = agent(tmp_path, answer=SEND.format(status=200, body="b'plain words'"))
    refused(rehearse(project), "not JSON", "plain words")


def test_an_answer_elsewhere_is_told_where_it_was_looked_for(tmp_path: Path) -> None:
    project = agent(tmp_path, answer=SEND.format(status=200, body='b\'{"text": "hello"}\''))
    refused(rehearse(project), "$.output", '{"text": "hello"}')


def test_an_undeclared_host_comes_with_the_lines_to_add(tmp_path: Path) -> None:
    ask = (
        "import urllib.request\n        try: urllib.request.urlopen('https://api.tracking-example.com/v1')\n"
        "        except OSError: pass\n        "
    )
    project = agent(tmp_path, answer=ask + SEND.format(status=200, body='b\'{"output": "hello"}\''))
    refused(rehearse(project), "api.tracking-example.com", "services:", "--allow-host api.tracking-example.com")


def test_a_required_variable_without_a_value_is_named(tmp_path: Path) -> None:
    project = agent(tmp_path, manifest=MANIFEST.replace("env: {", "env: {CRM_TOKEN: {secret: true}, "))
    refused(rehearse(project), "CRM_TOKEN", "rehearse")


def test_a_port_in_use_is_named_where_there_is_no_sandbox(tmp_path: Path) -> None:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        manifest = MANIFEST.replace("agent: {", f"agent: {{port: {port}, ")
        done = rehearse(agent(tmp_path, port=port, manifest=manifest), "--stage", "process")
    refused(done, f"port {port} is in use")


def test_a_service_that_does_not_come_up_shows_its_output(tmp_path: Path) -> None:
    service = 'services: {crm: {url: "http://localhost:9399", start: [python, -c, "raise SystemExit(\'no disk\')"]}}\n'
    done = rehearse(agent(tmp_path, manifest=MANIFEST + service))
    refused(done, "services.crm.start", "no disk")


def test_a_project_that_is_one_file_is_told_how_to_go_on(tmp_path: Path) -> None:
    done = rehearse(tmp_path / "nothing-here")
    refused(done, "nothing-here")


@pytest.mark.parametrize("url", ["https://staging.internal", "${STAGING_URL}"])
def test_an_agent_that_runs_already_is_refused_with_what_to_give(tmp_path: Path, url: str) -> None:
    done = rehearse(agent(tmp_path, manifest=f'agent: {{url: "{url}"}}\n'))
    refused(done, f"agent.url: {url} runs already", "`command` or `entry`")


@pytest.mark.parametrize(
    ("answer", "stream", "problem"),
    [
        ("[self.wfile.write(b'x' * 65536) for _ in range(16384)]", "", "larger than 1 MiB"),
        ("[self.wfile.write(b'data: {}\\n\\n' * 5000) for _ in range(50000)]", "stream: {}, ", "larger than 1 MiB"),
        ("self.wfile.write(b'data: {}\\n\\n'); __import__('time').sleep(60)", "stream: {}, ", "no complete answer"),
        ("self.wfile.write(b'\\xff\\xfe{')", "", "not JSON"),
        ("print(chr(0xdc80).encode('utf-8', 'surrogateescape')); self.wfile.write(b'{}')", "", "$.output"),
    ],
    ids=["a gigabyte", "a stream without end", "a silent stream", "bytes", "bytes in its output"],
)
def test_an_answer_that_nobody_could_use_is_told(tmp_path: Path, answer: str, stream: str, problem: str) -> None:
    manifest = MANIFEST.replace("agent: {", "agent: {" + stream).replace("ready: 2s", "ready: 2s, answer: 2s")
    send = "self.send_response(200); self.end_headers(); " + answer
    refused(rehearse(agent(tmp_path, answer=send, manifest=manifest)), problem)
