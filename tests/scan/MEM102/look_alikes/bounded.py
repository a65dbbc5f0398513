from collections import deque
from functools import cache, lru_cache

from fastapi import FastAPI

app = FastAPI()
recent = deque(maxlen=100)
open_requests = {}
counted = []
latest = {}
TOOLS = []


def tool(function):
    TOOLS.append(function)
    return function


@cache
def settings():
    return {}


@lru_cache(maxsize=1024)
def embedded(text):
    return [text]


@app.post("/agent")
def answer(query: str, number: str):
    recent.append(query)
    open_requests[number] = query
    open_requests.pop(number)
    latest["query"] = query
    if len(counted) < 10:
        counted.append(query)
    return embedded(query), settings()
