"""Whatever the source holds, what init writes of it loads."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

from hypothesis import example, given, settings
from hypothesis import strategies as st

from roadworthy.init.discovery import drafted
from roadworthy.init.manifest_file import first
from roadworthy.manifest.loading import loads

TEXTS = st.text(max_size=12) | st.sampled_from(
    [
        "on",
        "/ask",
        "/a/{id}",
        "8080",
        "redis://[::1",
        "postgres://h:99999/x",
        "http://localhost:1/a b",
        "~/x",
        "../x",
        "a\nb",
    ]
)
SOURCE = """
import os, subprocess, redis, uvicorn
from typing import Literal
from fastapi import FastAPI
from pydantic import BaseModel
from pydantic_settings import BaseSettings
from openai import OpenAI

class Settings(BaseSettings):
    level: Literal[{0}, {1}] = {2}
    url: str = {0}
    port: int = {2}

class Body(BaseModel):
    query: str
    kind: Literal[{1}]
    more: str = {2}

app = FastAPI()
os.getenv({0}, {1})
os.environ[{2}]
int(os.environ.get("LIMIT", {0}))
redis.from_url({0})
redis.Redis(host={1}, port={2})
redis.from_url(os.getenv("SHOP_URL", {2}))
subprocess.run([{0}, {1}])
open({0}), open({1}, "w")
OpenAI(model={2})
OpenAI(model="gpt-" + {2})

@app.post({0}, response_model=Body)
def ask(body: Body):
    return {{{1}: body.query, "answer": {{{2}: 1}}}}

@app.get({1})
def look(query: str, other: str = {2}):
    return query

uvicorn.run(app, port={2})
"""
DOCKERFILE = 'FROM x\nENV A={0}\nWORKDIR /{1}\nEXPOSE {2}\nCMD ["python", "main.py", {3}]\n'


@settings(max_examples=60)
@given(TEXTS, TEXTS, TEXTS)
@example("PORT", "$PORT", "${A}")
@example("'\"\\", "{{input}}", "#")
def test_the_manifest_loads(one: str, two: str, three: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder, "project")
        root.mkdir()
        source = SOURCE.format(repr(one), repr(two), repr(three))
        (root / "main.py").write_text(source, "utf-8", errors="surrogatepass")
        dockerfile = DOCKERFILE.format(one, two, three, json.dumps(one))
        (root / "Dockerfile").write_text(dockerfile, "utf-8", errors="replace")
        (root / ".env.example").write_text(f"{one}={two}\nSHOP={three}\n", "utf-8", errors="replace")
        written = first(root, {})

        assert drafted(root, {}).agent
        loads(root / "roadworthy.yaml", written.after)
