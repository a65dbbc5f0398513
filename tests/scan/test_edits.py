"""Mends as edits: what they write, where they put it, and where none is given."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roadworthy.findings import Finding
from roadworthy.hazards import rules
from roadworthy.manifest.loading import load
from roadworthy.scan.engine import scan
from roadworthy.scan.fixing import planned

HANDLER = "from fastapi import FastAPI\napp = FastAPI()\n\n\n@app.post('/agent')\ndef answer(url, name, n):\n"
"""What makes the lines below it run in a request."""


def found(folder: Path, code: str, source: str, name: str = "app/agent.py") -> list[Finding]:
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(source)
    manifest = load(folder) if (folder / "roadworthy.yaml").exists() else None
    return scan(folder, list(rules(only=[code])), manifest).findings


def mended(folder: Path, code: str, source: str, name: str = "app/agent.py") -> str:
    """The file after its mends: the same where there are none. What is mended is found no more."""
    findings = found(folder, code, source, name)
    assert findings, "the rule finds nothing"
    plan = planned(folder, findings)
    assert not plan.refused
    if not plan.files:
        return source
    (file,) = plan.files
    after = file.after.decode()
    left = found(folder, code, after, name)
    assert len(left) == len(findings) - len(file.made)
    assert not planned(folder, left).files or plan.waiting
    return after


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


@pytest.fixture
def files(tmp_path: Path) -> Path:
    (tmp_path / "app").mkdir()
    for name in ("app/prompt.txt", "both.txt", "app/both.txt", "app/.env"):
        (tmp_path / name).write_text("text")
    (tmp_path / "prompts").mkdir()
    (tmp_path / "prompts" / "a.txt").write_text("text")
    return tmp_path


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("open('prompt.txt')", "open(Path(__file__).parent / 'prompt.txt')"),
        ('open("./prompt.txt", encoding="utf-8")', 'open(Path(__file__).parent / "./prompt.txt", encoding="utf-8")'),
        ("open('prompt.txt', 'rb')", "open(Path(__file__).parent / 'prompt.txt', 'rb')"),
        ("open(file='prompt.txt')", "open(file=Path(__file__).parent / 'prompt.txt')"),
        ("open('prompts/a.txt')", "open(Path(__file__).parents[1] / 'prompts/a.txt')"),
        ("Path('prompt.txt').read_text()", "(Path(__file__).parent / 'prompt.txt').read_text()"),
        ("open(Path('prompt.txt'))", "open(Path(__file__).parent / 'prompt.txt')"),
        ("(Path('prompts') / name).read_text()", "(Path(__file__).parents[1] / 'prompts' / name).read_text()"),
        ("os.listdir('prompts')", "os.listdir(Path(__file__).parents[1] / 'prompts')"),
        ("dotenv.load_dotenv('prompt.txt')", "dotenv.load_dotenv(Path(__file__).parent / 'prompt.txt')"),
    ],
)
def test_a_path_is_built_from_its_files_place(files: Path, before: str, after: str) -> None:
    imports = "import os\nfrom pathlib import Path\n\nimport dotenv\n\n\ndef f(name):\n    return "

    assert mended(files, "PATH101", f"{imports}{before}\n") == f"{imports}{after}\n"


@pytest.mark.parametrize(
    "line",
    [
        "open('nowhere.txt')",
        "open('both.txt')",  # the one in the folder, or the one beside the file?
        "open('prompt.txt', 'w')",
        "open('prompt.txt', name)",
        "open('../prompts/a.txt')",
        "open(f'prompts/{name}')",
        "open('prompts' + '/a.txt')",
        "dotenv.load_dotenv('.env')",
        "f'{open(\"prompt.txt\").read()}'",
        "open(PROMPT)",
        "os.walk('prompts')",  # gives paths that begin with the one it was given
        "glob.glob('prompts')",
        "list(Path('prompts').iterdir())",
        "cv2.imread('prompt.txt')",  # takes no Path
    ],
)
def test_a_path_is_left_where_it_is_not_sure_which_file_is_meant(files: Path, line: str) -> None:
    imports = "import glob\nimport os\nfrom pathlib import Path\n\nimport cv2\nimport dotenv\n\n"
    source = f"{imports}PROMPT = 'prompt.txt'\n\n\ndef f(name):\n    return {line}\n"

    assert mended(files, "PATH101", source) == source


def test_a_file_that_git_does_not_have_is_not_the_projects(files: Path) -> None:
    import subprocess

    source = "def f():\n    return open('prompt.txt').read()\n"
    subprocess.run(["git", "init", "-q", files], check=True)
    (files / "app" / "agent.py").write_text(source)
    subprocess.run(["git", "-C", files, "add", "app/agent.py"], check=True)
    assert mended(files, "PATH101", source) == source

    subprocess.run(["git", "-C", files, "add", "app/prompt.txt"], check=True)
    assert mended(files, "PATH101", source) != source


CHECKING = "from typing import TYPE_CHECKING\n\nif TYPE_CHECKING:\n    from pathlib import Path\n"


@pytest.mark.parametrize("mark", ["# %%\n", "# Databricks notebook source\n", "# In[1]:\n"])
def test_a_file_that_is_run_cell_by_cell_has_no_place(files: Path, mark: str) -> None:
    source = f"x = 1\n{mark}y = open('prompt.txt')\n"

    assert mended(files, "PATH101", source) == source


@pytest.mark.parametrize(
    ("name", "copies", "is_mended"),
    [
        ("Dockerfile", "COPY . .", True),
        ("Dockerfile", "COPY requirements.txt .\nCOPY app/ app/\nCOPY prompts prompts", True),
        ("Dockerfile", "COPY ./app /srv/app\nCOPY prompts /srv/prompts", True),
        ("Dockerfile", "COPY --from=build app/ .", True),
        ("Dockerfile", "COPY app/ .\nCOPY prompts prompts", False),
        ("Dockerfile", "COPY --chown=1:1 \\\n  app/*.py /srv/", False),
        ("Dockerfile", 'COPY ["app/agent.py", "./"]', False),
        ("app/Dockerfile", "COPY . .", False),
    ],
)
def test_a_file_that_an_image_holds_elsewhere_cannot_find_what_lies_above_it(
    files: Path, name: str, copies: str, is_mended: bool
) -> None:
    (files / name).write_text(f"FROM python:3.13\n{copies}\n")
    above, beside = "x = open('prompts/a.txt')\n", "x = open('prompt.txt')\n"

    assert (mended(files, "PATH101", above) != above) is is_mended
    assert mended(files, "PATH101", beside) != beside


READ = "open({0}(__file__).parent / 'prompt.txt')"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("x = {}\n", "from pathlib import Path\n\nx = {Path}\n"),
        (
            "#!/usr/bin/env python\n# note\nx = {}\n",
            "#!/usr/bin/env python\n# note\nfrom pathlib import Path\n\nx = {Path}\n",
        ),
        ('"""Doc."""\n\nx = {}\n', '"""Doc."""\n\nfrom pathlib import Path\n\nx = {Path}\n'),
        (
            "from __future__ import annotations\n\nx = {}\n",
            "from __future__ import annotations\n\nfrom pathlib import Path\n\nx = {Path}\n",
        ),
        ("import os\nimport sys\n\nx = {}\n", "import os\nimport sys\nfrom pathlib import Path\n\nx = {Path}\n"),
        ("import os  # why\n\nx = {}\n", "import os  # why\nfrom pathlib import Path\n\nx = {Path}\n"),
        ("import httpx\n\nx = {}\n", "from pathlib import Path\n\nimport httpx\n\nx = {Path}\n"),
        (
            "from os import path\n\nimport httpx\n\nx = {}\n",
            "from os import path\nfrom pathlib import Path\n\nimport httpx\n\nx = {Path}\n",
        ),
        (
            "from os import (\n    path,\n)\nfrom . import a\n\nx = {}\n",
            "from os import (\n    path,\n)\nfrom pathlib import Path\nfrom . import a\n\nx = {Path}\n",
        ),
        ("from pathlib import Path as P\n\nx = {}\n", "from pathlib import Path as P\n\nx = {P}\n"),
        ("import pathlib\n\nx = {}\n", "import pathlib\n\nx = {pathlib.Path}\n"),
        ("from fastapi import Path\n\nx = {}\n", "import pathlib\n\nfrom fastapi import Path\n\nx = {pathlib.Path}\n"),
        (
            f"{CHECKING}\nx = {{}}\n",
            f"import pathlib\n{CHECKING}\nx = {{pathlib.Path}}\n",
        ),
        (
            "@a\ndef f():\n    return {}\n",
            "from pathlib import Path\n\n@a\ndef f():\n    return {Path}\n",
        ),
    ],
)
def test_an_import_stands_among_the_first_ones(files: Path, before: str, after: str) -> None:
    import re

    expected = re.sub(r"\{([\w.]+)\}", lambda match: READ.format(match[1]), after)

    result = mended(files, "PATH101", before.replace("{}", "open('prompt.txt')"))

    assert result == expected
    assert ast.parse(result)


@pytest.mark.parametrize(
    "before",
    [
        "from helpers import *\n\nx = {}\n",  # may bring another Path
        "Path = pathlib = None\nx = {}\n",
        "import os; x = {}\n",
        "import pathlib.x as Path\n\n\ndef f(pathlib):\n    return {}\n",
        "x = {}\nfrom pathlib import Path\nimport pathlib\n",
    ],
)
def test_where_a_name_may_mean_something_else_nothing_is_mended(files: Path, before: str) -> None:
    source = before.replace("{}", "open('prompt.txt')")

    assert mended(files, "PATH101", source) == source


def test_of_two_paths_with_one_import_both_are_mended(files: Path) -> None:
    source = "a = open('prompt.txt')\nb = open('prompts/a.txt')\n"

    assert mended(files, "PATH101", source) == (
        "from pathlib import Path\n\na = open(Path(__file__).parent / 'prompt.txt')\n"
        "b = open(Path(__file__).parents[1] / 'prompts/a.txt')\n"
    )


def test_an_alias_is_pinned_to_the_only_version_that_it_has(tmp_path: Path) -> None:
    source = "import openai\n\nc = openai.OpenAI()\nc.responses.create(model='gpt-5.4', input='')\n"

    assert mended(tmp_path, "MODEL101", source) == source.replace("gpt-5.4", "gpt-5.4-2026-03-05")


@pytest.mark.parametrize(
    "source",
    [
        "import openai\n\nc = openai.OpenAI()\nc.responses.create(model='gpt-9', input='')\n",
        "import openai\n\nc = openai.OpenAI(base_url=u)\nc.responses.create(model='gpt-5.4', input='')\n",
        "import openai\n\nc = openai.AzureOpenAI()\nc.responses.create(model='gpt-5.4', input='')\n",
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


class _Undone(ast.NodeTransformer):
    """A file as it was before its paths were built from its own place."""

    def visit_ImportFrom(self, node: ast.ImportFrom) -> ast.ImportFrom | None:
        return None if node.module == "pathlib" else node

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        return node.right if "__file__" in ast.unparse(node.left) else node


headers = st.lists(
    st.sampled_from(
        [
            "# é ☃\n",
            "\n",
            "\f\n",
            "import os\n",
            "import os, sys  # why\n",
            "from os import (  # a\n    path,\n)\n",
            "import a; import b\n",
            "import a \\\n    as b\n",
            "import os; x = [\n]\n",
            "x = 1; \\\nimport os\n",
            "from . import a\n",
            "if a:\n    import c\n",
            "@a\n@b\nclass C: pass\n",
        ]
    ),
    max_size=6,
).map("".join)


@given(
    start=st.sampled_from(["", "#!/usr/bin/python\n", '"""é"""\n', '"""\né\n"""  # a\n', '"""a"""; x = 1\n', "\f"]),
    future=st.sampled_from(["", "from __future__ import annotations\n"]),
    header=headers,
    line=st.sampled_from(["x = open({})\n", "def f():\n\té = '☃'; return open({})\n", "x = open(\n  {}  # a\n)"]),
)
def test_any_file_means_the_same_but_for_the_place_of_its_path(
    start: str, future: str, header: str, line: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("any")
    (folder / "prompt.txt").write_text("")
    source = start + ("" if "; x" in start else future) + header + line.format("'prompt.txt'")

    result = mended(folder, "PATH101", source, "a.py")

    assert ast.dump(_Undone().visit(ast.parse(result))) == ast.dump(ast.parse(source))
    kept = iter(result.split("\n"))
    # Each line that is not the edited one is there as it was, in the same order.
    assert all(each in kept for each in source.split("\n") if "'prompt.txt'" not in each)
