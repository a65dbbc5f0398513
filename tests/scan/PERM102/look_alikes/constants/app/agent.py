from app.constants import CACHE_DIR, PROMPTS


def keep(name, text):
    with open(CACHE_DIR / name, "w") as file:
        file.write((PROMPTS / name).read_text() + text)
