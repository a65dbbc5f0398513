import asyncio
import time

import requests
from fastapi import FastAPI
from openai import AsyncOpenAI

app = FastAPI()
client = AsyncOpenAI(timeout=10)


def search(query):
    time.sleep(1)
    return requests.get("https://api.example.com", timeout=5)


@app.post("/sync")
def synchronous(query: str):
    return search(query)


@app.post("/agent")
async def answer(query: str):
    await asyncio.sleep(1)
    await asyncio.to_thread(requests.get, "https://api.example.com", timeout=5)
    await asyncio.to_thread(lambda: requests.get("https://api.example.com", timeout=5))

    def later():
        time.sleep(1)

    await asyncio.to_thread(later)
    return await client.chat.completions.create(model="m", messages=[])
