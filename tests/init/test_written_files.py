"""What init writes for small projects of every kind: the whole file, as the user sees it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest
from syrupy.assertion import SnapshotAssertion

PROJECTS: dict[str, dict[str, str]] = {
    "fastapi in a package": {
        "pyproject.toml": '[project]\nname = "support-agent"\ndependencies = ["fastapi", "openai"]\n',
        "Dockerfile": """
            FROM python:3.12-slim
            WORKDIR /srv
            COPY . .
            EXPOSE 9000
            CMD ["uv", "run", "uvicorn", "app.main:app", "--host", "0.0.0.0", "--port", "9000", "--reload"]
        """,
        "compose.yaml": """
            services:
              support-agent:
                build: .
                deploy:
                  resources:
                    limits: {memory: 768m, cpus: "0.5"}
        """,
        "app/__init__.py": "",
        "app/main.py": """
            from fastapi import FastAPI
            from app.api import chat

            app = FastAPI()
            app.include_router(chat.router, prefix="/v1")

            @app.get("/health/ready")
            def ready():
                return {"status": "ok"}
        """,
        "app/api/__init__.py": "",
        "app/api/chat.py": """
            import subprocess
            from openai import OpenAI
            from fastapi import APIRouter
            from app.schemas import ChatRequest, ChatResponse
            from app.settings import settings

            router = APIRouter(prefix="/chat")
            client = OpenAI(api_key=settings.openai_api_key)

            @router.post("/completions", response_model=ChatResponse)
            async def complete(request: ChatRequest):
                subprocess.run(["rg", request.message, "./articles"], timeout=5)
                return client.responses.create(model="gpt-4.1-2025-04-14", input=request.message)

            @router.post("/feedback")
            async def feedback(stars: int):
                return {"message": "thanks"}
        """,
        "articles/delivery.md": "Two days.\n",
        "app/schemas.py": """
            from typing import Literal
            from pydantic import BaseModel

            class Base(BaseModel):
                session_id: str

            class ChatRequest(Base):
                message: str
                tone: Literal["kind", "short"]
                stream: bool = True
                limit: int = 5

            class ChatResponse(BaseModel):
                id: str
                reply: str
        """,
        "app/settings.py": """
            from typing import Literal
            from pydantic_settings import BaseSettings

            class Settings(BaseSettings):
                openai_api_key: str
                database_url: str = "postgresql://localhost:5432/support"
                log_level: Literal["DEBUG", "INFO"] = "INFO"
                retries: int = 3

            settings = Settings()
        """,
    },
    "flask with a factory and a blueprint": {
        "web/__init__.py": """
            from flask import Flask
            from web.ask import ask

            def create_app():
                app = Flask(__name__)
                app.register_blueprint(ask, url_prefix="/api")
                return app
        """,
        "web/ask.py": """
            import os
            from flask import Blueprint, jsonify, request

            ask = Blueprint("ask", __name__)
            os.environ["ANTHROPIC_API_KEY"]

            @ask.route("/question", methods=["POST"])
            def question():
                data = request.get_json()
                return jsonify({"answer": data["question"], "sources": data.get("sources", [])})
        """,
    },
    "aiohttp": {
        "server.py": """
            import os
            from aiohttp import web

            async def ask(request):
                body = await request.json()
                return web.json_response({"result": body["query"]})

            app = web.Application()
            app.router.add_post("/ask", ask)
            app.router.add_get("/ping", lambda request: web.Response())

            if __name__ == "__main__":
                web.run_app(app, port=int(os.getenv("PORT", "9090")))
        """,
    },
    "starlette": {
        "main.py": """
            import uvicorn
            from starlette.applications import Starlette
            from starlette.responses import JSONResponse
            from starlette.routing import Route

            async def answer(request):
                data = await request.json()
                return JSONResponse({"output": data["prompt"]})

            app = Starlette(routes=[Route("/answer", answer, methods=["POST"])])

            if __name__ == "__main__":
                uvicorn.run("main:app", host="0.0.0.0", port=8123)
        """,
    },
    "http.server": {
        "agent.py": """
            import json
            from http.server import BaseHTTPRequestHandler, HTTPServer

            class Handler(BaseHTTPRequestHandler):
                def do_POST(self):
                    if self.path != "/ask":
                        return self.reply(404, {"error": "no"})
                    body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                    self.reply(200, {"answer": body["question"]})

            if __name__ == "__main__":
                HTTPServer(("", 8099), Handler).serve_forever()
        """,
    },
    "events": {
        "main.py": """
            import json
            from fastapi import FastAPI, Request
            from fastapi.responses import StreamingResponse

            app = FastAPI()

            @app.post("/chat")
            async def chat(request: Request):
                data = await request.json()

                async def events():
                    for word in data["message"].split():
                        yield f"data: {json.dumps({'delta': word})}\\n\\n"
                    yield "data: [DONE]\\n\\n"

                return StreamingResponse(events(), media_type="text/event-stream")
        """,
    },
    "langgraph": {
        "langgraph.json": '{"dependencies": ["."],\n "graphs": {"support": "./src/graph.py:graph"}}',
        "src/graph.py": """
            from langchain.chat_models import init_chat_model

            model = init_chat_model("anthropic:claude-sonnet-4-5-20250929")
            graph = model
        """,
    },
    "adk": {
        "weather/__init__.py": "from . import agent\n",
        "weather/agent.py": """
            from google.adk.agents import Agent

            root_agent = Agent(name="weather", model="gemini-2.5-flash", instruction="Be kind.")
        """,
    },
    "procfile": {
        "Procfile": """
            release: python migrate.py
            web: gunicorn -k uvicorn.workers.UvicornWorker main:app -b 0.0.0.0:$PORT
        """,
        "main.py": """
            from fastapi import FastAPI

            app = FastAPI()

            @app.get("/ask")
            def ask(q: str, lang: str):
                return {"answer": q}
        """,
    },
    "a function": {
        "app.py": """
            from openai import OpenAI

            client = OpenAI()

            def agent(text: str) -> str:
                return client.responses.create(model="gpt-4.1-2025-04-14", input=text).output_text
        """,
    },
    "a command that answers once": {
        "ask.py": """
            import argparse

            parser = argparse.ArgumentParser()
            parser.add_argument("question")
            parser.add_argument("--model", default="gpt-4.1")

            if __name__ == "__main__":
                print(parser.parse_args().question)
        """,
    },
    "a tool server": {
        "server.py": """
            from mcp.server.fastmcp import FastMCP

            mcp = FastMCP("notes")

            @mcp.tool()
            def search(query: str) -> str:
                return query

            if __name__ == "__main__":
                mcp.run()
        """,
    },
    "several applications": {
        "admin/main.py": """
            from fastapi import FastAPI

            app = FastAPI()

            @app.get("/users")
            def users():
                return []
        """,
        "agent/main.py": """
            from fastapi import FastAPI
            from pydantic import BaseModel

            class Query(BaseModel):
                query: str

            app = FastAPI()

            @app.post("/query")
            def ask(query: Query) -> dict:
                return {"output": query.query}
        """,
    },
    "a node service": {
        "package.json": '{\n  "name": "shop",\n  "scripts": {"start": "node server.mjs"}\n}\n',
        "server.mjs": "// listens\n",
    },
}


@pytest.mark.parametrize("name", PROJECTS)
def test_the_file_is_written_like_this(
    name: str, text_of: Callable[[Mapping[str, str]], str], snapshot: SnapshotAssertion
) -> None:
    assert text_of(PROJECTS[name]) == snapshot
