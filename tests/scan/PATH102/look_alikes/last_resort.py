import os
from pathlib import Path

from fastapi import FastAPI

app = FastAPI()


def home():
    if told := os.getenv("AGENT_HOME"):
        return Path(told)
    return Path.cwd()


def configured(name):
    current = Path.cwd()
    while current != current.parent:
        if (current / name).exists():
            return current / name
        current = current.parent
    return None


def nearest(name):
    for folder in (Path.cwd(), *Path.cwd().parents):
        if (folder / name).exists():
            return folder / name
    return None


def is_allowed(path):
    roots = [Path.cwd().resolve(), Path("/tmp").resolve()]
    return any(path.is_relative_to(root) for root in roots)


def run_params(task):
    return {"task": task, "cwd": os.getcwd()}


@app.get("/")
def answer(name: str):
    return str(home() / name), str(configured(name)), nearest(name), is_allowed(Path(name)), run_params(name)
