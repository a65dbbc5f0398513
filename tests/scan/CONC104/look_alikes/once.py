import asyncio
import io
import os
import re
from contextlib import redirect_stdout
from pathlib import Path

from fastapi import FastAPI

app = FastAPI()


def version():
    found = re.search("version = (.*)", Path(__file__).with_name("pyproject.toml").read_text())
    if found:
        number = f"{found.group(1)}"
        os.environ["LIBRARY_VERSION"] = number
        return number
    number = "unknown"
    os.environ["LIBRARY_VERSION"] = number
    return number


def made():
    return "made"


def secret(folder):
    if not os.environ.get("JWT_SECRET"):
        os.environ["JWT_SECRET"] = made()
    if "AGENT_HOME" not in os.environ:
        os.environ["AGENT_HOME"] = folder
    os.environ.setdefault("AGENT_CACHE", folder)
    return os.environ["JWT_SECRET"]


def applied(settings):
    os.environ["REGION"] = settings.region
    for name in ("LANG", "TZ"):
        os.environ[name] = "C"


class Runner:
    def __init__(self):
        self.lock = asyncio.Lock()

    def run(self, code):
        with redirect_stdout(io.StringIO()) as own:
            exec(code)
        return own.getvalue()

    async def one_by_one(self, code):
        async with self.lock:
            return await asyncio.to_thread(self.run, code)


@app.post("/agent")
async def answer(code: str):
    applied(app)
    return version(), secret("/srv/agent"), await Runner().one_by_one(code)
