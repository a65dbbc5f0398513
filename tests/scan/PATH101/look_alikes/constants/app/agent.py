from app import constants
from app.constants import DATA_DIR, INDEX_DIR


def answer(name):
    with open(constants.PROMPT_FILE) as file:
        return file.read() + (DATA_DIR / name).read_text() + open(f"{INDEX_DIR}/{name}").read()
