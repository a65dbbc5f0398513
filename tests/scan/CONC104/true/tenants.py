import io
import os
from contextlib import redirect_stderr, redirect_stdout

from fastapi import FastAPI

app = FastAPI()


async def connection(tenant):
    return {"tenant": tenant}


def run(code):
    own = io.StringIO()
    with redirect_stdout(own), redirect_stderr(own):  # FOUND
        exec(code)
    return own.getvalue()


def given(variables):
    for name, value in variables.items():
        os.environ[name] = value  # FOUND


@app.post("/agent")
async def answer(code: str, claims: dict, key: str):
    found = await connection(tenant=claims.get("tenant"))
    if found.get("tenant"):
        os.environ["DEFAULT_TENANT"] = str(found.get("tenant"))  # FOUND
    os.environ.setdefault("OPENAI_API_KEY", key)  # FOUND
    given(claims)
    return run(code)
