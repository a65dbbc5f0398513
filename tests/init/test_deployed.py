"""What production's own files start, from the project's folder; and what they start that is no agent."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from roadworthy.init.guess import Draft

Drafted = Callable[[Mapping[str, str]], Draft]
APP = "from fastapi import FastAPI\n\napp = FastAPI()\n\n@app.post('/ask')\ndef ask(q: dict):\n    return q['query']\n"
SCRIPT = "import uvicorn\nfrom app import app\n\nif __name__ == '__main__':\n    uvicorn.run(app, port=7000)\n"


@pytest.mark.parametrize(
    ("dockerfile", "files", "command", "port"),
    [
        ('CMD ["uvicorn", "app:app"]', {}, ["uvicorn", "app:app"], 8000),
        ('EXPOSE 9000\nCMD ["uvicorn", "app:app"]', {}, ["uvicorn", "app:app"], 8000),
        ("CMD uvicorn app:app --port $PORT", {}, ["uvicorn", "app:app", "--port", "8000"], 8000),
        ("ENV PORT=81\nCMD uvicorn app:app --port ${PORT:-80}", {}, ["uvicorn", "app:app", "--port", "81"], 81),
        ("CMD uvicorn app:app --port ${A:-${B:-90}}", {}, ["uvicorn", "app:app", "--port", "90"], 90),
        ("CMD alembic upgrade head && exec uvicorn app:app", {}, ["uvicorn", "app:app"], 8000),
        ('CMD ["poetry", "run", "python", "serve.py"]', {"serve.py": SCRIPT}, ["python", "serve.py"], 7000),
        ('CMD ["uv", "run", "--extra", "x", "serve.py"]', {"serve.py": SCRIPT}, ["python", "serve.py"], 7000),
        ('CMD ["python", "-u", "/code/serve.py"]', {"serve.py": SCRIPT}, ["python", "serve.py"], 7000),
        ('ENTRYPOINT ["python"]\nCMD ["serve.py"]', {"serve.py": SCRIPT}, ["python", "serve.py"], 7000),
        ('CMD ["python", "-m", "uvicorn", "app:app"]', {}, ["uvicorn", "app:app"], 8000),
        ('ENTRYPOINT ["/x/run.sh"]', {"ops/run.sh": "set -e\nexec uvicorn app:app --port 99\n"},
         ["uvicorn", "app:app", "--port", "99"], 99),
        ('FROM a AS b\nCMD ["ls"]\nFROM c\nCMD ["uvicorn", "app:app", "--reload"]', {}, ["uvicorn", "app:app"], 8000),
        ('CMD ["uvicorn", "elsewhere:app"]', {}, ["uvicorn", "app:app", "--host", "0.0.0.0", "--port", "8000"], 8000),
        ('CMD ["python", "elsewhere.py"]', {}, ["uvicorn", "app:app", "--host", "0.0.0.0", "--port", "8000"], 8000),
    ],
)  # fmt: skip
def test_an_images_command_is_run_from_the_projects_folder(
    draft: Drafted, dockerfile: str, files: dict[str, str], command: list[str], port: int
) -> None:
    agent = draft({"app.py": APP, "Dockerfile": f"FROM python:3.12\n{dockerfile}\n", **files}).agent

    assert agent["command"].value == command
    assert agent["port"].value == port


def test_a_module_in_a_folder_below_is_given_its_folder(draft: Drafted) -> None:
    files = {
        "backend/app/__init__.py": "",
        "backend/app/main.py": APP,
        "backend/Dockerfile": "CMD uvicorn app.main:app\n",
    }
    agent = draft(files).agent

    assert agent["command"].value == ["uvicorn", "--app-dir", "backend", "app.main:app"]
    assert "workdir" not in agent


def test_the_agents_image_is_taken_and_not_the_pages(draft: Drafted) -> None:
    files = {
        "frontend/Dockerfile": "CMD node server.js\n",
        "frontend/server.js": "",
        "service/Dockerfile": "CMD uvicorn main:app\n",
        "service/main.py": APP,
    }
    assert draft(files).agent["command"].value == ["uvicorn", "--app-dir", "service", "main:app"]


def test_a_page_that_an_image_starts_is_told_and_a_function_taken(draft: Drafted) -> None:
    found = draft({"ui.py": "import streamlit\n", "agent.py": "def ask(question):\n    return question\n",
                   "Dockerfile": "CMD streamlit run ui.py\n"})  # fmt: skip
    assert found.agent["entry"].value == "agent.py:ask"


def test_a_worker_of_a_procfile_is_not_preferred_to_its_web(draft: Drafted) -> None:
    found = draft({"app.py": APP, "Procfile": "web: uvicorn app:app --port 5\nworker: python app.py\n"})
    assert found.agent["command"].value == ["uvicorn", "app:app", "--port", "5"]


def test_composes_command_is_of_what_is_built_here(draft: Drafted) -> None:
    compose = """
        services:
          db:
            image: postgres
            command: postgres -c max_connections=20
          api:
            build: .
            command: ["uvicorn", "app:app", "--port", "6000"]
    """
    assert draft({"app.py": APP, "compose.yaml": compose}).agent["port"].value == 6000


def test_routes_of_the_application_that_is_started_are_taken(draft: Drafted) -> None:
    files = {
        "one.py": APP.replace("/ask", "/query"),
        "two.py": APP.replace("/ask", "/chat"),
        "Dockerfile": "CMD uvicorn two:app\n",
    }
    assert draft(files).agent["request"].value["path"] == "/chat"


def test_adks_own_server_in_an_image_is_asked_for_its_agent(draft: Drafted) -> None:
    files = {
        "shop/__init__.py": "",
        "shop/agent.py": "from google.adk.agents import Agent\n\nroot_agent = Agent(name='shop')\n",
        "Dockerfile": "CMD adk api_server --port 8000\n",
    }
    assert draft(files).agent["request"].value["json"]["app_name"] == "shop"


def test_a_node_service_is_started_by_its_file(draft: Drafted) -> None:
    found = draft({"package.json": '{"name": "x"}', "server.js": "app.listen(3000, () => {})\n"})
    assert (found.agent["command"].value, found.agent["port"].value) == (["node", "server.js"], 3000)


def test_routes_of_what_the_start_imports_are_taken_and_not_those_of_another_program(draft: Drafted) -> None:
    files = {
        "pyproject.toml": '[project]\nname = "shop"\n[project.scripts]\nserve = "shop.cli:main"\n',
        "shop/__init__.py": "",
        "shop/cli.py": "from shop.core import start\n\ndef main():\n    start()\n",
        "shop/core.py": APP.replace("/ask", "/chat"),
        "shop/demo_page.py": APP.replace("/ask", "/agent"),
        "Dockerfile": "CMD serve --port 5000\n",
    }
    agent = draft(files).agent
    assert agent["command"].value == ["serve", "--port", "5000"]
    assert agent["request"].value["path"] == "/chat"
