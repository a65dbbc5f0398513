import os
import sqlite3
import sys
import zipfile
from importlib import resources
from pathlib import Path

from dotenv import find_dotenv, load_dotenv
from flask import Flask, send_from_directory
from loguru import logger
from sqlalchemy import create_engine

app = Flask(__name__, template_folder="templates")
load_dotenv()
load_dotenv(find_dotenv())
logger.add(sys.stderr, level="INFO")
ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT.joinpath("data")
engine = create_engine("postgresql://db/agent")
other = create_engine(os.environ.get("DATABASE_URL", "sqlite:///agent.db"))
memory = create_engine("sqlite:///:memory:"), create_engine("sqlite://"), sqlite3.connect(":memory:")
CACHE = Path.home() / ".cache" / "agent"
USERS = Path("~/.agent").expanduser()


class Store:
    def __init__(self, path="store.json", root=None):
        self.path = path
        self.root = Path(root or DATA)

    def load(self):
        return open(self.path).read(), (self.root / "index.json").read_text()


@app.route("/files/<name>")
def files(name):
    with zipfile.ZipFile(DATA / "all.zip") as archive:
        inner = archive.open("inner/file.txt").read()
    prompt = resources.files("app").joinpath("prompt.md").read_text()
    (CACHE / "x.json").write_text(prompt)
    (USERS / "x.json").write_text(prompt)
    store = Store(os.environ["STORE"])
    return send_from_directory("static", name), inner, store, open(f"{DATA}/x.txt").read()
