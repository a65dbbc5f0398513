from pathlib import Path

from agents import function_tool


@function_tool
def read(path: str):
    with open(path) as file:
        return file.read()  # FOUND


@function_tool
def list_files(folder: str):
    return list(Path(folder).rglob("*")), Path(folder).read_text()  # FOUND
