import os
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
STATE = Path(os.environ["STATE_FOLDER"])


def answer(query, folder):
    prompt = (HERE / "prompt.md").read_text()
    (STATE / "last.txt").write_text(query)
    (Path(folder) / "x").write_text(query)
    with open("/etc/hostname") as file:
        prompt += file.read()
    with tempfile.TemporaryDirectory() as scratch, open(Path(scratch) / "x", "w") as file:
        file.write(prompt)
    with open("/tmp/agent.txt", "w") as file:
        file.write(query)
