from functools import cache, lru_cache

from fastapi import FastAPI

app = FastAPI()
requests_seen = []
answers = {}


@cache  # FOUND
def embedded(text):
    return [text]


@lru_cache(maxsize=None)  # FOUND
def ranked(text):
    return [text]


@app.post("/agent")
def answer(query: str):
    requests_seen.append(query)  # FOUND
    answers[query] = embedded(query)  # FOUND
    return ranked(query)
