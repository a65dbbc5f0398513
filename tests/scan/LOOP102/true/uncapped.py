import subprocess
from pathlib import Path

import requests
from agents import function_tool


@function_tool
def run(command: str):
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, timeout=30)
    return done.stdout  # FOUND


@function_tool
def fetch(url: str):
    return requests.get(url, timeout=5).text  # FOUND


@function_tool
def read(path: str):
    return Path(path).read_text()  # FOUND
