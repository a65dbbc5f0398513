import logging
import os
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
STATE = Path(os.environ.get("STATE_DIR", "/var/lib/agent"))
STATE.mkdir(exist_ok=True)
handler = logging.StreamHandler(sys.stdout)
HOSTS = open("/etc/hosts").read()
PROMPT = (HERE / "prompt.md").read_text()


def answer(query, folder: Path):
    with open(HERE / "cards.json", "r") as file:
        cards = file.read()
    Path("/tmp/agent.json").write_text(cards)
    Path("/var/tmp/agent.json").write_text(cards)
    (folder / "x.json").write_text(query)
    with tempfile.TemporaryDirectory() as scratch:
        Path(scratch, "x.json").write_text(query)
    return open(STATE / "history.log", "a")
