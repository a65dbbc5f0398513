import os
import traceback
from pathlib import Path

from fastapi import FastAPI

from app.linting import Linter

app = FastAPI()


def readable_traceback():
    here = os.getcwd()
    return traceback.format_exc().replace(here, ".")


def without_folder(text):
    return text.replace(os.getcwd(), "")


def main():
    folder = os.getcwd()
    print(f"started in {folder}")
    return f"You work in {folder}"


def shown_in(program, path):
    return program.open(os.getcwd() + "/" + path)


@app.get("/lint")
def lint(name: str):
    return Linter(root=str(Path.cwd().resolve())).lint(name)
