import logging
import os
import sqlite3
from pathlib import Path

HERE = Path(__file__).resolve().parent
DATA = HERE / "data"
DATA.mkdir(exist_ok=True)  # FOUND
database = sqlite3.connect(os.path.join(os.path.dirname(__file__), "agent.db"))  # FOUND
handler = logging.FileHandler("/var/log/agent.log")  # FOUND


def answer(query):
    with open(HERE / "history.log", "a") as log:  # FOUND
        log.write(query)
    Path("/etc/agent/state.json").write_text(query)  # FOUND
    return (DATA / "second.json").write_text(query)
