import subprocess

from langchain_core.tools import tool


def run(command):
    return subprocess.run(command, shell=True, timeout=60)


@tool
def plot(code: str):
    run("docker exec sandbox pip install matplotlib")
    run("pip list")
    return run(f"python -c {code}")
