import os
from itertools import islice
from pathlib import Path

from agents import function_tool

HERE = Path(__file__).parent


@function_tool
def read(path: str):
    prompt = (HERE / "prompt.md").read_text()
    with open(path) as file:
        return prompt, file.read(10_000)


@function_tool
def measured(path: str):
    if os.stat(path).st_size > 1_000_000:
        return "too large"
    with open(path) as file:
        return file.read()


@function_tool
def list_files(folder: str):
    return list(islice(Path(folder).rglob("*"), 1000))


def load(path):
    return open(path).read()
