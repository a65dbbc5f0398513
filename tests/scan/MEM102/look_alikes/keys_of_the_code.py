import logging
from functools import cache
from pathlib import Path

from fastapi import FastAPI

from settings import settings

app = FastAPI()
picked = {}
templates = {}
loggers = {}
engines = {}
composed = {}
known_tools = {}
waiting = []
callbacks = []
costs = {}
answers = {}


def tool_for(purpose):
    picked[purpose] = purpose.upper()
    return picked[purpose]


def template(path, folder):
    templates[(path, str(Path(folder)))] = Path(path).name
    return templates


def logger(namespace):
    return loggers.setdefault(namespace, logging.getLogger(namespace))


def engine(url):
    if url not in engines:
        engines[url] = object()
    return engines[url]


def loaded():
    key = tuple(settings.TOOLS)
    composed[key] = [*key]
    composed[f"remote_{settings.BASE_URL}_{settings.MODEL}"] = key
    return composed[key]


@cache
def schema_for(snapshot_frequency: int, preset: str):
    return [snapshot_frequency, preset]


@cache
def client_for(url: str):
    return {"at": url}


def forgotten(mapping, most):
    for key in [*mapping][:most]:
        mapping.pop(key)


def evict_oldest(mapping):
    forgotten(mapping, 1)


@app.post("/agent")
def answer(query: str, preset: str, model: str, user_id: str, callback):
    waiting.append(query)
    waiting[:] = [each for each in waiting if each != query]
    callbacks.append(callback)
    costs[model] = len(query)
    answers[query] = costs[model]
    evict_oldest(answers)
    known_tools[preset] = loaded()
    return tool_for("read"), template("plain.txt", "/srv"), logger("app"), engine("sqlite://"), (schema_for(1, preset), client_for("/"))
