import json

import fastapi
import redis  # FOUND
from app.tools import search
from bs4 import BeautifulSoup  # FOUND
from openai import OpenAI
from pydantic import BaseModel
from rich import print  # FOUND


def answer(query):
    import yaml  # FOUND

    return yaml.safe_dump(query)
