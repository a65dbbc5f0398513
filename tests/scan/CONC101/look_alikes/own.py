import threading
from contextvars import ContextVar

from fastapi import FastAPI
from openai import OpenAI

app = FastAPI()
LANGUAGES = ["en", "de"]
TOOLS = {}
client = None
settings = {}
user = ContextVar("user")
seen = []
lock = threading.Lock()
results_cache = {}


def tool(function):
    TOOLS[function.__name__] = function
    return function


def get_client():
    global client
    if client is None:
        client = OpenAI(timeout=10)
    return client


@app.post("/agent")
def answer(query: str, who: str):
    user.set(who)
    messages = []
    messages.append(query)
    with lock:
        seen.append(query)
    results_cache.setdefault(query, get_client())
    return [language for language in LANGUAGES], messages


def renew():
    global settings
    settings = {"region": "eu"}


@app.post("/renewed")
def renewed():
    renew()
    return settings


def main():
    seen.append("start")


if __name__ == "__main__":
    main()
