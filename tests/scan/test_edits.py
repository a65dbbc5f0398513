"""Mends as edits: what they write, where they put it, and where none is given."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.scan.mending import mended

HANDLER = "from fastapi import FastAPI\napp = FastAPI()\n\n\n@app.post('/agent')\ndef answer(url, name, n):\n"
"""What makes the lines below it run in a request."""


def in_request(folder: Path, code: str, line: str) -> str:
    """One line of a handler, mended."""
    imports = "import subprocess\nimport requests\nimport httpx\nimport urllib.request\n"
    after = mended(folder, code, f"{imports}{HANDLER}    {line}\n    return n\n")
    return after.split(HANDLER)[1].removeprefix("    ").removesuffix("\n    return n\n")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("requests.get(url)", "requests.get(url, timeout=10)"),
        ("requests.get(url).json()", "requests.get(url, timeout=10).json()"),
        ("requests.get((url))", "requests.get((url), timeout=10)"),
        ("requests.get(url,)", "requests.get(url, timeout=10,)"),
        ("requests.get(*[url])", "requests.get(*[url], timeout=10)"),
        ("requests.get(\n        url\n    )", "requests.get(\n        url, timeout=10\n    )"),
        ("requests.get(\n        url,\n    )", "requests.get(\n        url,\n        timeout=10,\n    )"),
        ("requests.get(\n\turl, # why\n    )", "requests.get(\n\turl, # why\n\ttimeout=10,\n    )"),
        ("requests.get(url # ), (\n    )", "requests.get(url, timeout=10 # ), (\n    )"),
        ("n = '☃' + requests.get(f'{url}/☃').text", "n = '☃' + requests.get(f'{url}/☃', timeout=10).text"),
        ("n = (requests\n         .get(url))", "n = (requests\n         .get(url, timeout=10))"),
        ("requests.get(url, headers={'a': 'b)'})", "requests.get(url, headers={'a': 'b)'}, timeout=10)"),
        ("requests.post('https://db.internal/rows')", "requests.post('https://db.internal/rows', timeout=30)"),
        ("urllib.request.urlopen('https://a.test')", "urllib.request.urlopen('https://a.test', timeout=10)"),
        ("subprocess.run(['rg', name])", "subprocess.run(['rg', name], timeout=30)"),
        ("subprocess.run('ls -la', shell=True)", "subprocess.run('ls -la', shell=True, timeout=30)"),
    ],
)
def test_a_time_out_is_put_behind_the_other_arguments(tmp_path: Path, before: str, after: str) -> None:
    assert in_request(tmp_path, "TIME101", before) == after


@pytest.mark.parametrize(
    "line",
    [
        "requests.get(url, timeout=None)",  # somebody wrote that
        "requests.get(url, stream=True)",
        "requests.get(url, params={'timeout': 50})",  # asks the other side to wait
        "requests.post('https://db.internal/rows', files=n)",
        "requests.post('https://db.internal/rows', json={'prompt': n})",
        "requests.post(url)",  # whatever that is
        "requests.post(f'{url}/rows')",
        "requests.post('https://api.openai.com/v1/chat/completions')",
        "requests.post('http://localhost:11434/api/generate')",
        "subprocess.run(['docker', 'build', '.'])",
        "subprocess.run([name])",
        "subprocess.run('ls | sh build.sh', shell=True)",
        "n = f'{requests.get(url).text}'",
        "httpx.get(url, timeout=None)",
    ],
)
def test_no_time_out_is_given_where_the_right_one_is_not_known(tmp_path: Path, line: str) -> None:
    assert in_request(tmp_path, "TIME101", line) == line


MANIFEST = "agent: {entry: app/agent.py:app}\n"


@pytest.mark.parametrize(
    ("timeouts", "source", "after"),
    [
        ("{model: 20s}", "from openai import OpenAI\nc = OpenAI()\n", "OpenAI(timeout=20)"),
        ("{request: 30s}", "from openai import OpenAI\nc = OpenAI()\n", "OpenAI(timeout=20)"),
        (
            "{model: 20s}",
            "from langchain_openai import ChatOpenAI\nllm = ChatOpenAI(model=name)\n",
            "ChatOpenAI(model=name, timeout=20)",
        ),
        (
            "{model: 20s}",
            "import litellm\n\n\ndef f(m):\n    return litellm.completion(model=name, messages=m)\n",
            "litellm.completion(model=name, messages=m, timeout=20)",
        ),
        ("{model: 1500ms}", "import anthropic\nc = anthropic.Anthropic(api_key=k)\n", "(api_key=k, timeout=1.5)"),
        (
            "{model: 20s}",
            "from google import genai\n\nc = genai.Client()\n",
            "c = genai.Client(http_options=genai.types.HttpOptions(timeout=20000))\n",
        ),
        (
            "{model: 20s}",
            "from google import genai\nfrom google.genai import types as t\n\nc = genai.Client()\n",
            "c = genai.Client(http_options=t.HttpOptions(timeout=20000))\n",
        ),
    ],
)
def test_a_model_gets_the_time_that_the_manifest_gives_it(
    tmp_path: Path, timeouts: str, source: str, after: str
) -> None:
    (tmp_path / "roadworthy.yaml").write_text(f"{MANIFEST}timeouts: {timeouts}\n")

    assert after in mended(tmp_path, "TIME101", source)


@pytest.mark.parametrize("manifest", [None, MANIFEST])
def test_without_a_manifest_that_says_it_a_models_time_is_left_to_people(tmp_path: Path, manifest: str | None) -> None:
    if manifest:
        (tmp_path / "roadworthy.yaml").write_text(manifest)
    source = "from openai import OpenAI\nc = OpenAI()\n"

    assert mended(tmp_path, "TIME101", source) == source


def test_an_alias_is_pinned_to_the_only_version_that_it_has(tmp_path: Path) -> None:
    source = "import openai\n\nc = openai.OpenAI()\nc.responses.create(model='gpt-5.4', input='')\n"

    assert mended(tmp_path, "MODEL101", source) == source.replace("gpt-5.4", "gpt-5.4-2026-03-05")


@pytest.mark.parametrize(
    "source",
    [
        "import openai\n\nc = openai.OpenAI()\nc.responses.create(model='gpt-9', input='')\n",
        "import openai\n\nc = openai.OpenAI(base_url=u)\nc.responses.create(model='gpt-5.4', input='')\n",
        "import proxy\n\nproxy.create(model='gpt-5.4', input='')\n",
        "import openai\n\nc = openai.OpenAI()\nc.responses.create(model='gpt-' '5.4', input='')\n",
    ],
)
def test_an_alias_is_left_where_another_name_may_be_another_model(tmp_path: Path, source: str) -> None:
    assert mended(tmp_path, "MODEL101", source) == source


TOOL = "from mcp.server.fastmcp import FastMCP\n\nmcp = FastMCP('a')\n\n\n@mcp.tool()\ndef search(query):\n    {}\n\n\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [("print(query)", "print(query, file=sys.stderr)"), ("print()", "print(file=sys.stderr)")],
)
def test_what_a_tool_prints_goes_to_standard_error(tmp_path: Path, before: str, after: str) -> None:
    source = TOOL + "mcp.run()\n"

    assert mended(tmp_path, "MCP101", source.replace("{}", before)) == "import sys\n\n" + source.replace("{}", after)


def test_a_log_goes_to_standard_error(tmp_path: Path) -> None:
    log = "import logging\nimport sys\n\nlogging.basicConfig(level=20, stream=sys.stdout)\n"
    source = log + TOOL.replace("{}", "return query") + "mcp.run()\n"

    assert mended(tmp_path, "MCP101", source) == source.replace("stream=sys.stdout", "stream=sys.stderr")


@pytest.mark.parametrize("line", ["sys.stdout.write(query)", "print(*query, **options)"])
def test_other_output_of_a_tool_is_left(tmp_path: Path, line: str) -> None:
    source = "import sys\n" + TOOL.replace("{}", f"{line}\n    print('x' 'y') if query else 1") + "mcp.run()\n"

    assert f"    {line}\n" in mended(tmp_path, "MCP101", source)
