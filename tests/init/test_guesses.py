"""What is guessed, and what looks like it and is not."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from roadworthy.init.guess import Draft

Drafted = Callable[[Mapping[str, str]], Draft]
SERVICE = """
    from fastapi import FastAPI
    from pydantic import BaseModel
    app = FastAPI()
"""


def env_of(draft: Draft) -> dict[str, Any]:
    return {name: guess.value for name, guess in draft.env.items()}


@pytest.mark.parametrize(
    ("line", "name", "expected"),
    [
        ('os.environ["OPENAI_API_KEY"]', "OPENAI_API_KEY", {"secret": True}),
        ('os.environ["BUCKET"]', "BUCKET", {"rehearse": "made-up-bucket"}),
        ('os.environ.get("BUCKET")', "BUCKET", {"required": False}),
        ('os.getenv("LEVEL", "INFO")', "LEVEL", {"default": "INFO"}),
        ('int(os.getenv("LIMIT", "5"))', "LIMIT", {"type": "integer", "default": "5"}),
        ('float(os.environ["SHARE"])', "SHARE", {"type": "number", "rehearse": "1"}),
        ('os.getenv("DEBUG", "no").lower() in ("yes", "on")', "DEBUG", {"type": "boolean", "default": "no"}),
        ('os.getenv("API_TOKEN", "changeme")', "API_TOKEN", {"secret": True, "required": False}),
        ('os.getenv("MAX_TOKENS", "100")', "MAX_TOKENS", {"default": "100"}),
        ('os.getenv("SHOP_URL", "http://localhost:9")', "SHOP_URL",
         {"type": "url", "default": "http://localhost:9", "per_environment": True}),
        ('os.getenv("DOCS_URL", "https://docs.example.com")', "DOCS_URL",
         {"type": "url", "default": "https://docs.example.com"}),
        ('os.getenv("SHOP_URL", "shop:80")', "SHOP_URL", {"default": "shop:80", "per_environment": True}),
        ('os.getenv("ANSWER", "on")', "ANSWER", {"default": "on"}),
        ('os.getenv("DISABLE_TELEMETRY", "false")', "DISABLE_TELEMETRY", {"default": "false", "rehearse": "true"}),
        ('os.getenv("TELEMETRY_ENABLED")', "TELEMETRY_ENABLED", {"required": False, "rehearse": "false"}),
        ('os.getenv("TELEMETRY_URL")', "TELEMETRY_URL", {"type": "url", "required": False, "per_environment": True}),
    ],
)  # fmt: skip
def test_a_variable_is_declared_as_the_code_reads_it(
    draft: Drafted, line: str, name: str, expected: dict[str, Any]
) -> None:
    assert env_of(draft({"app.py": f"import os\nX = {line}\n"})) == {name: expected}


@pytest.mark.parametrize(
    "source",
    [
        'import os\nos.environ["HOME"]\n',
        'import os\nos.environ["TOKEN"] = "x"\n',
        'environ = {}\nenviron["TOKEN"]\n',
        'import os\nos.environ[f"{name}_TOKEN"]\n',
    ],
)
def test_what_is_set_or_of_every_system_is_no_variable_of_the_agent(draft: Drafted, source: str) -> None:
    assert env_of(draft({"app.py": source})) == {}


def test_what_only_tests_and_scripts_read_is_left_out(draft: Drafted) -> None:
    read = 'import os\nos.environ["TEST_KEY"]\n'
    assert env_of(draft({"app.py": "x = 1\n", "tests/test_app.py": read, "scripts/load.py": read})) == {}


def test_a_variable_read_only_where_nothing_may_come_does_not_stop_a_rehearsal(draft: Drafted) -> None:
    source = 'import os\n\ndef azure():\n    return os.environ["AZURE_DEPLOYMENT"]\n'
    assert env_of(draft({"app.py": source})) == {"AZURE_DEPLOYMENT": {"required": False}}


@pytest.mark.parametrize(
    ("made", "expected"),
    [("settings = Settings()\n", {"rehearse": "made-up-region"}), ("", {"required": False})],
)
def test_a_settings_class_needs_its_fields_where_it_is_made(
    draft: Drafted, made: str, expected: dict[str, Any]
) -> None:
    source = """
        from pydantic_settings import BaseSettings

        class Base(BaseSettings):
            region: str

        class Settings(Base):
            pass

    """
    from textwrap import dedent

    assert env_of(draft({"app.py": dedent(source) + made})) == {"REGION": expected}


def test_a_variable_with_a_value_here_gets_none_made_up(tree: Callable[[Mapping[str, str]], Any]) -> None:
    from roadworthy.init.discovery import drafted

    root = tree({"app.py": 'import os\nos.environ["BUCKET"]\n'})
    assert env_of(drafted(root, {"BUCKET": "mine"})) == {"BUCKET": {}}


def test_a_variable_that_a_function_reads_for_others_is_found_at_its_call(draft: Drafted) -> None:
    source = """
        import os

        def required(name):
            return os.environ[name]

        def setting(environ=os.environ):
            def read(name, default=None):
                return environ.get(name, default)
            return read("LIMIT", "3"), read("REGION")

        KEY = required("SHOP_KEY")
        other("NOT_ONE")
    """
    assert env_of(draft({"app.py": source})) == {
        "LIMIT": {"default": "3"},
        "REGION": {"rehearse": "made-up-region"},
        "SHOP_KEY": {"secret": True, "rehearse": "made-up-shop-key"},
    }


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("from openai import OpenAI\nOpenAI()\n", ["OPENAI_API_KEY"]),
        ("from openai import OpenAI\nOpenAI(api_key=key)\n", []),
        ("from openai import OpenAI\nOpenAI(**options)\n", []),
        ("from agents import Agent\nAgent(name='x')\n", ["OPENAI_API_KEY"]),
        ("from mine import Agent\nAgent(name='x')\n", []),
        ("from pydantic_ai import Agent\nAgent('anthropic:claude-sonnet-4-5')\n", ["ANTHROPIC_API_KEY"]),
        ("log('anthropic:is what we use')\n", []),
    ],
)
def test_the_key_that_a_library_reads_by_itself_is_declared(draft: Drafted, source: str, expected: list[str]) -> None:
    assert list(draft({"app.py": source}).env) == expected


def test_what_calls_home_is_kept_quiet_in_rehearsals(draft: Drafted) -> None:
    assert env_of(draft({"app.py": "import litellm\n"})) == {
        "LITELLM_LOCAL_MODEL_COST_MAP": {"required": False, "rehearse": "True"}
    }
    assert env_of(draft({"app.py": "import mylitellm\n"})) == {}


def test_an_example_of_env_is_declared_and_never_required(draft: Drafted) -> None:
    found = env_of(draft({"app.py": "x = 1\n", ".env.example": "LANGSMITH_API_KEY=\nREGION=eu\n", ".env": "MINE=1\n"}))
    assert found == {"LANGSMITH_API_KEY": {"secret": True, "required": False}, "REGION": {"required": False}}


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ('import redis\nredis.from_url("redis://localhost:6379/0")\n', {"cache": {"url": "redis://localhost:6379/0"}}),
        ('import redis\nredis.Redis(host="localhost")\n', {"cache": {"host": "localhost", "port": 6379}}),
        ('import os\nos.getenv("DB", "postgresql+asyncpg://db/x")\n', {"database": {"url": "${DB}"}}),
        ('import os, redis\nredis.from_url(os.environ["REDIS_URL"])\n', {"cache": {"url": "${REDIS_URL}"}}),
        ('import os, redis\nredis.from_url(os.environ.get("REDIS_URL"))\n', {}),
        ('import sqlalchemy\nsqlalchemy.create_engine("sqlite:///x.db")\n', {}),
        ('import requests\nrequests.get("http://localhost:9100/shop/1")\n', {"shop": {"url": "http://localhost:9100"}}),
        (
            'import requests\nrequests.get("https://api.example.com/1")\n',
            {"example": {"url": "https://api.example.com", "production_host": "api.example.com"}},
        ),
        ('import requests\nrequests.post("https://api.example.com/1")\n', {}),
        ('import requests\nrequests.get(f"https://{where}/1")\n', {}),
        ('import requests\nrequests.get("https://api.openai.com/v1/models")\n', {}),
        ('print("http://localhost:8000/docs")\n', {}),
        ('import os\nos.getenv("CORS_ORIGIN", "http://localhost:3000")\n', {}),
        ('import os\nos.getenv("SHOP_URL", "http://localhost:3000")\n', {"shop": {"url": "${SHOP_URL}"}}),
    ],
)
def test_a_service_is_what_a_client_connects_to(draft: Drafted, source: str, expected: dict[str, Any]) -> None:
    assert {name: guess.value for name, guess in draft({"app.py": source}).services.items()} == expected


def test_programs_that_a_slim_image_has_are_not_declared(draft: Drafted) -> None:
    source = (
        'import subprocess\nsubprocess.run(["rg", "x"])\nsubprocess.run(["ls"])\nsubprocess.run(["python", "x.py"])\n'
    )
    assert list(draft({"app.py": source}).binaries) == ["rg"]


def test_files_are_those_that_are_there_and_folders_those_that_are_written(draft: Drafted) -> None:
    source = """
        import tempfile
        from pathlib import Path

        HERE = Path(__file__).parent
        (HERE / "prompt.md").read_text()
        open("config.yaml")
        open("not-there.yaml")
        open("/var/lib/agent/log.jsonl", "a")
        Path(tempfile.mkdtemp(), "x").write_text("")
        open(given)
    """
    found = draft({"app/main.py": source, "app/prompt.md": "", "config.yaml": ""})
    assert [each.value for each in found.read] == ["app/prompt.md", "config.yaml"]
    assert [each.value for each in found.write] == ["/var/lib/agent"]


@pytest.mark.parametrize(
    ("handler", "request_", "answer"),
    [
        (
            (
                "class Q(BaseModel):\n    question: str\n    user_id: str\n\n"
                "@app.post('/ask')\ndef ask(q: Q):\n    return {'answer': 1}\n"
            ),
            {"path": "/ask", "json": {"question": "{{input}}", "user_id": "{{session}}"}},
            "$",
        ),
        (
            (
                "class Q(BaseModel):\n    messages: list[dict]\n\n"
                "@app.post('/chat')\ndef chat(q: Q):\n    return {'reply': run(q)}\n"
            ),
            {"path": "/chat", "json": {"messages": [{"role": "user", "content": "{{input}}"}]}},
            "$.reply",
        ),
        (
            "@app.get('/ask')\ndef ask(question: str):\n    return run(question)\n",
            {"method": "GET", "path": "/ask?question={{input}}"},
            "$",
        ),
        (
            (
                "@app.post('/threads/{thread_id}/runs')\n"
                "def go(thread_id: str, body: dict):\n    return {'output': body['input']}\n"
            ),
            {"path": "/threads/{{session}}/runs", "json": {"input": "{{input}}"}},
            "$.output",
        ),
        (
            "@app.post('/query')\ndef ask(query: str) -> str:\n    return query\n",
            {"path": "/query?query={{input}}"},
            "$",
        ),
    ],
)
def test_the_request_is_what_the_handler_reads(
    draft: Drafted, handler: str, request_: dict[str, Any], answer: str
) -> None:
    from textwrap import dedent

    agent = draft({"main.py": dedent(SERVICE) + handler}).agent
    assert agent["request"].value == request_
    assert agent["answer"].value == answer


def test_a_route_that_asks_nothing_is_not_taken_for_the_agent(draft: Drafted) -> None:
    from textwrap import dedent

    source = "@app.post('/login')\ndef login(name: str, password: str):\n    return {'message': 'hello'}\n"
    found = draft({"main.py": dedent(SERVICE) + source})
    assert found.agent["request"].value == {"path": "/agent", "json": {"query": "{{input}}"}}
    assert "fill in" in found.agent["request"].comment


@pytest.mark.parametrize(
    ("files", "entry"),
    [
        ({"app.py": "def agent(text):\n    return text\n"}, "app.py:agent"),
        ({"agent.py": "async def run(query: str) -> str:\n    return query\n"}, "agent.py:run"),
        ({"bot.py": "class ShopAgent:\n    def __call__(self, question: str):\n        pass\n"}, "bot.py:ShopAgent"),
        ({"app.py": "def agent(text, user):\n    return text\n"}, None),
        ({"app.py": "def agent():\n    return 1\n"}, None),
        ({"maths.py": "def run(a: int):\n    return a\n"}, None),
        ({"app.py": "class A_Agent:\n    def __init__(self, key): ...\n    def __call__(self, query): ...\n"}, None),
        ({"tests/app.py": "def agent(text):\n    return text\n", "x.py": "y = 1\n"}, None),
    ],
)  # fmt: skip
def test_an_entry_takes_one_question(draft: Drafted, files: dict[str, str], entry: str | None) -> None:
    agent = draft(files).agent
    assert (agent["entry"].value if "entry" in agent else None) == entry


def test_a_script_that_needs_a_number_is_no_command_that_answers(draft: Drafted) -> None:
    found = draft({"main.py": "import sys\n\nif __name__ == '__main__':\n    serve(int(sys.argv[1]))\n"})
    assert not found.is_known


def test_a_question_on_standard_input_is_told(draft: Drafted) -> None:
    found = draft({"main.py": "import sys\n\nif __name__ == '__main__':\n    print(sys.stdin.read())\n"})
    assert (found.agent["command"].value, found.agent["input"].value) == (["python", "main.py"], "stdin")


def test_a_program_that_waits_for_a_terminal_is_told_and_not_taken(draft: Drafted) -> None:
    found = draft({"main.py": "while True:\n    print(input('> '))\n"})
    assert not found.is_known
    assert "main.py:2 asks a person at a terminal" in found.remarks[0]


@pytest.mark.parametrize(
    ("limits", "expected"),
    [
        ("mem_limit: 1g", {"memory": "1GiB"}),
        ("deploy: {resources: {limits: {memory: 512M, cpus: '2'}}}", {"memory": "512MiB", "cpu": 2}),
        ("mem_limit: much", {}),
        ("mem_limit: 0", {}),
    ],
)
def test_resources_come_from_compose(draft: Drafted, limits: str, expected: dict[str, Any]) -> None:
    found = draft({"app.py": "x = 1\n", "compose.yaml": f"services:\n  app:\n    image: x\n    {limits}\n"})
    assert {name: guess.value for name, guess in found.resources.items()} == expected


def test_resources_come_from_kubernetes(draft: Drafted) -> None:
    deployment = """
        apiVersion: apps/v1
        kind: Deployment
        spec: {template: {spec: {containers: [
          {name: app, image: x, resources: {limits: {memory: 512Mi, cpu: 500m}}}]}}}
    """
    found = draft({"app.py": "x = 1\n", "deploy.yaml": deployment})
    assert {name: guess.value for name, guess in found.resources.items()} == {"memory": "512MiB", "cpu": 0.5}
