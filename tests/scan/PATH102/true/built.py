import os
import sys
from pathlib import Path

from fastapi import FastAPI

app = FastAPI()
sys.path.append(os.getcwd())  # FOUND
DATA = Path.cwd() / "data"  # FOUND
folder = os.getcwd()  # FOUND
CONFIG = os.path.join(folder, "config.yaml")
os.chdir("/srv/agent")  # FOUND


class Workspace:
    def __init__(self):
        self.root = Path.cwd()  # FOUND


@app.get("/")
def answer(name: str):
    return open(f"{os.getcwd()}/files/{name}").read()  # FOUND
