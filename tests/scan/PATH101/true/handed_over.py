from pathlib import Path

from fastapi import FastAPI

app = FastAPI()
STORED = "./pdfs"


def pages(folder: str):
    place = Path(folder)
    return list(place.glob("*.pdf"))  # FOUND


ALL = pages(STORED)
