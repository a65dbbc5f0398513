import os
from pathlib import Path

from fastapi import FastAPI

app = FastAPI()


def home(name):
    if not name:
        return None
    return Path.cwd() / "data" / name  # FOUND


@app.get("/")
def answer(name: str):
    current = Path.cwd()  # FOUND
    folder = os.path.join(os.getcwd(), "data")  # FOUND
    return home(name), (current / name).read_text(), folder
