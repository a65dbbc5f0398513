"""MCP201 and MCP202: tool servers start here and list their tools, or can be reached."""

from __future__ import annotations

import json
import os
import socket
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from roadworthy.check.machine import Machine
from roadworthy.check.run import Asked, check
from roadworthy.check.tool_servers import servers
from roadworthy.findings import Outcome, Report, Severity
from roadworthy.manifest.loading import loads

Checked = Callable[..., Report]
ENVIRONMENT = {"PATH": os.environ["PATH"]}
SERVER = """\
import json, os, sys

def say(**message):
    print(json.dumps({"jsonrpc": "2.0", **message}), flush=True)

TOOLS = [{"name": f"tool{n}", "inputSchema": {"type": "object"}} for n in range(3)]
def answer(message):
    if message["method"] == "initialize":
        about = {"name": "s", "version": "1"}
        return {"protocolVersion": "2025-06-18", "capabilities": {"tools": {}}, "serverInfo": about}
    return {"tools": TOOLS}

def serve():
    for line in sys.stdin:
        message = json.loads(line)
        if "id" in message and "method" in message:
            say(id=message["id"], result=answer(message))

"""


IN_PAGES = """
def answer(m, old=answer):
    if m["method"] != "tools/list" or m["params"].get("cursor") == "x":
        return old(m)
    return {"tools": TOOLS[:1], "nextCursor": "x"}

serve()
"""


@pytest.fixture
def configured(tmp_path: Path) -> Callable[..., None]:
    """Write a server of `SERVER` and this text, and its configuration."""

    def write(text: str = "serve()\n", name: str = "search", file: str = "mcp.json", **row: object) -> None:
        (tmp_path / f"{name}.py").write_text(SERVER + text)
        path = tmp_path / file
        rows = json.loads(path.read_text())["mcpServers"] if path.exists() else {}
        rows[name] = {"command": sys.executable, "args": [f"{name}.py"], **row}
        path.write_text(json.dumps({"mcpServers": rows}))

    return write


def told(report: Report) -> list[str]:
    return [finding.message for finding in report.findings]


@pytest.mark.slow
@pytest.mark.parametrize("file", ["mcp.json", ".mcp.json", "claude_desktop_config.json"])
def test_a_server_that_lists_its_tools_passes(checked: Checked, configured: Callable[..., None], file: str) -> None:
    configured(file=file)

    report = checked("MCP201", "", ENVIRONMENT, patience=30)

    assert report.findings == ()
    assert (report.checks[0].verdict, report.checks[0].reason) == (Outcome.PASS, "search has 3 tools")


@pytest.mark.slow
@pytest.mark.parametrize(
    "text",
    [
        "print('starting', file=sys.stderr)\nserve()\n",
        "print('x' * 1_000_000, file=sys.stderr)\nserve()\n",
        "print()\nserve()\n",
        "say(method='notifications/message', params={})\nsay(id=9, method='roots/list')\nserve()\n",
        "TOOLS[0]['description'] = 'é' * 500_000\nserve()\n",
        IN_PAGES,
    ],
)
def test_what_a_server_may_do_besides_passes(checked: Checked, configured: Callable[..., None], text: str) -> None:
    configured(text)

    assert checked("MCP201", "", ENVIRONMENT, patience=30).checks[0].verdict is Outcome.PASS


@pytest.mark.slow
@pytest.mark.parametrize(
    ("text", "row", "message"),
    [
        ("", {"command": "no-such-program"}, "search starts no-such-program, which is not here"),
        ("", {"command": "./absent.sh"}, "search starts ./absent.sh, which is not here"),
        ("", {"command": "./search.py"}, "search cannot be started: Permission denied"),
        ("sys.exit('no database')\n", {}, "search ended before it listed its tools: no database"),
        ("raise KeyError('DB')\n", {}, "KeyError: 'DB'"),
        ("TOOLS.clear()\nserve()\n", {}, "search starts and lists no tools"),
        ("answer = lambda m: 1 / 0\nserve()\n", {}, "ZeroDivisionError"),
        (
            "for line in sys.stdin:\n    say(id=json.loads(line)['id'], error={'code': -1, 'message': 'no licence'})\n",
            {},
            "search answers with an error: initialize: no licence",
        ),
    ],
)
def test_a_server_that_does_not_start_is_told_with_its_last_words(
    checked: Checked, configured: Callable[..., None], text: str, row: dict[str, object], message: str
) -> None:
    configured(text, **row)

    (finding,) = checked("MCP201", "", ENVIRONMENT, patience=30).findings

    assert message in finding.message
    assert (finding.path, finding.severity) == ("mcp.json", Severity.ERROR)


