from app.constants import CACHE_DIR


def keep(name, text):
    with open(CACHE_DIR / name, "w") as file:  # FOUND
        file.write(text)
