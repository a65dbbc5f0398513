import os
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = os.environ.get("ROOT", os.getcwd())


def search(folder=os.getcwd()):
    return HERE / folder
