import asyncio

from fastapi import FastAPI

from clients import get_client
from providers import get_provider

app = FastAPI()


@app.post("/agent")
async def answer(query: str):
    provider = get_provider(query)
    reply = await asyncio.to_thread(provider.ask, query)
    return reply, await get_client().chat.completions.create(model="gpt-4.1", messages=[])
