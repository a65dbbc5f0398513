"""When code runs: by decorators, registration, main blocks, and by what calls it, over files."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.scan.reading import modules

from roadworthy.findings import Finding
from roadworthy.hazards.hazard import Rule
from roadworthy.scan.engine import scan
from roadworthy.scan.module import Module
from roadworthy.scan.moments import Moment

HERE = "HERE()"
MAIN = "if __name__ == '__main__':\n    HERE()"


def moment_of(
    text: str,
    path: str = "app/main.py",
    files: dict[str, str] | None = None,
    images: dict[str, str] | None = None,
) -> Moment:
    """When the call of HERE runs, in this file or another."""
    for module in modules({**(files or {}), path: text}, images).values():
        for call in module.all(ast.Call):
            if isinstance(call.func, ast.Name) and call.func.id == "HERE":
                return module.moment(call)
    raise AssertionError(HERE)


@pytest.mark.parametrize(
    "text",
    [
        "from fastapi import FastAPI\napp = FastAPI()\n@app.post('/a')\nasync def answer():\n    HERE()",
        "from fastapi import APIRouter\nrouter = APIRouter()\n@router.websocket('/a')\nasync def a(ws):\n    HERE()",
        "from flask import Flask\napp = Flask(__name__)\n@app.route('/a')\ndef answer():\n    HERE()",
        "from flask import Flask\napp = Flask(__name__)\ndef a():\n    HERE()\napp.add_url_rule('/a', view_func=a)",
        "from mcp.server.fastmcp import FastMCP\nmcp = FastMCP('a')\n@mcp.tool()\ndef search(q: str):\n    HERE()",
        "from mcp.server import Server\nserver = Server('a')\n@server.call_tool()\nasync def call(n, a):\n    HERE()",
        "from langgraph.graph import StateGraph\ndef plan(s):\n    HERE()\ng = StateGraph(dict)\ng.add_node('p', plan)",
        "from langgraph.graph import StateGraph\ndef plan(s):\n    HERE()\ng = StateGraph(dict)\ng.add_node(plan)",
        "from pydantic_ai import Agent\nagent = Agent('m')\n@agent.tool\nasync def roll(ctx):\n    HERE()",
        "from pydantic_ai import Agent\nagent = Agent('m')\n@agent.tool_plain(retries=1)\ndef roll():\n    HERE()",
        "from langchain_core.tools import tool\n@tool\ndef search(q):\n    HERE()",
        "from langchain_core.tools import tool\n@tool('search', return_direct=True)\ndef search(q):\n    HERE()",
        "from agents import function_tool\n@function_tool\ndef search(q):\n    HERE()",
        "from google.adk.agents import Agent\ndef weather(c):\n    HERE()\nroot_agent = Agent(tools=[weather])",
        "from langchain.tools import BaseTool\nclass Search(BaseTool):\n    def _run(self, q):\n        HERE()",
        "from http.server import BaseHTTPRequestHandler as H\nclass A(H):\n    def do_POST(self):\n        HERE()",
        "def lambda_handler(event, context):\n    HERE()",
        (
            "from telegram.ext import CommandHandler\nclass Bot:\n    def __init__(self, app):\n"
            "        app.add_handler(CommandHandler('help', self.help))\n    async def help(self, update, context):\n"
            "        HERE()"
        ),
        (
            "from fastapi import FastAPI\napp = FastAPI()\nclass Base:\n    def ask(self):\n        self.own()\n"
            "class Chat(Base):\n    def own(self):\n        HERE()\ndef made():\n    return Chat()\n"
            "@app.get('/a')\ndef answer():\n    return made().ask()"
        ),
        "import chainlit as cl\n@cl.on_message\nasync def main(message):\n    HERE()",
        "from slack_bolt import App\napp = App()\n@app.event('app_mention')\ndef answer(event, say):\n    HERE()",
        "import discord\nbot = discord.Client()\n@bot.tree.command()\nasync def answer(message):\n    HERE()",
        (
            "from fastapi import FastAPI\napp = FastAPI()\n@app.get('/a')\ndef answer():\n    return first()\n"
            "def first():\n    return second()\ndef second():\n    HERE()"
        ),
        (
            "from fastapi import FastAPI\napp = FastAPI()\nclass Store:\n    lock = make.lock()\n"
            "    def __init__(self):\n        HERE()\n@app.get('/a')\ndef answer():\n    return Store()"
        ),
        (
            "from fastapi import FastAPI\napp = FastAPI()\nclass Store:\n    def find(self):\n        HERE()\n"
            "store = Store()\n@app.get('/a')\ndef answer():\n    return store.find()"
        ),
    ],
)
def test_handlers_tools_and_what_they_call_run_in_requests(text: str) -> None:
    assert moment_of(text) is Moment.REQUEST


@pytest.mark.parametrize(
    "text",
    [
        "def answer():\n    HERE()",
        "class Store:\n    def find(self):\n        HERE()",
        "from functools import cache\n@cache\ndef find():\n    HERE()",
        (
            "from tenacity import retry\nclass Store:\n    @retry(stop=None)\n    def find(self):\n        HERE()\n"
            "def main():\n    return Store()\nif __name__ == '__main__':\n    main()"
        ),
        "class Store:\n    @property\n    def items(self):\n        HERE()",
        "class Store:\n    @staticmethod\n    def make():\n        HERE()",
        "from dataclasses import dataclass\n@dataclass\nclass A:\n    def run(self):\n        HERE()",
        "from fastapi import FastAPI\napp = FastAPI()\n@app.get('/a')\ndef a():\n    pass\ndef b():\n    HERE()",
    ],
)
def test_a_function_that_nothing_calls_runs_nobody_knows_when(text: str) -> None:
    assert moment_of(text) is Moment.UNKNOWN


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("HERE()", Moment.IMPORT),
        ("class A:\n    value = HERE()", Moment.IMPORT),
        ("def f(value=HERE()):\n    pass", Moment.IMPORT),
        ("def f():\n    HERE()\nf()", Moment.IMPORT),
        ("if __name__ == '__main__':\n    HERE()", Moment.START),
        ("import discord\nbot = discord.Client()\n@bot.event\nasync def on_ready():\n    HERE()", Moment.START),
        (
            (
                "from flask import Flask\nclass A:\n    def __init__(self):\n        HERE()\na = A()\n"
                "app = Flask('a')\n@app.get('/a')\ndef answer():\n    return render(a)"
            ),
            Moment.IMPORT,
        ),
        ("def main():\n    HERE()\nif __name__ == '__main__':\n    main()", Moment.START),
        ("import argparse\ndef main():\n    HERE()\nif __name__ == '__main__':\n    main()", Moment.COMMAND),
        ("import questionary\ndef main():\n    HERE()\nif __name__ == '__main__':\n    main()", Moment.COMMAND),
        ("import argparse, uvicorn\ndef main():\n    HERE()\nif __name__ == '__main__':\n    main()", Moment.START),
        ("import sys\ndef main():\n    HERE()\nif __name__ == '__main__':\n    main(*sys.argv[1:])", Moment.COMMAND),
        ("import sys, discord\nif __name__ == '__main__':\n    HERE(sys.argv)", Moment.START),
        ("from prompt_toolkit import PromptSession\nif __name__ == '__main__':\n    HERE()", Moment.COMMAND),
        ("import sys\ndef main():\n    HERE()\nif __name__ == '__main__':\n    main(sys.argv[1])", Moment.COMMAND),
        ("import argparse\nHERE()\ndef main():\n    pass\nif __name__ == '__main__':\n    main()", Moment.COMMAND),
        ("import argparse\nHERE()", Moment.IMPORT),
        (
            "import argparse, fastmcp\ndef main():\n    HERE()\nif __name__ == '__main__':\n    main()",
            Moment.START,
        ),
        ("import click\n@click.command()\ndef main():\n    HERE()", Moment.COMMAND),
        ("import click\n@click.group()\ndef cli():\n    pass\n@cli.command('a')\ndef a():\n    HERE()", Moment.COMMAND),
        ("import typer\napp = typer.Typer()\n@app.command()\ndef a():\n    HERE()", Moment.COMMAND),
        ("import click\n@click.command()\ndef main():\n    run()\ndef run():\n    HERE()", Moment.COMMAND),
        ("from fastapi import FastAPI\napp = FastAPI()\n@app.on_event('startup')\ndef a():\n    HERE()", Moment.START),
        (
            "from fastapi import FastAPI\nasync def life(app):\n    HERE()\n    yield\napp = FastAPI(lifespan=life)",
            Moment.START,
        ),
        (
            "import asyncio\nasync def main():\n    HERE()\nif __name__ == '__main__':\n    asyncio.run(main())",
            Moment.START,
        ),
    ],
)
def test_import_start_and_commands_are_told_apart(text: str, moment: Moment) -> None:
    assert moment_of(text) is moment


MAIN = "from app.options import options\ndef main():\n    options()\n    HERE()\nif __name__ == '__main__':\n    main()"


@pytest.mark.parametrize(
    ("options", "moment"),
    [
        ("import argparse\ndef options():\n    pass", Moment.COMMAND),
        ("import argparse, uvicorn\ndef options():\n    pass", Moment.START),
        ("def options():\n    pass", Moment.START),
    ],
)
def test_a_command_may_read_its_options_in_another_file(options: str, moment: Moment) -> None:
    assert moment_of(MAIN, files={"app/options.py": options}) is moment


def test_a_commands_file_that_another_imports_runs_at_import() -> None:
    text = "import argparse\nHERE()\ndef main():\n    pass\nif __name__ == '__main__':\n    main()"

    assert moment_of(text, files={"app/api.py": "from app.main import main"}) is Moment.IMPORT


@pytest.mark.parametrize(
    ("imports", "moment"), [("argparse", Moment.COMMAND), ("argparse, fastmcp", Moment.START), ("os", Moment.START)]
)
def test_what_the_projects_own_command_runs_is_a_tool_or_a_start(tmp_path: Path, imports: str, moment: Moment) -> None:
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "a"\n[project.scripts]\na = "app.main:main"\n')
    (tmp_path / "app").mkdir()
    (tmp_path / "app/main.py").write_text(f"import {imports}\ndef main():\n    exec('')\n")
    found = []

    def rule(module: Module) -> Iterator[Finding]:
        found.extend(module.moment(call) for call in module.calls_to("exec"))
        yield from ()

    scan(tmp_path, [Rule("AAA101", "AAA", "asks when code runs", rule)])

    assert found == [moment]


@pytest.mark.parametrize(
    ("path", "moment"),
    [
        ("tests/test_a.py", Moment.TEST),
        ("app/test_a.py", Moment.TEST),
        ("conftest.py", Moment.TEST),
        ("app/LoginTest.py", Moment.TEST),
        ("app/Contest.py", Moment.IMPORT),
        ("examples/a.py", Moment.EXAMPLE),
        ("scripts/a.py", Moment.EXAMPLE),
        ("local_server/main.py", Moment.EXAMPLE),
        ("server/main.py", Moment.IMPORT),
        ("a.ipynb", Moment.EXAMPLE),
        ("deployment/deploy.py", Moment.EXAMPLE),
        ("tools/migrate_sessions.py", Moment.EXAMPLE),
        ("app/archived_server.py", Moment.EXAMPLE),
        ("app/deployments.py", Moment.IMPORT),
        ("app/archive.py", Moment.IMPORT),
        ("app/server.py", Moment.IMPORT),
        ("app/latest.py", Moment.IMPORT),
        ("contest/app.py", Moment.IMPORT),
        ("app/attest.py", Moment.IMPORT),
        ("resamples/a.py", Moment.IMPORT),
    ],
)
def test_a_files_place_tells_tests_and_examples(path: str, moment: Moment) -> None:
    assert moment_of("HERE()", path) is moment


API = "from fastapi import FastAPI\napp = FastAPI()\n"


@pytest.mark.parametrize(
    "files",
    [
        {"app/api.py": f"from app.main import find\n{API}@app.get('/a')\ndef a():\n    find()"},
        {"app/api.py": f"from .main import find as search\n{API}@app.get('/a')\ndef a():\n    search()"},
        {"api.py": f"from src.app.main import find\n{API}@app.get('/a')\ndef a():\n    find()"},
        {"app/api.py": f"from app import main\n{API}@app.get('/a')\ndef a():\n    main.find()"},
        {
            "app/__init__.py": "from app.main import find",
            "app/api.py": f"import app as library\n{API}@app.get('/a')\ndef a():\n    library.find()",
        },
        {"app/graph.py": "from app.main import find\ng = StateGraph(dict)\ng.add_node('find', find)"},
        {"app/graph.py": "from app.main import find\nfrom x import Agent\na = Agent(tools=[find])"},
        {
            "app/middle.py": "from app.main import find\ndef middle():\n    find()",
            "app/api.py": f"from app.middle import middle\n{API}@app.get('/a')\ndef a():\n    middle()",
        },
        {"app/api.py": f"from app.main import find\n{API}@app.get('/a')\ndef a():\n    threads.run_later(find)"},
    ],
)
def test_what_a_handler_of_another_file_calls_runs_in_requests(files: dict[str, str]) -> None:
    assert moment_of("def find():\n    HERE()", files=files) is Moment.REQUEST


@pytest.mark.parametrize(
    "files",
    [
        {"app/api.py": f"from app.other import find\n{API}@app.get('/a')\ndef a():\n    find()"},
        {"app/api.py": f"from app.main import find\n{API}@app.get('/a')\ndef a(find):\n    find()"},
        {"tests/test_api.py": f"from app.main import find\n{API}@app.get('/a')\ndef a():\n    find()"},
        {"app/api.py": "from app.main import find\ndef a():\n    find()"},
    ],
)
def test_what_no_handler_calls_does_not_run_in_requests(files: dict[str, str]) -> None:
    assert moment_of("def find():\n    HERE()", files=files) is Moment.UNKNOWN


def test_functions_that_call_one_another_in_a_circle_have_one_moment() -> None:
    text = f"{API}@app.get('/a')\ndef a():\n    b()\ndef b():\n    c()\ndef c():\n    b()\n    HERE()"

    assert moment_of(text) is Moment.REQUEST


def test_where_a_start_and_a_request_reach_a_function_the_request_counts() -> None:
    text = f"{API}def find():\n    HERE()\n@app.get('/a')\ndef a():\n    find()\nif __name__ == '__main__':\n    find()"

    assert moment_of(text) is Moment.REQUEST


@pytest.mark.parametrize(
    ("start", "moment"),
    [
        ('CMD ["python", "app.py"]', Moment.COMMAND),
        ('CMD ["bash", "-c", "python app.py"]', Moment.COMMAND),
        ("CMD uvicorn app:app --host 0.0.0.0", Moment.COMMAND),
        ('CMD ["python", "translate.py"]', Moment.START),
        ('CMD ["python", "-m", "translate"]', Moment.START),
        ('CMD ["./start.sh"]', Moment.START),
        ("CMD gunicorn -b 0.0.0.0:80 wsgi", Moment.START),
    ],
)
def test_where_an_image_starts_another_file_a_main_block_is_run_by_hand(start: str, moment: Moment) -> None:
    assert moment_of(MAIN, "translate.py", images={"Dockerfile": f"FROM python:3.12-slim\n{start}\n"}) is moment


def test_a_main_block_that_serves_is_a_start_whatever_an_image_starts() -> None:
    images = {"Dockerfile": 'FROM python:3.12-slim\nCMD ["python", "app.py"]\n'}

    assert moment_of(f"import uvicorn\n{MAIN}", "other.py", images=images) is Moment.START


def test_an_image_of_another_folder_says_nothing_of_a_main_block() -> None:
    images = {"web/Dockerfile": 'FROM python:3.12-slim\nCMD ["python", "app.py"]\n'}

    assert moment_of(MAIN, "agent/run.py", images=images) is Moment.START


def test_a_main_block_that_shows_what_a_library_does_says_nothing_of_when_it_runs() -> None:
    images = {"Dockerfile": 'FROM python:3.12-slim\nCMD ["python", "app.py"]\n'}
    text = "def read():\n    HERE()\nif __name__ == '__main__':\n    read()"

    assert moment_of(text, "reader.py", {"app.py": "import reader"}, images) is Moment.UNKNOWN
    assert moment_of(text, "reader.py", {"app.py": ""}, images) is Moment.COMMAND


@pytest.mark.parametrize(
    ("files", "moment"),
    [
        ({"app.py": ""}, Moment.COMMAND),
        ({"app.py": "import convert"}, Moment.IMPORT),
    ],
)
def test_where_an_image_starts_another_file_what_nothing_imports_is_run_by_hand(
    files: dict[str, str], moment: Moment
) -> None:
    images = {"Dockerfile": 'FROM python:3.12-slim\nCMD ["python", "app.py"]\n'}

    assert moment_of("HERE()", "convert.py", files, images) is moment
    assert moment_of("@tool\ndef find():\n    pass\nHERE()", "convert.py", {"app.py": ""}, images) is Moment.IMPORT


def test_a_main_block_that_a_script_starts_is_a_start_whatever_an_image_starts() -> None:
    images = {"Dockerfile": 'FROM python:3.12-slim\nCMD ["python", "app.py"]\n', "work.sh": "exec python worker.py\n"}

    assert moment_of(MAIN, "worker.py", images=images) is Moment.START
    assert moment_of(MAIN, "other.py", images=images) is Moment.COMMAND


@pytest.mark.parametrize("path", ["agent/__init__.py", "agent/settings.py", "agent/graph.py"])
def test_what_is_loaded_by_its_name_runs_at_import_though_nothing_imports_it(path: str) -> None:
    images = {"Dockerfile": 'FROM python:3.12-slim\nCMD ["python", "app.py"]\n'}

    assert moment_of("HERE()", path, {"app.py": ""}, images) is Moment.IMPORT


def test_what_is_named_for_what_it_makes_and_nothing_imports_is_run_by_hand() -> None:
    assert moment_of("HERE()", "data/convert_products.py") is Moment.COMMAND
    assert moment_of(MAIN, "data/create_tables.py") is Moment.COMMAND
    assert moment_of("HERE()", "data/convert_products.py", {"app.py": "import data.convert_products"}) is Moment.IMPORT
    assert moment_of(f"import uvicorn\n{MAIN}", "data/create_app.py") is Moment.START


@pytest.mark.parametrize(
    "registering",
    [
        "import typer\nfrom app.delete import delete\ncli = typer.Typer()\ncli.command(name='delete')(delete)",
        "import typer\nfrom app.delete import delete\ncli = typer.Typer()\ncli.command('delete', help='h')(delete)",
        "import click\nfrom app.delete import delete\ncli = click.Group()\ncli.add_command(delete)",
        (
            "import argparse\nfrom app.delete import delete\nparser = argparse.ArgumentParser()\n"
            "parser.set_defaults(func=delete)"
        ),
    ],
)
def test_what_another_file_registers_as_a_command_does_not_run_at_import(registering: str) -> None:
    text = "def delete():\n    sure()\ndef sure():\n    HERE()"

    assert moment_of(text, "app/delete.py", {"app/main.py": registering}) is Moment.COMMAND


def test_what_a_decorator_is_called_with_runs_as_if_it_were_decorated() -> None:
    text = "from fastmcp import FastMCP\nmcp = FastMCP('a')\ndef find(q):\n    HERE()\nmcp.tool(name='f')(find)"

    assert moment_of(text) is Moment.REQUEST


@pytest.mark.parametrize(
    ("path", "files", "moment"),
    [
        ("templates/agent/main.py", {"app/server.py": ""}, Moment.EXAMPLE),
        ("src/cli/scaffold/main.py", {"app/server.py": ""}, Moment.EXAMPLE),
        ("cookiecutter-agent/main.py", {"app/server.py": ""}, Moment.EXAMPLE),
        ("template/main.py", {"template/tools.py": "", "setup.py": ""}, Moment.IMPORT),
        ("app/templates/prompts.py", {"app/server.py": "from app.templates import prompts"}, Moment.IMPORT),
        ("app/template.py", {"app/server.py": ""}, Moment.IMPORT),
    ],
)
def test_what_lies_in_a_template_is_a_sample_where_the_project_has_more(
    path: str, files: dict[str, str], moment: Moment
) -> None:
    assert moment_of("HERE()", path, files) is moment


def test_what_a_service_has_is_no_tools_because_a_command_calls_it_too() -> None:
    files = {
        "app/cli.py": "import click\nfrom app.search import find\n@click.command()\ndef search():\n    find()",
        "app/server.py": "from fastapi import FastAPI\nimport app.search\nserver = FastAPI()",
    }
    text = "def find():\n    HERE()"

    assert moment_of(text, "app/search.py", files) is Moment.UNKNOWN
    assert moment_of(text, "app/search.py", {"app/cli.py": files["app/cli.py"]}) is Moment.COMMAND
