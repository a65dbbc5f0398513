import asyncio

from fastapi import FastAPI
from fastapi.responses import StreamingResponse

import shop

app = FastAPI()


@app.post("/agent")
async def answer(query: str):
    lines = shop.lines(query)
    await asyncio.to_thread(shop.prices, query)
    return StreamingResponse(lines), shop.rates()


@app.post("/sync")
def synchronous(query: str):
    return shop.prices(query), asyncio.run(shop.alone(query))