@pytest.mark.slow
def test_what_a_server_says_holds_no_secret(checked: Checked, configured: Callable[..., None]) -> None:
    configured(
        "sys.exit(f\"bad {os.environ['DSN']} {os.environ['FILLED']} {sys.argv[2]}\")\n",
        args=["search.py", "--api-key", "argument-0123"],
        env={"DSN": "postgres://u:p4ssw0rd@db/x", "FILLED": "${API_TOKEN}"},
    )

    report = checked("MCP201", "", {**ENVIRONMENT, "API_TOKEN": "token-0123456789"}, patience=30)

    assert told(report) == ["search ended before it listed its tools: bad [redacted] [redacted] [redacted]"]


@pytest.mark.slow
def test_junk_on_standard_output_is_a_warning(checked: Checked, configured: Callable[..., None]) -> None:
    configured("print('Server is running', flush=True)\nserve()\n")

    (finding,) = checked("MCP201", "", ENVIRONMENT, patience=30).findings

    assert finding.message == "search writes what is no message on its standard output: 'Server is running'"
    assert finding.severity is Severity.WARNING


@pytest.mark.slow
def test_a_server_that_hangs_is_ended_with_all_its_children(
    checked: Checked, configured: Callable[..., None], tmp_path: Path
) -> None:
    configured(
        "import pathlib, signal, subprocess, time\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "near = subprocess.Popen(['sleep', '600'])\n"
        "far = subprocess.Popen(['sleep', '600'], start_new_session=True)\n"
        "pathlib.Path('children').write_text(f'{os.getpid()} {near.pid} {far.pid}')\n"
        "time.sleep(600)\n"
    )

    (finding,) = checked("MCP201", "", ENVIRONMENT, patience=6).findings

    assert finding.message.startswith("search did not answer `initialize` within ")
    processes = list(map(int, (tmp_path / "children").read_text().split()))
    assert [process for process in processes if is_running(process)] == []


@pytest.mark.slow
def test_one_that_hangs_does_not_hide_one_that_ends_and_one_that_works(
    checked: Checked, configured: Callable[..., None]
) -> None:
    configured("import time\ntime.sleep(600)\n", name="hangs")
    configured("sys.exit('gone')\n", name="ends")
    configured(name="works")

    messages = told(checked("MCP201", "", ENVIRONMENT, patience=8))

    assert len(messages) == 2
    assert any(message.startswith("hangs did not answer") for message in messages)
    assert "ends ended before it listed its tools: gone" in messages


@pytest.mark.slow
def test_a_server_whose_variables_are_not_passed_on_is_told(checked: Checked, configured: Callable[..., None]) -> None:
    configured("os.environ['SEARCH_INDEX']\nserve()\n")

    (finding,) = checked("MCP201", "", {**ENVIRONMENT, "SEARCH_INDEX": "products"}, patience=30).findings

    assert finding.message.startswith("search starts only with the agent's whole environment: ")
    assert "KeyError: 'SEARCH_INDEX'" in finding.message
    assert finding.severity is Severity.WARNING


@pytest.mark.slow
@pytest.mark.parametrize("reference", ["${SEARCH_INDEX}", "${env:SEARCH_INDEX}", "${ABSENT:-products}"])
def test_references_are_filled_in(checked: Checked, configured: Callable[..., None], reference: str) -> None:
    configured("assert os.environ['INDEX'] == 'products'\nserve()\n", env={"INDEX": reference})

    report = checked("MCP201", "", {**ENVIRONMENT, "SEARCH_INDEX": "products"}, patience=30)

    assert report.checks[0].verdict is Outcome.PASS


def test_a_reference_to_what_is_not_set_is_told(checked: Checked, configured: Callable[..., None]) -> None:
    configured(env={"KEY": "${SEARCH_KEY}"})

    assert told(checked("MCP201", "", ENVIRONMENT)) == ["search is configured with SEARCH_KEY, which is not set"]


