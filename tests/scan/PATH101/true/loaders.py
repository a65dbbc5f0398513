import logging
import os
import sqlite3
from pathlib import Path

import pandas as pd
from dotenv import load_dotenv
from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles
from jinja2 import Environment, FileSystemLoader
from loguru import logger
from sqlalchemy import create_engine

app = FastAPI()
app.mount("/static", StaticFiles(directory="static"), name="static")  # FOUND
load_dotenv("config/.env")  # FOUND
logger.add("logs/agent.log", rotation="10 MB")  # FOUND
logging.basicConfig(filename="agent.log")  # FOUND
engine = create_engine("sqlite:///./agent.db")  # FOUND
templates = Environment(loader=FileSystemLoader(["templates"]))  # FOUND
DATA = Path("data")


class Memory:
    def __init__(self, path: str = "memory.json", folder=DATA):
        self.path = Path(path)
        self.database = sqlite3.connect("memory.db")  # FOUND

    def load(self):
        return self.path.read_text()  # FOUND


@app.get("/")
def answer(name: str):
    prices = pd.read_csv(os.path.join("data", "prices.csv"))  # FOUND
    card = (DATA / "cards" / f"{name}.json").read_text()  # FOUND
    DATA.joinpath("out").mkdir(exist_ok=True)  # FOUND
    with open(os.path.abspath("answers.txt"), "a") as file:  # FOUND
        file.write(card)
    return Memory(), prices, Path("notes.md").resolve().read_text()  # FOUND
