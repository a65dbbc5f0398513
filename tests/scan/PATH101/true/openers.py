import io
import json
from datetime import datetime
from logging import FileHandler
from pathlib import Path

CONFIG = "config/settings.yaml"


def answer(query):
    with open("prompts/system.txt") as file:  # FOUND
        prompt = file.read()
    settings = open(CONFIG).read()  # FOUND
    notes = Path("notes.md").read_text()  # FOUND
    folder = Path("data")
    names = list(folder.glob("*.json"))  # FOUND
    cards = json.load(io.open(f"cards/{query}.json"))  # FOUND
    return prompt, settings, notes, names, cards, FileHandler("agent.log")  # FOUND


def keep(session_id, text):
    with open(f"{session_id}.json", "w") as file:  # FOUND
        file.write(text)
    return json.load(open("data/" + "own.json"))  # FOUND


def report(text):
    when = datetime.now().strftime("%Y-%m-%d")
    with open(f"{when}.md", "w") as file:  # FOUND
        file.write(text)