def test_a_value_that_a_person_gives_is_not_tested(checked: Checked, configured: Callable[..., None]) -> None:
    configured(env={"KEY": "${input:key}"})

    (line,) = checked("MCP201", "", ENVIRONMENT).checks

    assert (line.verdict, line.reason) == (Outcome.NOT_TESTED, "search asks a person for a value")


def test_a_configuration_that_is_no_json_is_told(checked: Checked, tmp_path: Path) -> None:
    (tmp_path / "mcp.json").write_text('{"mcpServers": {,}}')

    (finding,) = checked("MCP201", "", ENVIRONMENT).findings

    assert finding.message.startswith("mcp.json is not valid JSON: ")


@pytest.mark.parametrize(
    "text", [None, "{}", "[]", '{"mcpServers": {}}', '{"mcpServers": {"a": {"command": "x", "disabled": true}}}']
)
def test_without_a_server_there_is_nothing_to_start(checked: Checked, tmp_path: Path, text: str | None) -> None:
    if text is not None:
        (tmp_path / "mcp.json").write_text(text)

    (line,) = checked("MCP201", "", ENVIRONMENT).checks

    assert line.verdict is Outcome.NOT_TESTED
    assert (line.reason or "").startswith("no tool server is configured")


@pytest.mark.parametrize(
    "table",
    [
        {"servers": {"a": {"type": "stdio", "command": "x"}}},
        {"mcp": {"servers": {"a": {"command": "x", "args": []}}}},
        {"mcp_servers": {"a": {"command": ["x"], "env": {}}}},
        {"mcpServers": {"a": {"command": "x"}, "b": {"command": "y", "enabled": False}, "c": "odd"}},
    ],
)
def test_every_form_of_configuration_is_read(tmp_path: Path, table: dict[str, object]) -> None:
    (tmp_path / "mcp.json").write_text(json.dumps(table))

    assert [(each.name, each.command) for each in servers(tmp_path, {})] == [("a", ("x",))]


def test_nothing_is_started_unless_it_is_asked_for(configured: Callable[..., None], tmp_path: Path) -> None:
    configured("open('started', 'w')\nserve()\n")
    machine = Machine(loads(tmp_path / "roadworthy.yaml", "agent: {command: [x]}\n"), ENVIRONMENT)

    report = check(machine, Asked(only=("MCP",)))

    assert report.checks[0].reason == "it would run code of the project"
    assert not (tmp_path / "started").exists()


def elsewhere(folder: Path, url: str) -> None:
    (folder / "mcp.json").write_text(json.dumps({"mcpServers": {"far": {"type": "http", "url": url}}}))


def test_a_server_elsewhere_that_accepts_passes(checked: Checked, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        elsewhere(tmp_path, f"http://127.0.0.1:{server.getsockname()[1]}/mcp")
        report = checked("MCP202", "", ENVIRONMENT)

    assert (report.findings, report.checks[0].reason) == ((), "far accepts")


def test_a_server_elsewhere_that_does_not_is_told(checked: Checked, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    elsewhere(tmp_path, f"http://127.0.0.1:{port}/mcp?token=0123456789")

    (finding,) = checked("MCP202", "", ENVIRONMENT).findings

    assert finding.message == f"far at 127.0.0.1:{port} cannot be reached: Connection refused"


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("https://no-such-host.invalid/mcp", "far at no-such-host.invalid:443 has a name that does not resolve"),
        ("${MCP_URL}", "the url of far has no host (MCP_URL is not set)"),
        ("http://[odd", "the url of far has no host"),
    ],
)
def test_an_address_that_leads_nowhere_is_told(checked: Checked, tmp_path: Path, url: str, message: str) -> None:
    elsewhere(tmp_path, url)

    assert told(checked("MCP202", "", ENVIRONMENT)) == [message]


def test_without_a_server_elsewhere_there_is_nothing_to_reach(
    checked: Checked, configured: Callable[..., None]
) -> None:
    configured()

    (line,) = checked("MCP202", "", ENVIRONMENT).checks

    assert (line.verdict, line.reason) == (Outcome.NOT_TESTED, "no tool server elsewhere is configured")


def is_running(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(") ")[2][0] not in "ZX"
    except OSError:
        return False
