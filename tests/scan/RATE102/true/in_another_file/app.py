import asyncio

from fastapi import FastAPI

from search import looked_up

app = FastAPI()


@app.post("/agent")
async def answer(topics: list[str]):
    async def one(topic):
        return topic, await looked_up(topic)

    rows = list(topics or [])
    return await asyncio.gather(*[one(row) for row in rows])  # FOUND
