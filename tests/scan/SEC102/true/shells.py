import os
import subprocess

from agents import function_tool


@function_tool
def search(query: str):
    return subprocess.run(f"rg {query} handbook", shell=True, capture_output=True, timeout=5)  # FOUND


@function_tool
def listed(folder: str):
    command = "ls " + folder
    os.system(command)  # FOUND
