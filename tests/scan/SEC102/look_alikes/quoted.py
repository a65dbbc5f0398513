import os
import shlex
import subprocess

from agents import function_tool


@function_tool
def search(query: str, count: int):
    subprocess.run(["rg", "--", query, "handbook"], timeout=5)
    os.system("ls handbook")
    subprocess.run(f"rg {shlex.quote(query)} handbook | head -{int(count)}", shell=True, timeout=5)


def cleaned():
    folder = "/tmp/agent"
    return os.system(f"rm -r {folder}")
