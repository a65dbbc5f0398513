import os

from fastapi import FastAPI
from openai import AsyncOpenAI, OpenAI

app = FastAPI()
client = AsyncOpenAI(timeout=10) if "ASYNC" in os.environ else OpenAI(timeout=10)


@app.post("/agent")
async def answer(query: str):
    return client.chat.completions.create(model="m", messages=[])
