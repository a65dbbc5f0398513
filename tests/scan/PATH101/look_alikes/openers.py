import os
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
CONFIG = os.environ.get("CONFIG_FILE", "config.yaml")


def answer(query, path, root: Path):
    with open(HERE / "prompts" / "system.txt") as file:
        prompt = file.read()
    settings = open(CONFIG).read()
    notes = (HERE / "notes.md").read_text()
    own = open(path).read()
    below = (root / "data").joinpath("x.json").read_text()
    with tempfile.TemporaryDirectory() as folder:
        open(os.path.join(folder, "draft.txt"), "w").write(prompt)
    of_another = open(f"{path}.json").read(), open(f"{root.resolve()}/x.json").read()
    return of_another, settings, notes, own, below, open("/etc/hostname").read()
