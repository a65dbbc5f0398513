import asyncio

import requests
from fastapi import FastAPI

app = FastAPI()


def safely(run):
    try:
        return run()
    except requests.RequestException:
        return None


def in_a_thread(run):
    return asyncio.get_running_loop().run_in_executor(None, run)


def found(query):
    def ask():
        return requests.get("https://search.example.com", params={"q": query}, timeout=5).json()  # FOUND

    return safely(ask)


async def apart(query):
    def ask():
        return requests.get("https://search.example.com", params={"q": query}, timeout=5).json()

    return await in_a_thread(ask)


@app.post("/agent")
async def answer(query: str):
    return found(query), await apart(query)
