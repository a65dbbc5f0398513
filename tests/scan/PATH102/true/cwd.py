import os
from pathlib import Path

ROOT = os.getcwd()  # FOUND


def answer(query):
    os.chdir("/tmp")  # FOUND
    return Path.cwd() / "data"  # FOUND
