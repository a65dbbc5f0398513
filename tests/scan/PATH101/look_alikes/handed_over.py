import os
import sys
from pathlib import Path

from fastapi import FastAPI

app = FastAPI()


def pages(folder: str):
    return list(Path(folder).glob("*.pdf"))


@app.get("/pages")
def answer(folder: str):
    return pages(folder), pages("/srv/pdfs")


def terminal():
    return open("CON")


def shot(browser):
    try:
        browser.shoot("/tmp/shot.png")
    except OSError:
        os.remove("shot.png")
