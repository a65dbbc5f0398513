import subprocess
from pathlib import Path

import requests
from agents import function_tool

LIMIT = 10_000


@function_tool
def run(command: str):
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, timeout=30)
    return done.stdout[:LIMIT]


@function_tool
def fetch(url: str):
    return requests.get(url, timeout=5).json()["title"]


@function_tool
def read(path: str):
    with open(path) as file:
        return file.read(LIMIT)


def helper(path):
    return Path(path).read_text()
