from app import constants
from app.constants import DATA_DIR


def answer(name):
    with open(constants.PROMPT_FILE) as file:  # FOUND
        return file.read() + (DATA_DIR / name).read_text()  # FOUND
